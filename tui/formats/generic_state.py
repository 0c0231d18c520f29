"""How a home-made body says it is: by a status, by true and false, by an exit code, or by the name of its event."""

import re
from typing import Final

from tui.formats.base import first_text, whole
from tui.formats.decode import Json
from tui.formats.generic_fields import RUNS, attempts_of, text_of
from tui.formats.generic_words import CALM, fails, joined, status_of, status_of_event
from tui.model.signal import SignalStatus

EVENT: Final = ("event", "event_type", "type")
"""Fields that name what sort of event a body tells of."""

_FLAGS: Final = ("success", "ok", "passed", "healthy")
_EXITS: Final = ("exit_code", "exitcode", "exit_status", "return_code", "returncode", "rc", "exit")
_LEFT: Final = ("retries_left", "attempts_left", "retries_remaining", "attempts_remaining")


def event_of(item: dict[str, Json]) -> str:
    """The name of the event; empty where the body names none."""
    return first_text(item, *EVENT)


def state_of(item: dict[str, Json]) -> tuple[SignalStatus, bool]:
    """How it is, and whether the body states that, rather than that it follows from what is left out."""
    word = text_of(item, "status")
    told = (status_of(word) or SignalStatus.UNKNOWN) if word else flagged(item)
    event = status_of_event(event_of(item)) if told is None else None
    status = told or event
    if status is None:
        calm = joined(text_of(item, "severity")) in CALM
        return SignalStatus.INFO if calm else SignalStatus.FIRING, False
    return _tried(item, word, status), told is not None or event is SignalStatus.FIRING


def _tried(item: dict[str, Json], word: str, status: SignalStatus) -> SignalStatus:
    """A failure with attempts left is a retry; a run that is `ok` ended well and is not the end of an alert."""
    if status is SignalStatus.FIRING and (not word or fails(word)):
        return SignalStatus.RETRYING if tries_again(item) else status
    ran = attempts_of(item)[0] is not None or any(first_text(item, name) for name in RUNS)
    return SignalStatus.SUCCEEDED if joined(word) in ("ok", "okay") and ran else status


def tries_again(item: dict[str, Json]) -> bool:
    """Whether what failed will be tried again: it says so, or there are attempts left."""
    if isinstance(again := item.get("will_retry"), bool):
        return again
    left = next((n for name in _LEFT if (n := whole(item.get(name))) is not None), None)
    attempt, most = attempts_of(item)
    return left > 0 if left is not None else attempt is not None and most is not None and attempt < most


def flagged(item: dict[str, Json]) -> SignalStatus | None:
    """What true and false, or a process's exit code, say of a run; None where there is neither."""
    if item.get("will_retry") is True:
        return SignalStatus.FIRING
    codes = [text for name in _EXITS if re.fullmatch(r"-?[0-9]{1,10}", text := first_text(item, name))]
    said = [int(code) == 0 for code in codes] + [flag for name in _FLAGS if isinstance(flag := item.get(name), bool)]
    return None if not said else SignalStatus.SUCCEEDED if said[0] else SignalStatus.FIRING
