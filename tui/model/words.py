"""Taking the words out of an event's body: what somebody wrote goes, what happened to what stays. Pure."""

from typing import Final

import msgspec

from tui.model.events import AnyBody
from tui.model.signal import Links
from tui.model.text import Safe

ERASED: Final = Safe("redacted")
"""What stands where words were."""

NAMES: Final = frozenset(
    (
        "key", "source", "format", "subject", "root", "touches", "run", "severity_word", "actor", "role", "name",
        "before", "owner", "acknowledged_by", "newly", "head", "digest", "left",
    )
)  # fmt: skip
"""Fields that name something: without them nobody could tell what an event was about. Every other text is words."""

REFERENCES: Final = frozenset(("labels", "payload"))
"""Fields that point to what lies beside the log by its digest, which tells what it was to whoever guesses it."""


def words_of(body: AnyBody) -> tuple[str, ...]:
    """The texts that `without_words` takes out, none of them empty."""
    found: list[str] = []
    for name, value in _texts(body):
        found += value if isinstance(value, tuple) else [value]
        if name in REFERENCES:
            found.pop()
    if (links := _links(body)) is not None:
        found += [one for one in msgspec.structs.astuple(links) if one]
    return tuple(word for word in found if word and word != ERASED)


def references_of(body: AnyBody) -> dict[str, str]:
    """The digests that a body holds: of its labels, of the payload that it came in."""
    return {name: value for name, value in _texts(body) if name in REFERENCES and isinstance(value, str) and value}


def without_words(body: AnyBody) -> AnyBody:
    """The same body with `redacted` where words were, no links, no labels and no payload."""
    changed: dict[str, object] = {}
    for name, value in _texts(body):
        if name in REFERENCES:
            changed[name] = ""
        elif isinstance(value, tuple):
            changed[name] = tuple(ERASED for _ in value)
        elif value:
            changed[name] = ERASED
    if _links(body) is not None:
        changed["links"] = Links()
    return msgspec.structs.replace(body, **changed)


def _texts(body: AnyBody) -> list[tuple[str, str | tuple[str, ...]]]:
    """Fields of plain text and of several texts; members of an enumeration are none."""
    found: list[tuple[str, str | tuple[str, ...]]] = []
    for name in body.__struct_fields__:
        value = getattr(body, name)
        several = isinstance(value, tuple) and bool(value) and all(type(one) is str for one in value)
        if name not in NAMES and (type(value) is str or several):
            found.append((name, value))
    return found


def _links(body: AnyBody) -> Links | None:
    links = getattr(body, "links", None)
    return links if isinstance(links, Links) else None
