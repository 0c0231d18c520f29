"""What needs nobody for now: announced work, the team's maintenance windows, and what other trouble mutes."""

from datetime import datetime

from tui.model.catalog import normal
from tui.model.signal import Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.triage.muting import Mutes
from tui.triage.places import Places
from tui.triage.planned import Works
from tui.triage.rules import Rules, Window, fits, until
from tui.triage.trouble import Trouble
from tui.triage.verdicts import muted_by

_WELL = (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)


class Excuses:
    """Asked of each trouble whenever it speaks, and at the moment that it named when it was asked last."""

    def __init__(self, rules: Rules, places: Places) -> None:
        self._rules = rules
        self._places = places
        self._works: list[Works] = []
        self._mutes = Mutes(rules.mute)
        self._touched: dict[tuple[Window, int], bool] = {}

    def announce(self, works: Works) -> None:
        """Somebody said what is going to be done, and when."""
        self._works.append(works)

    def hear(self, trouble: Trouble, signal: Signal) -> None:
        """Note what a trouble is by its newest signal; an all-clear tells nothing of it."""
        if signal.status not in _WELL:
            self._mutes.hear(trouble, signal)

    def weigh(self, trouble: Trouble, now: datetime) -> datetime | None:
        """Bring `planned`, `muted_by` and `excuse` of a trouble up to date; when they have to be looked at again.

        A window excuses nothing that needed a person before; what mutes it does, as Alertmanager does.
        """
        trouble.planned, trouble.muted_by, trouble.excuse = False, None, Safe("")
        ends: datetime | None = None
        for works in self._works:
            if works.cover(trouble, self._places, now):
                trouble.planned, ends = True, works.excuses_until
        if trouble.case is None and (found := self._maintained(trouble, now)) is not None:
            trouble.planned, (trouble.excuse, ends) = True, found
        if not trouble.planned and (cause := self._mutes.by(trouble)) is not None:
            trouble.muted_by = cause.number
            trouble.excuse = muted_by(f"{cause.subject}: {cause.title}", trouble)
        return ends

    def _maintained(self, trouble: Trouble, now: datetime) -> tuple[Safe, datetime] | None:
        """The reason of the window that excuses a trouble longest, and when it ends."""
        windows = [(span.ends, window.name) for window, span in self._rules.open_at(now) if self._hits(window, trouble)]
        if not windows:
            return None
        ends, name = max(windows)
        return clean(f"maintenance: {name} until {until(ends, now)}"), ends

    def _hits(self, window: Window, trouble: Trouble) -> bool:
        at = (window, trouble.number)
        if at not in self._touched:
            self._touched[at] = touches(window, trouble, self._places)
        return self._touched[at]

    def hanging_on(self, trouble: Trouble) -> list[Trouble]:
        """What a trouble may mute, now that it spoke; one that is over is forgotten."""
        found = self._mutes.below(trouble)
        if not trouble.open:
            self._mutes.forget(trouble)
        return found


def touches(window: Window, trouble: Trouble, places: Places) -> bool:
    """Whether maintenance touches a trouble: its subject, its source, its node, or what that is made from."""
    names = {normal(trouble.subject), normal(trouble.source)}
    for node in (trouble.node, *places.up(trouble.node)) if trouble.node is not None else ():
        names |= places.graph.names_of(node)
    return any(fits(normal(glob), name) for glob in window.touches for name in names)
