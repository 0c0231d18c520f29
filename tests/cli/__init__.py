"""The verbs, run as a person or a script runs them."""
