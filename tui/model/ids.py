"""The IDs people type and read: `A-12`, `C-3`, `INC-7`, `E-31`, `ACT-4`, `CH-2`, `R-5`."""

import re
from typing import Final, NamedTuple

from tui.errors import UsageError

KINDS: Final = {
    "A": "alert",
    "C": "candidate",
    "INC": "incident",
    "E": "entry",
    "ACT": "action",
    "CH": "change",
    "R": "rejected payload",
}
_FORM = re.compile(r"(INC|ACT|CH|A|C|E|R)-?([1-9]\d{0,17})", re.IGNORECASE)


class Ref(NamedTuple):
    """A parsed ID: its prefix (a key of `KINDS`) and its number."""

    prefix: str
    number: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.number}"


def parse(text: str, *prefixes: str) -> Ref:
    """Read an ID, case and hyphen forgiven. Raises UsageError unless its prefix is one of `prefixes` (any if none)."""
    found = _FORM.fullmatch(text.strip())
    wanted = prefixes or tuple(KINDS)
    if found is None or found[1].upper() not in wanted:
        forms = " or ".join(f"{prefix}-n" for prefix in wanted)
        raise UsageError(
            f"{text!r} is not an ID of this kind", f"expected {forms}", "see `sev alerts` or `sev incidents`"
        )
    return Ref(found[1].upper(), int(found[2]))
