"""What the collector and the store do when things break: each file one fault, each test one figure."""
