"""The nouns: text, time, severity, IDs, durations, what an analysis lacks."""
