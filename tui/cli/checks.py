"""What the doctor asks of the files around a store, its sources and the terminal's clipboard."""

import grp
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from tui.config import FOREVER, Config
from tui.model.moment import short_span, span
from tui.model.text import clean
from tui.store import ballast
from tui.store.engine import Connection, Store


class State(StrEnum):
    """How a check ended. A warning is worth a look; a fault means that something does not work."""

    OK = "ok"
    WARN = "warn"
    FAULT = "FAULT"


class Finding(NamedTuple):
    """What one check found."""

    state: State
    check: str
    text: str


def group(path: Path) -> Finding:
    """Whether a store in a shared folder can be used by the folder's group; one of a person's own needs none."""
    folder, own = path.parent.stat(), path.stat()
    if not folder.st_mode & 0o2000:
        return Finding(State.OK, "group", "none: the folder is not shared (mode 2770 would share it)")
    name = _group_name(folder.st_gid)
    closed = [file.name for file in _beside(path) if not _is_open_to(file, folder.st_gid)]
    if closed:
        told = f"{name} shares the folder, but cannot write {', '.join(closed)}: chgrp {name} and chmod g+rw"
        return Finding(State.FAULT, "group", told)
    return Finding(State.OK, "group", f"{name}, mode {stat.S_IMODE(own.st_mode):04o}")


def _beside(path: Path) -> list[Path]:
    """The store and what its members write: not copies, which are kept as they are."""
    names = [path.name, *(path.name + suffix for suffix in ("-wal", "-shm", "-journal", ".lease", ".token"))]
    return [file for name in names if (file := path.with_name(name)).exists()]


def _is_open_to(file: Path, gid: int) -> bool:
    found = file.stat()
    return found.st_gid == gid and found.st_mode & 0o060 == 0o060


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def sockets(config: Config) -> Iterator[Finding]:
    """The unix sockets that a collector listens on."""
    for listen in config.collector.listen:
        if not listen.startswith("unix:"):
            continue
        place = Path(listen.removeprefix("unix:")).expanduser()
        if not place.exists():
            yield Finding(State.OK, "socket", f"{place} is made when a collector starts")
        elif not place.is_socket():
            yield Finding(State.FAULT, "socket", f"{place} is no socket: remove it, a collector cannot listen there")
        elif (mode := stat.S_IMODE(place.stat().st_mode)) & 0o007:
            told = f"{place} has mode {mode:04o}, everybody can send to it without a token: chmod o= {place}"
            yield Finding(State.FAULT, "socket", told)
        else:
            yield Finding(State.OK, "socket", f"{place}, mode {mode:04o}")


def room(path: Path, *, collected: bool) -> Finding:
    """The ballast beside the store."""
    size = f"{ballast.SIZE >> 20} MB"
    if ballast.is_whole(path):
        return Finding(State.OK, "ballast", f"{size} beside the store, given up when the disk is full")
    if collected:
        return Finding(State.WARN, "ballast", f"none: the disk was full, or has no {size} to spare: free some space")
    return Finding(State.OK, "ballast", f"{size}, made when a collector runs")


def kept(path: Path) -> Iterator[Finding]:
    """Copies of the store beside it: from before a restore or a new layout."""
    copies = sorted(one for kind in ("before-restore", "layout") for one in path.parent.glob(f"{path.name}.{kind}-*"))
    if copies:
        size = sum(one.stat().st_size for one in copies) / 1e6
        names = ", ".join(one.name for one in copies)
        yield Finding(State.OK, "copies", f"{names}, {size:.1f} MB: delete what is not needed")


def sources(store: Store, now: datetime) -> Iterator[Finding]:
    """Sources that are pulled: those that can't be read, each with why."""
    from tui.store.sources import states

    pulled = store.read(states)
    ailing = [one for one in pulled if one.ails(now)]
    for one in ailing:
        why = f": {clean(one.last_error)}" if one.last_error else ""
        yield Finding(State.WARN, "sources", f"{one.name} silent {short_span(now - one.silent_since)}{why}")
    if pulled and not ailing:
        yield Finding(State.OK, "sources", f"{len(pulled)} pulled, all can be read")
    elif not pulled:
        yield Finding(State.OK, "sources", "none is pulled; tools send to the collector")


def retention(store: Store, config: Config | None) -> Finding:
    """What goes for its age, and where the log begins by now."""
    from tui.store.snapshot import begin

    def first(conn: Connection) -> int:
        return begin(conn).last + 1

    kept_for = config.retention if config else None
    words = [
        f"{what} {span(length) if length else FOREVER}"
        for what, length in (("payloads", kept_for and kept_for.payloads), ("events", kept_for and kept_for.events))
    ]
    return Finding(State.OK, "retention", f"{', '.join(words)}; the log begins at event {store.read(first)}")


def clipboard() -> Iterator[Finding]:
    """Whether tmux passes on what `y` copies."""
    if not os.environ.get("TMUX"):
        return
    tmux = shutil.which("tmux") or "tmux"
    try:
        asked = subprocess.run(
            [tmux, "show-options", "-gv", "set-clipboard"], capture_output=True, text=True, timeout=2, check=False
        )
        word = clean(asked.stdout.strip(), 20)
    except (OSError, subprocess.TimeoutExpired):
        word = clean("")
    if word == "on":
        yield Finding(State.OK, "clipboard", "tmux passes copies on")
    else:
        told = f"tmux has set-clipboard {word or 'unknown'}: copies may not arrive: tmux set -g set-clipboard on"
        yield Finding(State.WARN, "clipboard", told)
