"""Drills: scenarios, and playing them."""
