"""The words that verbs take: IDs, severities, times, lengths of time, texts. Each says what is wrong with a bad one."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from tui.cli import clock
from tui.cli.output import standard_input
from tui.errors import UsageError
from tui.model import ids
from tui.model.ids import Ref
from tui.model.moment import parse_span, parse_when
from tui.model.severity import Severity
from tui.model.text import BLOCK_LIMIT, NOTHING, Safe, clean, lines


def an_id(*prefixes: str) -> Callable[[str], Ref]:
    """Reads an ID of one of the given kinds: `an_id("A", "C")` takes A-12 and C-3; any kind without one."""

    def read(word: str) -> Ref:
        return ids.parse(word, *prefixes)

    return read


def grade(word: str) -> Severity:
    """A severity: `1`, `SEV1`, `sev1`. Raises UsageError."""
    number = word.strip().upper().removeprefix("SEV")
    if number not in ("1", "2", "3"):
        raise UsageError(f"{clean(word, 40)!r} is no severity", "", "say 1, 2 or 3")
    return Severity(int(number))


def moment(word: str) -> datetime:
    """A time: `14:05`, `20m ago`, RFC 3339. Raises UsageError."""
    try:
        return parse_when(word, clock.now())
    except ValueError as error:
        raise UsageError(clean(error)) from None


def since(word: str) -> datetime:
    """A time, or how long ago: `2h`, `14:05`, `2026-11-24`. Raises UsageError."""
    length = _length(word)
    return moment(word) if length is None else clock.now() - length


def ahead(word: str) -> datetime:
    """A time ahead, by its distance: `2h`, `30m`. Raises UsageError."""
    length = _length(word)
    if length is None:
        raise UsageError(f"{clean(word, 40)!r} is not a length of time", "", "say 30m, 2h or 1h30m")
    return clock.now() + length


def day(word: str) -> date:
    """A day: `2026-12-01`, or how far off: `2w`. Raises UsageError."""
    length = _length(word)
    if length is not None:
        return (clock.now() + length).date()
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise UsageError(f"{clean(word, 40)!r} is not a day", "", "say 2026-12-01 or 2w") from None


def _length(word: str) -> timedelta | None:
    try:
        return parse_span(word)
    except ValueError:
        return None


def refs(words: Sequence[str], *prefixes: str) -> tuple[Ref, ...]:
    """Several IDs, each once; `-` reads them from standard input. Raises UsageError for none."""
    told: list[str] = []
    for word in words:
        told += standard_input().decode("utf-8", "replace").split() if word == "-" else [word]
    found = tuple(dict.fromkeys(ids.parse(word, *prefixes) for word in told))
    if not found:
        raise UsageError("no ID was given", f"expected {' or '.join(f'{prefix}-n' for prefix in prefixes)}", "name one")
    return found


def text(words: Sequence[str]) -> Safe:
    """A person's text of several lines; `-` alone reads standard input. Raises UsageError when it is too long."""
    raw = standard_input().decode("utf-8", "replace") if list(words) == ["-"] else " ".join(words)
    raw = raw.strip("\r\n")
    if len(raw) > BLOCK_LIMIT:
        raise UsageError(
            f"the text has {len(raw)} characters", f"{BLOCK_LIMIT} at most", "keep it elsewhere and note where"
        )
    return lines(raw)


def line(raw: str | None) -> Safe:
    """A person's text of one line; nothing for None."""
    return NOTHING if raw is None else clean(raw, 1_000)
