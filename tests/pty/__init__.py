"""The whole program in a real terminal, against real servers: few tests, each a person's way through it."""
