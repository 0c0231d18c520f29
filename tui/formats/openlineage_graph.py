"""The shape of OpenLineage's events, and the lineage in them: who reads and writes what, who owns it, its other names.

Nothing is kept here: a catalog merges what `graph_of` says of one body after the other.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from tui.formats.base import as_list, as_object, first_text, inside, items, part, plain, rejected, shape, unrendered
from tui.formats.decode import Json
from tui.model.text import Safe, clean

JOB: Final = "job"
DATASET: Final = "dataset"

SIDES: Final = ("inputs", "outputs")

_OWNERS_KEPT: Final = 20
_ALIASES_KEPT: Final = 20


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A job or a dataset. `name` is what signals call it; `id` is namespace and name, unique for one lineage.

    `type` is the producer's word (TASK, MODEL, TABLE …), `part_of` the name of the job it runs inside.
    `aliases` are other names of the same thing, of which other tools may speak.
    """

    id: Safe
    name: Safe
    kind: str
    namespace: Safe
    type: Safe | None = None
    part_of: Safe | None = None
    owners: tuple[Safe, ...] = ()
    aliases: tuple[Safe, ...] = ()


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """What a body says of lineage: nodes in the order of their naming, edges as pairs of ids, upstream first.

    An edge leads from a dataset to the job that reads it, or from a job to the dataset that it writes.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[tuple[Safe, Safe], ...] = ()


def graph_of(body: Json) -> Graph:
    """The lineage in a body of one or several events; empty where it names nothing.

    A dataset that a job both reads and writes counts as written only: no node is upstream of itself.
    Datasets without a name are left out. Raises RejectedError for what is no event.
    """
    nodes: dict[Safe, Node] = {}
    edges: dict[tuple[Safe, Safe], None] = {}
    for path, item in events_of(body):
        event = as_event(item, path)
        job = _job(event, path) if "job" in event else None
        if job is not None:
            nodes[job.id] = _merged(nodes.get(job.id), job)
        sides = {side: list(_datasets(event, side, path)) for side in (*SIDES, DATASET)}
        for side, found in sides.items():
            for node in found:
                nodes[node.id] = _merged(nodes.get(node.id), node)
                if job is not None and side != DATASET:
                    edges[(job.id, node.id) if side == "outputs" else (node.id, job.id)] = None
    forth = (edge for edge in edges if nodes[edge[0]].kind == JOB or (edge[1], edge[0]) not in edges)
    return Graph(nodes=tuple(nodes.values()), edges=tuple(forth))


def events_of(body: Json) -> list[tuple[str, Json]]:
    """The events of a body, each with its path for messages: one, a list, or what a lineage server lists."""
    if isinstance(body, dict) and isinstance(listed := body.get("events"), list):
        return [(f"events[{n}].", item) for n, item in enumerate(listed)]
    if isinstance(body, list):
        return [(f"[{n}].", item) for n, item in enumerate(body)]
    return [("", body)]


def as_event(item: Json, path: str) -> dict[str, Json]:
    """`item` as an event. Raises RejectedError where it is no object, or one without job and dataset."""
    if not isinstance(item, dict):
        raise rejected(f"{path.removesuffix('.') or 'body'}: expected an object, found {shape(item)}")
    if "job" not in item and "dataset" not in item:
        raise rejected(f"{path}job: missing in {shape(item)}")
    return item


def name_of(owner: dict[str, Json], path: str) -> tuple[str, str]:
    """Namespace and name of a job or dataset. Raises RejectedError where it has no name, or only a template of one."""
    name = first_text(owner, "name")
    if not name:
        raise rejected(f"{path}.name: missing")
    if _unfilled(name):
        raise rejected(f"{path}.name: a template that was not filled in: {name[:80]}")
    return first_text(owner, "namespace"), name


def _unfilled(name: str) -> bool:
    """A `$` inside a word makes no template: Oracle's tables are called V$SESSION."""
    return unrendered(re.sub(r"(?<=\w)\$", "", name))


def datasets_of(event: dict[str, Json], side: str, path: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """The datasets on a side of an event, each with its path. Raises RejectedError where one is no object."""
    if side == DATASET:
        if DATASET in event:
            yield f"{path}{side}", as_object(event[side], f"{path}{side}")
        return
    for n, dataset in enumerate(as_list(event.get(side), f"{path}{side}")):
        yield f"{path}{side}[{n}]", as_object(dataset, f"{path}{side}[{n}]")


def owners_of(owner: dict[str, Json]) -> list[str]:
    """The raw names in the ownership facet of a job or dataset."""
    names = [plain(part(one).get("name")) for one in items(inside(owner, "facets", "ownership", "owners"))]
    return [name for name in names if name][:_OWNERS_KEPT]


def _job(event: dict[str, Json], path: str) -> Node:
    job = as_object(event["job"], f"{path}job")
    parent = first_text(part(event, "run", "facets", "parent", "job"), "name")
    return _node(JOB, job, f"{path}job", plain(part(job, "facets", "jobType").get("jobType")), parent)


def _datasets(event: dict[str, Json], side: str, path: str) -> Iterator[Node]:
    for where, dataset in datasets_of(event, side, path):
        name = first_text(dataset, "name")
        if name and not _unfilled(name):
            word = plain(part(dataset, "facets", "datasetType").get("datasetType"))
            yield _node(DATASET, dataset, where, word, "")


def _node(kind: str, owner: dict[str, Json], path: str, word: str, parent: str) -> Node:
    namespace, name = name_of(owner, path)
    return Node(
        id=clean(f"{namespace}/{name}"),
        name=clean(name),
        kind=kind,
        namespace=clean(namespace),
        type=clean(word, 40) if word else None,
        part_of=clean(parent) if parent not in ("", name) else None,
        owners=tuple(map(clean, owners_of(owner))),
        aliases=tuple(_aliases(owner, name)),
    )


def _aliases(owner: dict[str, Json], name: str) -> list[Safe]:
    """The names in the symlinks facet: what the same table is called in a metastore, say."""
    names = [first_text(part(one), "name") for one in items(inside(owner, "facets", "symlinks", "identifiers"))]
    return [clean(other) for other in dict.fromkeys(names) if other and other != name][:_ALIASES_KEPT]


def _merged(known: Node | None, node: Node) -> Node:
    if known is None:
        return node
    return msgspec.structs.replace(
        known,
        type=node.type or known.type,
        part_of=node.part_of or known.part_of,
        owners=tuple(dict.fromkeys((*known.owners, *node.owners))),
        aliases=tuple(dict.fromkeys((*known.aliases, *node.aliases))),
    )
