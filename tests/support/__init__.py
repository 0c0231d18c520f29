"""What tests build on: a scene that fills a store, and a real terminal."""
