"""The ballast: a file beside the store that holds room on the disk, to be given up when there is none left.

What a full disk would refuse, an acknowledge or the log of the fault, can be written into that room.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from tui.store.files import mode_in, side

SIZE: Final = 8 << 20
"""Bytes of the ballast."""

MARGIN: Final = 8 << 20
"""Bytes that stay free when it is made: a ballast that fills the disk would do the harm it is kept against."""


def place(store: Path) -> Path:
    """Where the ballast of a store lies."""
    return side(store, ".ballast")


def is_whole(store: Path) -> bool:
    """Whether the ballast is there with every block of it."""
    try:
        found = place(store).stat()
    except OSError:
        return False
    return found.st_size == SIZE and found.st_blocks * 512 >= SIZE


def make(store: Path) -> bool:
    """Make the ballast where it is missing and there is room for it; whether it is there now.

    Its bytes are random, so that no file system packs them or leaves holes instead.
    """
    if is_whole(store):
        return True
    if free_bytes(store.parent) < SIZE + MARGIN:
        return False
    fresh = side(store, f".ballast-{os.getpid()}")
    try:
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.fchmod(file, mode_in(store.parent))
            written = 0
            while written < SIZE:
                written += os.write(file, os.urandom(min(1 << 20, SIZE - written)))
            os.fsync(file)
        finally:
            os.close(file)
        fresh.replace(place(store))
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        return False
    return is_whole(store)


def free(store: Path) -> bool:
    """Give the ballast up; whether that made room. It is told in the log, once: by whoever took it away."""
    try:
        place(store).unlink()
    except OSError:
        return False
    import logging  # a verb that never meets a full disk starts without it

    logging.getLogger("sev.store").error("the disk of %s is full: its ballast of %d MB was given up", store, SIZE >> 20)
    return True


def free_bytes(folder: Path) -> int:
    """Bytes that are free for us on the disk of `folder`."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
