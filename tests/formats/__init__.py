"""Tests of the wire formats, over a small set of bodies in `samples/`."""
