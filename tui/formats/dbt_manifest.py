"""The lineage in dbt's manifest.json: nodes with their owners and other names, and who reads whom.

Nothing is kept here: a catalog merges it with what OpenLineage says, in the same form.
"""

from collections.abc import Iterator
from typing import Final

from tui.formats.base import as_object, filled, first_text, items, part, plain, rejected, shape
from tui.formats.decode import Json
from tui.formats.openlineage_graph import DATASET, Graph, Node
from tui.model.text import Safe, clean

TEST: Final = "test"
EXPOSURE: Final = "exposure"

_PLACES: Final = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests")
_DATA: Final = frozenset({"model", "source", "seed", "snapshot"})
_TESTS: Final = frozenset({"test", "unit_test"})
_OWNERS_KEPT: Final = 20


def nodes_and_edges(manifest: Json) -> Graph:
    """The nodes and edges of a manifest (versions 1 to 12), in its order; disabled nodes are left out.

    A node's id and name are its unique id, as results call it; its kind is `dataset`, `test`, `exposure`,
    or dbt's own word; its type is dbt's word, or what sort of exposure it is. An edge leads from what is
    read to what reads it; ends that are no node of the manifest are left out. Raises RejectedError for
    what is no manifest.
    """
    if not isinstance(manifest, dict) or not isinstance(manifest.get("nodes"), dict):
        raise rejected(f"nodes: missing in {shape(manifest)}")
    groups = _groups(manifest)
    found = dict(_found(manifest))
    nodes = {name: _node(name, fields, groups) for name, fields in found.items()}
    ends = ((parent, name) for name, fields in found.items() for parent in _parents(manifest, name, fields))
    edges = dict.fromkeys((nodes[up].id, nodes[down].id) for up, down in ends if up in nodes and up != down)
    return Graph(nodes=tuple(nodes.values()), edges=tuple(edges))


def _found(manifest: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    for place in _PLACES:
        for name, value in as_object(manifest.get(place), place).items():
            fields = part(value)
            if name and fields and part(fields, "config").get("enabled") is not False:
                yield name, fields


def _parents(manifest: dict[str, Json], name: str, fields: dict[str, Json]) -> list[str]:
    """What a node reads. Old manifests say it in `depends_on`, and all of them in their map of parents."""
    listed = items(part(manifest, "parent_map").get(name)) or items(part(fields, "depends_on").get("nodes"))
    return [text for one in listed if (text := plain(one))]


def _node(name: str, fields: dict[str, Json], groups: dict[str, list[str]]) -> Node:
    sort = first_text(fields, "resource_type") or name.partition(".")[0]
    kind = DATASET if sort in _DATA else TEST if sort in _TESTS else sort
    return Node(
        id=clean(name),
        name=clean(name),
        kind=clean(kind, 40),
        namespace=clean(first_text(fields, "package_name") or ".".join(name.split(".")[1:2])),
        type=clean(first_text(fields, "type") if sort == EXPOSURE else sort, 40) or None,
        owners=tuple(map(clean, _owners(fields, groups))),
        aliases=tuple(_aliases(name, fields, sort)),
    )


def _groups(manifest: dict[str, Json]) -> dict[str, list[str]]:
    listed = map(part, as_object(manifest.get("groups"), "groups").values())
    return {first_text(group, "name"): _names(group.get("owner")) for group in listed}


def _owners(fields: dict[str, Json], groups: dict[str, list[str]]) -> list[str]:
    """Who is named as owner in the node, in its meta, or in that of its source; else who owns its group."""
    metas = (part(fields, "config", "meta"), part(fields, "meta"), part(fields, "source_meta"))
    told = (fields.get("owner"), *(meta.get(word) for meta in metas for word in ("owner", "owners", "team")))
    named = next((names for value in told if (names := _names(value))), [])
    group = first_text(fields, "group") or first_text(part(fields, "config"), "group")
    return (named or groups.get(group, []))[:_OWNERS_KEPT]


def _names(value: Json) -> list[str]:
    """Names in an owner, which may be a text, an object with name and email, or a list of these."""
    if isinstance(value, list):
        return [name for one in value for name in ([plain(one)] if plain(one) else [])]
    name = first_text(part(value), "name", "email") or plain(value)
    return [name] if name else []


def _aliases(unique_id: str, fields: dict[str, Json], sort: str) -> list[Safe]:
    """Other names of the same table: with schema, with database and schema, and as its own project calls it."""
    if sort not in _DATA and sort != EXPOSURE:
        return []
    told = filled({word: first_text(fields, word) for word in ("database", "schema", "name", "label")})
    table = first_text(fields, "alias", "identifier", "name")
    schema, database = plain(told.get("schema")), plain(told.get("database"))
    in_schema = f"{schema}.{table}" if schema and table else ""
    full = f"{database}.{in_schema}" if database and in_schema else ""
    of_source = first_text(fields, "source_name")
    own = f"{of_source}.{first_text(fields, 'name')}" if of_source else first_text(fields, "name")
    names = (in_schema, full, own, plain(told.get("label")))
    return [clean(name) for name in dict.fromkeys(names) if name and name != unique_id]
