"""What all formats share: the payload, the shape of a format, and tools to dig typed fields out of JSON."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from tui.errors import RejectedError
from tui.formats.decode import Json
from tui.model.moment import parse_time
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

MAX_LABELS: Final = 64
"""Labels kept of one signal; the raw payload keeps them all."""

_NAME_LIMIT: Final = 100
_WEB_LIMIT: Final = 2_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNRENDERED = re.compile(r"\$\{[^}]{0,100}\}|\{\{.{0,100}?\}\}|\$[A-Z_]|%[sd](?![A-Za-z])|<no value>", re.DOTALL)


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery as it came. `headers` have lower-case names; `source` is None where nobody named it."""

    body: bytes
    received_at: datetime
    headers: dict[str, str] = {}
    source: Safe | None = None


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One wire format.

    `matches(json, headers)` gives the reason in words why a body is taken for this
    format, or None. `read(json, payload)` gives its signals in the body's order (none:
    valid, nothing to say) and raises RejectedError where the shape is wrong.
    """

    name: str
    matches: Callable[[Json, Mapping[str, str]], str | None]
    read: Callable[[Json, Payload], list[Signal]]


def rejected(why: str, mend: str = "") -> RejectedError:
    """The error for a body whose content is broken or unknown; `why` may quote the body."""
    return RejectedError("payload rejected", clean(why), mend)


def as_object(value: Json, path: str) -> dict[str, Json]:
    """`value` as an object, empty where it is null or missing. Raises RejectedError, naming `path`, for any other."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise rejected(f"{path}: expected an object, found {shape(value)}")
    return value


def as_list(value: Json, path: str) -> list[Json]:
    """`value` as a list, empty where it is null or missing. Raises RejectedError, naming `path`, for any other."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise rejected(f"{path}: expected a list, found {shape(value)}")
    return value


def as_text(value: Json) -> str:
    """Any value as raw text: null is empty, an object or a list is its JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def first_text(fields: Mapping[str, Json], *names: str) -> str:
    """The raw text of the first of `names` that holds plain text or a number and is not blank; else empty."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = as_text(value).strip()
            if text:
                return text
    return ""


def whole(value: Json) -> int | None:
    """A count from 0 to a million, as a number or its digits; None for anything else."""
    if isinstance(value, str):
        value = int(value) if re.fullmatch(r"[0-9]{1,7}", value.strip()) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= 1_000_000 else None


def when(value: Json) -> datetime | None:
    """A sender's time in UTC; None where it is not set (year 1, 1970-01-01T00:00:00Z) or can't be read."""
    if isinstance(value, list | dict):
        return None
    at = parse_time(value)
    return None if at == _EPOCH else at


def web(value: Json) -> Safe | None:
    """A web address (http or https); None for anything else, for a hidden character in it, and beyond 2,000."""
    if not isinstance(value, str):
        return None
    address = value.strip()
    plain = re.match(r"https?://[^/\s]", address, re.IGNORECASE) and not re.search(r"\s", address)
    return Safe(address) if plain and clean(address, _WEB_LIMIT) == address else None


def labels_of(fields: Mapping[str, Json]) -> dict[str, Safe]:
    """The first `MAX_LABELS` fields as clean names and values; null and nameless ones left out."""
    labels: dict[str, Safe] = {}
    for name, value in fields.items():
        if len(labels) >= MAX_LABELS:
            break
        if value is not None and (shown := clean(name, _NAME_LIMIT)):
            labels[shown] = clean(as_text(value))
    return labels


def unrendered(text: str) -> bool:
    """Whether a template's placeholder was left in: `${X}`, `{{ x }}`, `$X`, `%s`, `<no value>`."""
    return _UNRENDERED.search(text[:1_000]) is not None


def digest(text: str) -> str:
    """A short hash of `text`, whatever characters it holds; stable for ever."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def key_of(source: Safe, identity: str) -> Safe:
    """`source:identity`, the key of an alert; the identity is hashed where it is long or holds hidden characters."""
    key = f"{source}:{identity}"
    return Safe(key) if clean(key) == key else Safe(f"{source[:200]}:{digest(key)}")


def shape(value: Json) -> str:
    """What sort of value it is, in words for a message. Its names are quoted as they came."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return f"a list of {len(value)}"
    names = ", ".join(name[:40] for name in list(value)[:8])
    return f"an object with {names}{' …' if len(value) > 8 else ''}" if value else "an empty object"


def inside(value: Json, *names: str) -> Json:
    """What lies under `names`, one inside the other; None where anything on the way is missing or no object."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def plain(value: Json) -> str:
    """The raw text of plain text or a number, white space around it cut; empty for anything else."""
    return first_text({"": value}, "")


def rendered(*texts: str) -> str:
    """The first of `texts` that is neither blank nor a template nobody filled in; else empty. Fit for an identity."""
    return next((text for text in texts if text.strip() and not unrendered(text)), "")


def filled(fields: Mapping[str, Json]) -> dict[str, Json]:
    """The fields that say something: no null, no blank text, no empty list or object."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


SUBJECTS: Final = (
    "pipeline",
    "pipeline_name",
    "dag_id",
    "dag",
    "job_name",
    "job",
    "task",
    "dataset",
    "table",
    "model",
    "service",
    "service_name",
    "app",
    "application",
    "component",
    "consumergroup",
    "consumer_group",
    "consumer",
    "topic",
    "queue",
    "dashboard",
    "report",
    "warehouse",
    "kube_deployment",
    "database",
    "host",
    "hostname",
    "instance",
)
"""Names of labels, tags and details that say what is in trouble, nearest to the data first."""

_KIND_WORDS: Final = {
    Kind.DATA_QUALITY: frozenset({"freshness", "stale", "quality", "null", "nulls", "rowcount"}),
    Kind.FAILED_JOB: frozenset({"failed", "failure", "crashed", "down", "error"}),
    Kind.PERFORMANCE: frozenset({"latency", "lag", "slow", "duration"}),
}
_KIND_WORD = re.compile(r"[a-z]+")


def subject_in(fields: Mapping[str, Json]) -> str:
    """The raw text of the label that says best what is in trouble; empty where none of `SUBJECTS` does."""
    return next((text for name in SUBJECTS if (text := rendered(first_text(fields, name)))), "")


def kind_in(text: str, fields: Mapping[str, Json]) -> Kind:
    """What sort of trouble a title in free words speaks of; without a telling word, what its labels name."""
    said = set(_KIND_WORD.findall(text[:300].lower()))
    if kind := next((kind for kind, telling in _KIND_WORDS.items() if said & telling), None):
        return kind
    return Kind.DATA_QUALITY if first_text(fields, "dataset", "table") else Kind.OTHER


def part(value: Json, *names: str) -> dict[str, Json]:
    """The object that lies under `names`; empty where there is none: for what a body may leave out or bend."""
    found = inside(value, *names)
    return found if isinstance(found, dict) else {}


def items(value: Json) -> list[Json]:
    """`value` where it is a list; empty for anything else: for what a body may leave out or bend."""
    return value if isinstance(value, list) else []


def one_a_key(signals: Iterable[Signal]) -> list[Signal]:
    """One signal of each key, in the order of the keys: the first that fires, else the first."""
    found: dict[Safe, Signal] = {}
    for signal in signals:
        known = found.get(signal.key)
        if known is None or (signal.status is SignalStatus.FIRING and known.status is not SignalStatus.FIRING):
            found[signal.key] = signal
    return list(found.values())
