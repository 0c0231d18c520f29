"""Tests mirror the package; `support` holds what several of them build on."""
