"""Monitoring services whose body is one alert with plain fields: one reader for all, by the table next door."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from tui.formats.base import (
    Format,
    Payload,
    as_text,
    filled,
    key_of,
    kind_in,
    labels_of,
    plain,
    rejected,
    rendered,
    shape,
    subject_in,
    web,
    when,
)
from tui.formats.decode import Json
from tui.formats.monitor_shapes import SHAPES, Paths, Shape
from tui.model.severity import Severity, hint
from tui.model.signal import Links, Signal, SignalStatus
from tui.model.text import Safe, clean


def dig(body: Json, path: str) -> Json:
    """What lies at `path`; None where it leads nowhere."""
    for step in path.split("."):
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def _fits(body: Json, form: Shape) -> bool:
    if form.equals and plain(dig(body, form.equals[0])) != form.equals[1]:
        return False
    return all(dig(body, path) is not None for path in form.needs)


def _format(name: str, shapes: tuple[Shape, ...]) -> Format:
    """The format of one service, which may send several shapes."""

    def matches(body: Json, headers: Mapping[str, str]) -> str | None:
        return next((form.what for form in shapes if _fits(body, form)), None)

    def read(body: Json, payload: Payload) -> list[Signal]:
        form = next((form for form in shapes if _fits(body, form)), None)
        if form is None:
            needed = " or ".join(" and ".join(one.needs) for one in shapes)
            raise rejected(f"{needed}: missing in {shape(body)}")
        return [_signal(body, form, payload)]

    return Format(name=name, matches=matches, read=read)


def _signal(body: Json, form: Shape, payload: Payload) -> Signal:
    identity = _identity(body, form)
    word = _first(body, form.state)
    status = form.states.get(word.lower(), SignalStatus.UNKNOWN)
    over = status is SignalStatus.RESOLVED
    title = next(filter(None, (_title(body, paths) for paths in form.title)), identity)
    named: dict[str, Json] = {}
    for path in form.named_in:
        found = dig(body, path)
        named |= found if isinstance(found, dict) else {}
    subject = subject_in(named) or rendered(*(_text(body, path) for path in form.subject)) or title
    severity = "" if over else _first(body, form.severity)
    starts, told, ended = _time(body, form.starts), _time(body, form.at), _time(body, form.ended)
    at = (ended or told) if over else (told or starts)
    source = payload.source or Safe(form.format)
    by = _first(body, form.by) if status is SignalStatus.ACKNOWLEDGED else ""
    state = word if status in (SignalStatus.UNKNOWN, SignalStatus.INFO) else ""
    labels = {"by": by, "state": state, **{_label(path): dig(body, path) for path in form.labels}, **named}
    return Signal(
        source=source,
        format=form.format,
        key=key_of(source, identity),
        status=status,
        kind=kind_in(title, named),
        title=clean(title),
        subject=clean(subject),
        severity_word=clean(severity, 40) if severity else None,
        severity_hint=_grade(severity, form),
        at=at,
        starts=starts,
        ended_at=at if over else None,
        labels=labels_of(filled(labels)),
        links=Links(runbook=_address(body, form.runbook), source=_address(body, form.page)),
    )


def _identity(body: Json, form: Shape) -> str:
    """The first alternative whose first path leads to something; what its other paths lead to is added."""
    for paths in form.identity:
        if rendered(_text(body, paths[0])):
            return " ".join(filter(None, (rendered(_text(body, path)) for path in paths)))
    needed = " or ".join(paths[0] for paths in form.identity)
    raise rejected(f"{needed}: missing, or a template that was not filled in")


def _title(body: Json, paths: Paths) -> str:
    texts = [_text(body, path) for path in paths]
    return ": ".join(dict.fromkeys(filter(None, texts))) if texts[0] else ""


def _text(body: Json, path: str) -> str:
    value = dig(body, path)
    return as_text(value) if isinstance(value, bool) else plain(value)


def _first(body: Json, paths: Paths) -> str:
    return next(filter(None, (_text(body, path) for path in paths)), "")


def _time(body: Json, paths: Paths) -> datetime | None:
    return next((at for path in paths if (at := when(dig(body, path)))), None)


def _address(body: Json, paths: Paths) -> Safe | None:
    return next((address for path in paths if (address := web(dig(body, path)))), None)


def _grade(word: str, form: Shape) -> Severity | None:
    return form.grades.get(word.lower()) if form.grades else hint(word)


def _label(path: str) -> str:
    """The last name in a path."""
    return next(step for step in reversed(path.split(".")) if not step.isdecimal())


FORMATS: Final = tuple(
    _format(name, tuple(form for form in SHAPES if form.format == name))
    for name in dict.fromkeys(form.format for form in SHAPES)
)
"""One format a service, named after it; the most specific shapes first."""
