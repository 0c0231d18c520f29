"""How things are written everywhere on the screen: severities, states, clocks."""

from datetime import datetime
from typing import Final

import msgspec

from tui.console.ink import Ink, Piece
from tui.model.moment import due
from tui.model.severity import Severity

INKS = {Severity.SEV1: Ink.SEV1, Severity.SEV2: Ink.SEV2, Severity.SEV3: Ink.SEV3}
CHIPS = {Severity.SEV1: Ink.SEV1_CHIP, Severity.SEV2: Ink.SEV2_CHIP, Severity.SEV3: Ink.SEV3_CHIP}
IN_ASCII: Final = str.maketrans("▲■●◆◇✓✎»«→←×·–—…◉○─│└↶▸Δ›“”", '!=-*o+\'><><x.--.@o-||<>D>""')
"""The product's own signs; each is one column wide and so is what stands for it."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Taste and moment: what time it is, which zone clock times are in, and whether signs must be ASCII."""

    now: datetime
    local: bool = False
    ascii: bool = False

    def clock(self, at: datetime, *, seconds: bool = False) -> str:
        """A clock time; with the date when it isn't today."""
        shown, today = (at.astimezone(), self.now.astimezone()) if self.local else (at, self.now)
        told = shown.strftime("%H:%M:%S" if seconds else "%H:%M")
        return told if shown.date() == today.date() else f"{shown:%m-%d} {told}"

    def day(self, at: datetime) -> str:
        """The date line of a timeline."""
        shown = at.astimezone() if self.local else at
        return f"{shown:%Y-%m-%d} {shown.tzname() or 'UTC'}"

    def due(self, at: datetime) -> str:
        """`in 3m`, `late 4m`, or the day where it is further than one: `Mon 17:00`."""
        if (at - self.now).total_seconds() < 86_400:
            return due(at, self.now)
        shown = at.astimezone() if self.local else at
        return f"{shown:%a %H:%M}" if (at - self.now).days < 6 else f"{shown:%m-%d}"

    def due_ink(self, at: datetime) -> Ink:
        """Late is red, within ten minutes orange."""
        left = (at - self.now).total_seconds()
        if left < 0:
            return Ink.LATE
        return Ink.DUE if left <= 600 else Ink.DIM

    def shape(self, severity: Severity) -> str:
        return severity.ascii_shape if self.ascii else severity.shape

    def severity(self, severity: Severity) -> Piece:
        """Shape and word in the severity's ink."""
        return Piece(f"{self.shape(severity)} {severity.word}", INKS[severity])

    def chip(self, severity: Severity) -> Piece:
        """Shape and word on the severity's ground."""
        return Piece(f" {self.shape(severity)} {severity.word} ", CHIPS[severity])

    def sign(self, text: str) -> str:
        """`text`, in ASCII where that was asked for."""
        return text.translate(IN_ASCII) if self.ascii else text
