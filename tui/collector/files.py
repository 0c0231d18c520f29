"""How the collector's own files beside the store (lease, token, socket) are protected."""

import os
from pathlib import Path


def beside(store: Path, suffix: str) -> Path:
    """`sev.db` and `.lease` → `sev.db.lease` in the same folder."""
    return store.with_name(store.name + suffix)


def team_of(store: Path) -> int | None:
    """The group that shares a store; None where it is one person's."""
    folder = store.parent.stat()
    return folder.st_gid if folder.st_mode & 0o2000 else None


def mode_for(path: Path) -> int:
    """0660 in a set-group-id folder, which marks a store that a group shares; else 0600."""
    return 0o660 if path.parent.stat().st_mode & 0o2000 else 0o600


def protect(descriptor: int, path: Path) -> None:
    """Give an open file its mode whatever the umask; another member's file keeps the mode it has."""
    if os.fstat(descriptor).st_uid == os.geteuid():
        os.fchmod(descriptor, mode_for(path))
