"""The console: its renderers pure, its screens through a pilot, its pictures against the ones that are kept."""
