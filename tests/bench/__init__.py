"""Measurements, each a command of its own; none of them runs with the tests."""
