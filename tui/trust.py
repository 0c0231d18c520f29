"""Whether a file that says what sev runs can be changed by people outside the team: its owner and the store's group."""

import os
import stat
from pathlib import Path
from typing import Final

_NO_GROUP: Final = -1  # of a store that is not there yet


def strangers_may_write(file: Path, store: Path) -> str:
    """Who outside may change `file`, in words; empty where nobody can. `store` names the group of the team.

    Whoever may write the folder may put another file in its place, so the folder counts as well.
    """
    try:
        team = store.parent.stat().st_gid if store.parent.exists() else _NO_GROUP
        places = (file, file.resolve().parent)
        return next((told for place in places if (told := _strangers(place, place.stat(), team))), "")
    except OSError as error:
        return f"{file} cannot be looked at: {error.strerror}"


def _strangers(place: Path, found: os.stat_result, team: int) -> str:
    mode = stat.S_IMODE(found.st_mode)
    keeps_names = stat.S_ISDIR(found.st_mode) and mode & stat.S_ISVTX  # as in /tmp: only an owner renames
    if mode & 0o002 and not keeps_names:
        return f"everybody may write {place} (mode {mode:04o})"
    if mode & 0o020 and found.st_gid != team and not keeps_names:
        return f"a group that is not the store's may write {place} (mode {mode:04o}, group {found.st_gid})"
    return ""
