"""Promises about the code itself: imports, start path, sizes, docstrings."""
