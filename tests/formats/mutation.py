"""Bodies that nearly have a format's shape, and what must hold for whatever is read from them."""

import copy
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tui.errors import RejectedError
from tui.formats.base import Format, Payload
from tui.formats.decode import Json, parse_json
from tui.model.signal import Signal
from tui.model.text import Safe, clean

SAMPLES: Final = Path(__file__).parent / "samples"
NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)

_DROPPED: Final = "\0dropped"
_ODD: Final[SearchStrategy[Json]] = st.one_of(
    st.sampled_from(
        [
            _DROPPED,
            *(None, True, False, 0, -1, 3, 10**12, 1.5, 9.9e99),
            *("", " ", "$ALERT_ID", "{{ name }}", "%s", "\x1b]0;x\x07", "\ud800", "\u202ex", "x" * 70_000, "9" * 5_000),
            *("2026-11-24T02:00:00Z", "0001-01-01T00:00:00Z", "https://x.example/", "javascript:alert(1)", "1e400"),
            *(
                [],
                {},
                [None],
                [[]],
                [{}],
                {"": None},
                {"x": {"y": [1, {"z": None}]}},
                [["a", 1], ["b"], "c", {"key": 1}],
            ),
        ]
    ),
    st.text(max_size=20),
    st.integers(-(2**63), 2**63 - 1),
)
"""Values that a place was not made for."""

_Path = tuple[str | int, ...]


def mutations(value: Json) -> SearchStrategy[Json]:
    """`value` with up to four of its places bent: dropped, null, of another type, huge, hostile, or a bare template."""
    places = list(_places(value, ()))
    bends = st.lists(st.tuples(st.sampled_from(places), _ODD), max_size=4)
    return bends.map(lambda chosen: _bent(value, chosen))


def _places(value: Json, path: _Path) -> Iterator[_Path]:
    yield path
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _places(child, (*path, name))
    elif isinstance(value, list):
        for n, child in enumerate(value):
            yield from _places(child, (*path, n))


def _bent(value: Json, bends: list[tuple[_Path, Json]]) -> Json:
    root: dict[str, Json] = {"": copy.deepcopy(value)}
    for path, shared in bends:
        odd = copy.deepcopy(shared)
        parent: Json = root
        *way, last = ("", *path)
        for step in way:
            parent = _child(parent, step)
        if isinstance(parent, dict) and isinstance(last, str):
            parent[last] = odd
            if odd == _DROPPED and path:
                del parent[last]
        elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
            parent[last] = odd
    return root[""]


def _child(value: Json, step: str | int) -> Json:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def sample(name: str) -> Json:
    """The JSON value of a file in `samples/`."""
    return parse_json((SAMPLES / name).read_bytes())


def signals_of(
    format_: Format, body: Json, source: str | None = None, headers: Mapping[str, str] | None = None
) -> list[Signal]:
    """What a format reads from a body."""
    given = Safe(source) if source else None
    payload = Payload(body=json.dumps(body).encode(), received_at=NOW, headers=dict(headers or {}), source=given)
    return format_.read(body, payload)


def survives(format_: Format, body: Json, headers: Mapping[str, str] | None = None) -> None:
    """Whatever `body` is, it is refused in clean words or read as clean signals with a name and a key."""
    reason = format_.matches(body, headers or {})
    assert reason is None or (reason.strip() and len(reason) < 120)
    try:
        signals = signals_of(format_, body, headers=headers)
    except RejectedError as error:
        refused, signals = error.why, []
    else:
        refused = Safe("nothing")
    assert refused
    assert clean(refused, 1_000) == refused
    for signal in signals:
        texts = (signal.key, signal.title, signal.subject, signal.run or "", *signal.labels.values(), *signal.labels)
        assert [text for text in texts if clean(text) != text] == []
        assert signal.title
        assert signal.subject
        assert signal.format == format_.name
        assert signal.key.startswith(f"{signal.source}:")
        assert len(signal.key) <= 300
        assert all(at is None or at.tzinfo is UTC for at in (signal.at, signal.starts, signal.ended_at))
