"""Names behind uids: what a login is called on this machine, and when a person went by another name than that."""

import os
import pwd
from functools import lru_cache
from typing import Final

from tui.model.text import Safe, person

ELSEWHERE: Final = -1
"""The uid of people whom no kernel knows: the colleagues of a demo."""


@lru_cache(maxsize=256)
def name_of(uid: int) -> Safe | None:
    """The login name of `uid` in this machine's list of users; None where it has none."""
    try:
        return person(pwd.getpwuid(uid).pw_name)
    except (KeyError, OverflowError):
        return None


def own_name(uid: int) -> Safe:
    """What somebody is called who says no name: the login name, else the environment's, else the number."""
    return name_of(uid) or person(os.environ.get("LOGNAME") or f"uid{uid}")


def other_login(name: str, uid: int) -> Safe | None:
    """The login under which `name` acted, where it is another one; None where they are the same."""
    if uid == ELSEWHERE:
        return None
    login = name_of(uid)
    if login is None:
        return None if name in (f"uid{uid}", os.environ.get("LOGNAME")) else Safe(f"uid {uid}")
    return None if name == login else login


def group_of(gid: int) -> Safe:
    """What a group is called on this machine, else its number."""
    import grp

    try:
        return person(grp.getgrgid(gid).gr_name)
    except (KeyError, OverflowError):
        return Safe(str(gid))
