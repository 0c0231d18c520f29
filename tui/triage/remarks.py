"""What people and tools said without anything being wrong, kept by its number: which case it became part of."""

from collections import deque
from collections.abc import Set
from datetime import datetime
from typing import Final

from tui.model.signal import Kind, Signal, SignalStatus
from tui.triage import hearsay
from tui.triage.case import Case
from tui.triage.cases import Cases
from tui.triage.places import Places

_UNCLAIMED: Final = 200
_WELL: Final = (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)


class Remarks:
    """All that was said. It joins the case it speaks of, also one that comes a little later."""

    def __init__(self, cases: Cases, places: Places) -> None:
        self._cases = cases
        self._places = places
        self._heard: dict[int, int] = {}
        self._passed: set[int] = set()
        self._unclaimed: deque[tuple[int, Signal, datetime]] = deque(maxlen=_UNCLAIMED)

    def hear(self, serial: int, signal: Signal, common: Set[str], now: datetime) -> None:
        """Take in what was said."""
        case = hearsay.spoken_of(signal, self._cases, self._places, common, now)
        if case is not None:
            self._join(serial, signal, case)
        elif (signal.attempt or 1) > 1 and signal.status in _WELL:
            self._passed.add(serial)
        elif signal.status is SignalStatus.INFO and signal.kind is not Kind.CHANGE:
            self._unclaimed.append((serial, signal, now))

    def _join(self, serial: int, signal: Signal, case: Case) -> None:
        self._heard[serial] = case.number
        case.named += hearsay.causes_named(signal, case, self._places)
        if signal.kind is Kind.CHANGE:
            case.changed, case.mended = True, set()
        if signal.status in _WELL and (place := self._places.place_of(signal)) is not None:
            case.mended.add(place)
        self._cases.touch(case)

    def claim(self, case: Case, common: Set[str], now: datetime) -> None:
        """What was said before the case was there, and speaks of it, is part of it."""
        while self._unclaimed and now - self._unclaimed[0][2] > hearsay.BEFORE:
            self._unclaimed.popleft()
        claimed = [one for one in self._unclaimed if hearsay.names(one[1], case, self._places, common)]
        for one in claimed:
            self._heard[one[0]] = case.number
            self._unclaimed.remove(one)

    def case_of(self, serial: int) -> int | None:
        """The number of the standing case that a remark is part of."""
        case = self._heard.get(serial)
        if case is None or (standing := self._cases.standing(case)).withdrawn:
            return None
        return standing.number

    def passed(self, serial: int) -> bool:
        """Whether it told of a run that went well after another try."""
        return serial in self._passed
