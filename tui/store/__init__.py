"""The only corridor: all SQL, and nothing but SQL and what it takes to run it safely.

`engine` opens and runs transactions, `log` appends to the chained event log, `projections/`
turns events into rows, `alerts`, `candidates`, `incidents`, `entries`, `learn` and `feed`
read rows back as values, `payloads` keeps raw deliveries, `integrity` proves the whole.
"""

from tui.store import sqlite as sqlite  # chosen on entering the room, before anything here can load aiosqlite
