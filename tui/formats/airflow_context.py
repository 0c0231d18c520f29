"""What an Airflow callback posts, brought to one flat form: plain fields, nested objects, or a context turned to text.

`str()` of a context's values is all that many callbacks send of a task instance; its fields are read
out of that text. What they mean is said in the module of the format.
"""

import re
from collections.abc import Mapping
from typing import Final

from tui.formats.base import filled, first_text, inside, items, part, plain, web
from tui.formats.decode import Json
from tui.model.signal import Links

TASK_INSTANCE: Final = ("task_instance", "ti")
OBJECTS: Final = (*TASK_INSTANCE, "dag_run", "dag", "task")
"""Parts of a context that are objects in Airflow, and text or objects in a body."""

_READ: Final = 4_000
_FIELD = re.compile(
    r"\b(?P<name>[a-z_]{1,40})="
    r"(?:'(?P<text>[^']{0,500})'|<[^<>']{0,80}: '(?P<state>[a-z_]{1,40})'>"
    r"|datetime\.datetime\((?P<date>[0-9, ]{1,60})|(?P<number>-?[0-9]{1,18})\b)"
)
_OLD_TASK = re.compile(
    r"<TaskInstance: (?P<name>\S{1,600}) (?P<run_id>\S{1,300})(?: map_index=(?P<map_index>-?[0-9]{1,9}))?"
    r" \[(?P<state>[A-Za-z_]{1,40})\]>"
)
_OLD_RUN = re.compile(
    r"<DagRun (?P<dag_id>\S{1,300}) @ (?P<logical_date>.{1,60}?): (?P<run_id>\S{1,300}), state:(?P<state>[a-z_]{1,40})"
)
_DAG = re.compile(r"<DAG: (?P<dag_id>[^<>]{1,300})>")
_TASK = re.compile(r"<(?:Mapped)?(?:Task|Operator)\([^)]{0,200}\): (?P<task_id>[^<>]{1,300})>")

_PLACED: Final = frozenset(
    {
        *("dag_id", "task_id", "run_id", "dag_run_id", "try_number", "max_tries", "state", "status", "exception"),
        *("log_url", "url", "dag_run_url", "runbook", "runbook_url", "end_date", "severity", "id", *OBJECTS),
        *("task_display_name", "dag_display_name", "executor_config", "unixname", "pid", "priority_weight"),
    }
)
_LABELS: Final = (
    *("owner", "owners", "hostname", "operator", "queue", "pool", "map_index", "reason", "retry_delay"),
    *("logical_date", "execution_date", "start_date", "duration", "run_type", "triggered_by", "note", "params"),
)


def is_context(body: dict[str, Json]) -> bool:
    """Whether a body holds parts of a callback's context, not only plain fields."""
    return any(_described(body, name) for name in OBJECTS)


def fields_of(body: dict[str, Json]) -> dict[str, Json]:
    """The fields of a callback's body; its own count first, then those of its task instance, then of its DAG run.

    A context with a `reason` is that of a call for the whole DAG: the task in it merely was the last one.
    """
    own: dict[str, Json] = {name: value for name, value in body.items() if value is not None and name not in OBJECTS}
    dag, run = _described(body, "dag"), _described(body, "dag_run")
    if first_text(body, "reason") and run and not first_text(body, "task_id"):
        return dag | run | own
    instance = _described(body, "task_instance") or _described(body, "ti")
    told_by_run = {name: run[name] for name in ("dag_id", "run_id", "dag_run_id", "logical_date") if name in run}
    found = told_by_run | dag | _described(body, "task") | instance
    return {**_split(found), **own} if instance else {**run, **found, **own}


def word_of(fields: Mapping[str, Json]) -> str:
    """The state in Airflow's own word, also where an enum's name came with it."""
    return first_text(fields, "state", "status").lower().rpartition(".")[2]


def labels_in(item: dict[str, Json], fields: Mapping[str, Json], *, unknown: bool) -> dict[str, Json]:
    """Plain fields that have no other place; of a context only those that are known, the rest is Airflow's inside."""
    flat = {name: value for name, value in item.items() if name not in _PLACED and isinstance(value, str | int | float)}
    chosen = {} if is_context(item) else flat
    for name in _LABELS:
        if isinstance(value := fields.get(name), str | int | float):
            chosen.setdefault(name, value)
    if plain(chosen.get("map_index")) == "-1":
        del chosen["map_index"]
    if tags := ", ".join(plain(tag) or plain(inside(tag, "name")) for tag in items(fields.get("tags"))):
        chosen["tags"] = tags
    if unknown:  # our own status can not carry the word
        chosen["state"] = word_of(fields)
    return filled(chosen)


def links_in(fields: Mapping[str, Json]) -> Links:
    """The addresses a callback or the API gives."""
    return Links(
        runbook=web(fields.get("runbook_url")) or web(fields.get("runbook")),
        source=web(fields.get("dag_run_url")) or web(fields.get("url")),
        log=web(fields.get("log_url")),
    )


def _split(found: dict[str, Json]) -> dict[str, Json]:
    """Airflow 2 writes DAG and task as one word; both may hold dots, so the DAG's own name decides where to cut."""
    name, dag = first_text(found, "name"), first_text(found, "dag_id")
    if not name or first_text(found, "task_id"):
        return {key: value for key, value in found.items() if key != "name"}
    if dag and name.startswith(f"{dag}."):
        task = name[len(dag) + 1 :]
    else:
        dag, _, task = name.partition(".")
    return {**found, "dag_id": dag, "task_id": task}


def _described(body: dict[str, Json], name: str) -> dict[str, Json]:
    """The fields of a part of a context, be it an object or its text."""
    text = body.get(name)
    if not isinstance(text, str):
        return {key: value for key, value in part(body, name).items() if value is not None}
    text = text[:_READ]
    for old in {"task": (_TASK,), "dag": (_DAG,)}.get(name, (_OLD_TASK, _OLD_RUN)):
        if found := old.match(text):
            return {key: value for key, value in found.groupdict().items() if value is not None}
    return {field["name"]: _value(field) for field in reversed(list(_FIELD.finditer(text)))} if _is_long(text) else {}


def _is_long(text: str) -> bool:
    """Whether it is the text of a task instance or a run, as Airflow 3 writes it, and not just a name."""
    return "dag_id='" in text or "run_id='" in text


def _value(field: re.Match[str]) -> str:
    if field["date"] is None:
        return field["text"] or field["state"] or field["number"] or ""
    year, month, day, hour, minute, second, micros = ([*field["date"].strip(", ").split(","), *["0"] * 7])[:7]
    return (
        f"{year.strip():0>4}-{month.strip():0>2}-{day.strip():0>2}"
        f"T{hour.strip():0>2}:{minute.strip():0>2}:{second.strip():0>2}.{micros.strip():0>6}Z"
    )
