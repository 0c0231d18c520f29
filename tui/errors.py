"""Every error that sev raises on purpose, and the exit code each one means.

    SevError                    1  the answer is no
    ├── NotFoundError           1  no such alert, incident, entry …
    ├── RejectedError           1  a payload that says nothing we can read; kept for a human
    │   └── NotJsonError        1  its bytes are not JSON at all, or JSON that no sender means
    ├── BrokenError             1  verify or doctor found a fault
    ├── UsageError              2  the words of a command are off
    │   └── ConfigError         2  sev.toml has mistakes; carries all of them
    ├── StoreError              3  the store cannot be used
    │   ├── StoreBusyError      3  somebody held it for longer than we wait
    │   ├── StoreFaultError     3  the disk failed under it
    │   ├── StoreFullError      3  the disk is full
    │   └── StoreTooNewError    3  written by a later sev; left untouched
    └── RefusedError            4  a rule of the practice says no
        └── ChangedError        4  somebody else changed it meanwhile

A message has the form WHAT: WHY: WHAT TO DO and is shown in one place: by the
command line on stderr, by the console in its message line. What it quotes was typed
or sent by somebody, so every part is made clean here, whoever raises it.
"""

from typing import Final

from tui.model.text import Safe, lines

_LONGEST: Final = 2_000
"""Characters of a part of a message."""


class SevError(Exception):
    """Root of the tree. `str(error)` is one line, fit to be shown to a person."""

    exit_code = 1

    def __init__(self, what: str, why: str = "", mend: str = "") -> None:
        self.what, self.why, self.mend = (lines(part, _LONGEST) for part in (what, why, mend))
        super().__init__(": ".join(part for part in (self.what, self.why, self.mend) if part))


class NotFoundError(SevError):
    """An ID or a name that the store does not hold."""


class RejectedError(SevError):
    """A payload whose content is broken or unknown: `why` says what is wrong with it."""


class NotJsonError(RejectedError):
    """A payload that is not JSON: empty, not UTF-8, NaN or Infinity, cut off, or nested too deep."""


class BrokenError(SevError):
    """A check of sev's own found a fault."""


class UsageError(SevError):
    """A command was given words it can't take."""

    exit_code = 2


class ConfigError(UsageError):
    """All mistakes of the settings at once, each `file:key: what: what to do`."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = [lines(mistake, _LONGEST) for mistake in mistakes]
        super().__init__("")
        self.what = Safe("\n".join(self.mistakes))  # however many there are
        self.args = (self.what,)


class StoreError(SevError):
    """The store cannot be opened, read or written."""

    exit_code = 3


class StoreBusyError(StoreError):
    """Another process held the store for longer than a person should wait."""


class StoreFaultError(StoreError):
    """The disk failed, or what it gave back is no sound store: what was written last may not be there."""


class StoreFullError(StoreError):
    """The disk is full: what is there can be read, nothing can be written."""


class StoreTooNewError(StoreError):
    """The store's layout is later than this program; it was not touched."""


class RefusedError(SevError):
    """A rule of the practice refuses. `forcible`: `--force --reason TEXT` may override it."""

    exit_code = 4

    def __init__(self, what: str, why: str = "", mend: str = "", *, forcible: bool = False) -> None:
        super().__init__(what, why, mend)
        self.forcible = forcible


class ChangedError(RefusedError):
    """Somebody else changed the object after the caller last saw it.

    `theirs` says what they made of it, `yours` what was to be written, `seq` which event of theirs it is. Where
    there is no choice to make the first two are empty.
    """

    def __init__(
        self, what: str, why: str = "", mend: str = "", *, theirs: str = "", yours: str = "", seq: int = 0
    ) -> None:
        super().__init__(what, why, mend)
        self.theirs, self.yours, self.seq = theirs, yours, seq
