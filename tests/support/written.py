"""What a program wrote to a terminal besides text: the sequences a Textual program needs, and anything else."""

import re
from typing import Final

_OWN: Final = re.compile(
    r"\x1b\[(?!5;53)[\d;]*m"  # colours, but the ones that no theme has and hostile texts use
    r"|\x1b\[\d+;\d+H"
    r"|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
    r"|\x1b\[\?\d+\$p|\x1b\[>\d+u|\x1b\[<u"
    r"|\x1b\](?:0|2|9|22|52);[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\)"
    r"|\x1b\[2[23];[012]t"
    r"|\r\n"
)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def stray(raw: bytes) -> str:
    """The first control character that is none of the program's own, with what stands around it; empty for none."""
    left = _OWN.sub("", raw.decode("utf-8", "replace"))
    found = _CONTROL.search(left)
    return "" if found is None else ascii(left[max(0, found.start() - 80) : found.end() + 80])
