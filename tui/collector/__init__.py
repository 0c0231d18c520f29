"""The door for signals: receives payloads, makes alerts of them, and runs the clocks.

`delivery`, `episodes`, `intake`, `tokens`, `lease` and `clocks` need no event loop; `queue`,
`receiver`, `connection`, `sockets` and `service` are the running collector.
"""
