"""Lines of journald (`journalctl -o json`) and of syslog that a shipper turned into JSON.

A line is known by its unit, its identifier and its message id, never by its text or its host's name.
Only warnings and worse say something. Values may be bytes (text that is not UTF-8), lists (a repeated
field) or null (too large).
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    as_list,
    filled,
    first_text,
    key_of,
    kind_in,
    labels_of,
    plain,
    rejected,
    rendered,
    shape,
    when,
    whole,
)
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "journald"

_OF_JOURNAL: Final = frozenset(
    {"__CURSOR", "__REALTIME_TIMESTAMP", "_BOOT_ID", "_TRANSPORT", "_SYSTEMD_UNIT", "_HOSTNAME", "SYSLOG_IDENTIFIER"}
)
_UNITS: Final = ("UNIT", "USER_UNIT", "COREDUMP_UNIT", "OBJECT_SYSTEMD_UNIT", "_SYSTEMD_UNIT", "_SYSTEMD_USER_UNIT")
_IDENTIFIERS: Final = ("SYSLOG_IDENTIFIER", "_COMM")
_LABELS: Final = {
    "_HOSTNAME": "host",
    "_COMM": "command",
    "_PID": "pid",
    "_TRANSPORT": "transport",
    "SYSLOG_FACILITY": "facility",
    "MESSAGE_ID": "message_id",
    "EXIT_STATUS": "exit_status",
    "UNIT_RESULT": "unit_result",
    "CODE_FILE": "code_file",
}
_WORDS: Final = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_OTHER_WORDS: Final = {"emergency": 0, "panic": 0, "critical": 2, "error": 3, "warn": 4, "informational": 6}
_GRADES: Final = (Severity.SEV1, Severity.SEV1, Severity.SEV1, Severity.SEV2, Severity.SEV3)
"""By priority, 0 to 4; a larger number is no trouble."""

_FAILED_UNIT: Final = frozenset(
    {
        "be02cf6855d2428ba40df7e9d022f03d",  # a unit failed to start
        "d9b373ed55a64feb8242e02dbe79a49c",  # a unit ended in failure
        "98e322203f7a4ed290d09fe03c09fe15",  # a unit's process exited
        "fc2e22bc6ee647b6b90729ab34a250b1",  # a process dumped core
        "fe6faa94e7774663a0da52717891d8ef",  # out of memory
    }
)
"""Message ids by which systemd says that something it runs has failed."""

_TEXTS: Final = ("message", "msg", "MESSAGE")
_PROGRAMS: Final = ("appname", "app_name", "app-name", "programname", "program", "ident", "syslogtag", "tag")
_FROM: Final = ("hostname", "host", "fromhost", "source")
_LEVELS: Final = ("severity", "syslogseverity", "syslog_severity", "level", "priority")
_FACILITIES: Final = ("facility", "syslogfacility", "syslog_facility", "facility_label")
_SYSLOG_TIMES: Final = ("timestamp", "timereported", "time", "@timestamp", "timegenerated")
_BYTES_READ: Final = 5_000


def _matches(body: Json, headers: Mapping[str, str]) -> str | None:
    if isinstance(body, list):
        return "lines of a journal" if body and all(map(_of_journal, body)) else None
    return _of_journal(body)


def _of_journal(item: Json) -> str | None:
    if not isinstance(item, dict):
        return None
    if len(item.keys() & _OF_JOURNAL) >= 2 or ("MESSAGE" in item and "PRIORITY" in item):
        return "a line of a systemd journal"
    told = any(name in item for name in _TEXTS) and any(first_text(item, name) for name in _PROGRAMS)
    graded = "pri" in item or any(first_text(item, name) for name in _FACILITIES)
    return "a line of syslog as JSON" if told and graded else None


def _read(body: Json, payload: Payload) -> list[Signal]:
    source = payload.source or Safe(NAME)
    if isinstance(body, list):
        return [signal for n, line in enumerate(as_list(body, "body")) for signal in _line(line, f"[{n}]", source)]
    return _line(body, "body", source)


def _line(item: Json, path: str, source: Safe) -> list[Signal]:
    if not isinstance(item, dict):
        raise rejected(f"{path}: expected an object, found {shape(item)}")
    if _of_journal(item) is None:
        raise rejected(f"{path}: neither a journal's fields nor syslog's in {shape(item)}")
    fields = _as_journal(item)
    level = whole(fields["PRIORITY"]) if fields.get("PRIORITY") else None
    if level is None or level >= len(_GRADES):
        return []
    unit, identifier = _first(fields, _UNITS), _first(fields, _IDENTIFIERS)
    if unit.endswith(".scope") and identifier:
        unit = ""  # a session or a container: its name is new each time
    identity = " ".join(filter(None, (unit, identifier, rendered(fields.get("MESSAGE_ID", "")))))
    if not identity:
        raise rejected(f"{path}: no unit, identifier or message id to know the line by")
    name = unit or identifier or identity
    message, run = fields.get("MESSAGE", ""), _first(fields, ("_SYSTEMD_INVOCATION_ID", "INVOCATION_ID"))
    return [
        Signal(
            source=source,
            format=NAME,
            key=key_of(source, identity),
            status=SignalStatus.FIRING,
            kind=_kind(fields, message),
            title=clean(f"{name}: {message or 'a message too large to show'}"),
            subject=clean(name),
            run=clean(run) if run else None,
            severity_word=Safe(_WORDS[level]),
            severity_hint=_GRADES[level],
            at=when(fields.get("_SOURCE_REALTIME_TIMESTAMP")) or when(fields.get("__REALTIME_TIMESTAMP")),
            labels=labels_of(filled({shown: fields.get(named) for named, shown in _LABELS.items()})),
        )
    ]


def _first(fields: Mapping[str, str], names: tuple[str, ...]) -> str:
    return rendered(*(fields.get(name, "") for name in names))


def _kind(fields: Mapping[str, str], message: str) -> Kind:
    if fields.get("MESSAGE_ID", "").replace("-", "").lower() in _FAILED_UNIT:
        return Kind.FAILED_JOB
    return kind_in(message, {})


def _as_journal(item: dict[str, Json]) -> dict[str, str]:
    """The fields as text under the journal's names, whoever wrote the line."""
    if item.keys() & _OF_JOURNAL or "PRIORITY" in item:
        return {name: text for name, value in item.items() if (text := _text(value))}
    tag = re.sub(r"(\[[^\]]*\])?:?$", "", first_text(item, *_PROGRAMS)[:200])
    known = {
        "MESSAGE": first_text(item, *_TEXTS),
        "SYSLOG_IDENTIFIER": "" if tag == "-" else tag,
        "PRIORITY": _priority(item),
        "MESSAGE_ID": "" if (named := first_text(item, "msgid")) == "-" else named,
        "_HOSTNAME": first_text(item, *_FROM),
        "SYSLOG_FACILITY": first_text(item, *_FACILITIES),
        "_PID": "" if (pid := first_text(item, "procid", "pid")) == "-" else pid,
        "__REALTIME_TIMESTAMP": next((t for n in _SYSLOG_TIMES if (t := plain(item.get(n))) and when(t)), ""),
    }
    return {name: text for name, text in known.items() if text}


def _priority(item: dict[str, Json]) -> str:
    """The level as a digit: told as one, as a word, or within a PRI, which is facility times eight and the level."""
    word = first_text(item, *_LEVELS).lower()
    if word in _WORDS:
        return str(_WORDS.index(word))
    if word in _OTHER_WORDS:
        return str(_OTHER_WORDS[word])
    level = whole(word) if word else None
    pri = whole(item.get("pri"))
    if level is None and pri is not None:
        level = pri % 8
    return "" if level is None else str(level)


def _text(value: Json) -> str:
    """A field's value: text, bytes as numbers, or the first of a repeated field that holds something."""
    if not isinstance(value, list):
        return plain(value)
    numbers = [
        one for one in value[:_BYTES_READ] if isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 256
    ]
    if numbers and len(numbers) == len(value[:_BYTES_READ]):
        return bytes(numbers).decode("utf-8", "replace").strip()
    return next((text for one in value[:20] if (text := _text(one))), "")


FORMAT: Final = Format(name=NAME, matches=_matches, read=_read)
"""Lines of journald and of syslog as JSON."""
