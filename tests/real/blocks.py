"""The README's blocks for people's own tools, exactly as they are written there."""

import os
import re
from pathlib import Path
from typing import Final

from tests.support.servers import README, Collector

_BLOCK = re.compile(
    r"<!-- paste: (?P<name>[a-z-]+) -->\n+```(?P<language>[a-z]+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_ADDRESS: Final = "http://127.0.0.1:9911"
_TOKEN_FILE: Final = "/home/you/sev/sev.db.token"


def blocks() -> dict[str, tuple[str, str]]:
    """Every block by its name: its language and its text. `SEV_README` names another file than the README."""
    text = Path(os.environ.get("SEV_README") or README).read_text("utf-8")
    found = {one["name"]: (one["language"], one["text"]) for one in _BLOCK.finditer(text)}
    assert found, "no block is marked with <!-- paste: NAME -->"
    return found


def block(name: str) -> str:
    """The text of one block."""
    found = blocks()
    assert name in found, f"no block is marked with <!-- paste: {name} -->"
    return found[name][1]


def settings(name: str, sends_to: Collector, *, token: str = "") -> str:
    """A block of settings, with a collector's own address, its token's place and (for `token`) its token put in."""
    text = block(name)
    host = _ADDRESS.removeprefix("http://")
    assert host in text
    text = text.replace(host, sends_to.url.removeprefix("http://")).replace(_TOKEN_FILE, str(sends_to.token_file))
    if token:
        assert token in text
        text = text.replace(token, sends_to.token)
    return text
