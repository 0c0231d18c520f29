"""Real payloads in a folder of one's own: what becomes of every file. `SEV_PAYLOADS=DIR pytest -s` prints a table."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.errors import NotJsonError, RejectedError
from tui.formats.base import Payload
from tui.formats.decode import documents
from tui.formats.registry import read

FOLDER = Path(os.environ.get("SEV_PAYLOADS", ""))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FATES = ("parsed", "nothing", "rejected", "not JSON")


def fate(body: bytes) -> tuple[str, str]:
    """What becomes of one payload, and how: the format that took it and its reason, or why it was refused."""
    try:
        result = read(Payload(body=body, received_at=NOW))
    except NotJsonError as error:
        return "not JSON", error.why
    except RejectedError as error:
        return "rejected", error.why
    return ("parsed" if result.signals else "nothing"), f"{result.format}: {len(result.signals)}, {result.reason}"


def test_no_file_of_a_real_sender_breaks_the_reader() -> None:
    if "SEV_PAYLOADS" not in os.environ:
        pytest.skip("SEV_PAYLOADS names no folder of payloads")
    assert FOLDER.is_dir(), f"SEV_PAYLOADS: {FOLDER} is no folder"
    counts: dict[str, Counter[str]] = {}
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        group = path.parent.relative_to(FOLDER).as_posix()
        for body in documents(path.read_bytes()):
            what, how = fate(body)
            counts.setdefault(group, Counter())[what] += 1
            print(f"{what:9} {path.relative_to(FOLDER)}  {how[:120]}")
    width = max(map(len, counts), default=0)
    print(f"\n{'folder':{width}} {''.join(f'{word:>10}' for word in FATES)}")
    for group, count in counts.items():
        print(f"{group:{width}} {''.join(f'{count[word]:10}' for word in FATES)}")
