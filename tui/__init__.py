"""sev: a terminal console that drives a data-pipeline incident from detection to post-mortem."""

__version__ = "0.1.0"
