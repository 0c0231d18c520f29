"""Whether this process may get at a store's file at all, told in one line that names the group to join."""

import os
import stat
from pathlib import Path

from tui.errors import StoreError


def need_reach(path: Path) -> None:
    """Raises StoreError where the store's folder or file is closed to this process; one that is not there passes."""
    try:
        path.stat()
    except PermissionError:
        raise _closed(path, _last_open(path)) from None
    except OSError:
        return
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise _closed(path, path)


def _last_open(path: Path) -> Path:
    """The innermost folder that can be looked at: it is the one that lets nobody in."""
    for folder in path.parents:
        try:
            folder.stat()
        except OSError:
            continue
        return folder
    return path


def _closed(path: Path, place: Path) -> StoreError:
    from tui.logins import group_of, own_name

    found = place.stat()
    who = own_name(os.geteuid())
    shares = stat.S_IMODE(found.st_mode) & 0o040
    if not shares:
        owner = own_name(found.st_uid)
        return StoreError(f"{who} cannot open {path}", f"{place} is open to {owner} alone", "ask them, or see --store")
    group = group_of(found.st_gid)
    return StoreError(
        f"{who} cannot open {path}",
        f"{place} is open to the group {group}, and {who} is not in it",
        f"ask for `usermod -aG {group} {who}` and log in again",
    )
