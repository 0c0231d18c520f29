"""Wire formats: what a tool sent, bytes in, signals out. Pure: no I/O and no clock.

`decode` makes JSON of bytes, `base` holds what all formats share, each format has a file
of its own, `registry` names them, recognises them and is the one door: `registry.read`.
"""
