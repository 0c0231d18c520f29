"""Lineage and owners in payloads end in the catalog, and what is known already writes nothing."""

import json
import logging
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.collector.hand import Hand
from tui.collector import lineage
from tui.collector.delivery import HEAD_KEPT, Delivery, prepare
from tui.formats.decode import Json
from tui.model.alert import AlertStatus
from tui.model.catalog import Facts, Graph
from tui.model.events import CatalogLearned
from tui.model.text import Safe
from tui.store import catalog

SAMPLES = Path(__file__).parents[1] / "formats" / "samples"


def run(event: str, at: str, *, outputs: bool = True, owner: str = "team:stock") -> dict[str, Json]:
    """One event of one run of a job that reads two datasets and writes one."""
    facets: Json = {"ownership": {"owners": [{"name": owner}, {"name": "a.person"}]}}
    body: dict[str, Json] = {
        "eventType": event,
        "eventTime": f"2026-11-24T{at}Z",
        "producer": "https://jobs.example",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "0193a1c2-77aa-7b1c-9f00-6d5f2c1e9a10"},
        "job": {"namespace": "airflow", "name": "load_orders", "facets": facets},
        "inputs": [{"namespace": "pg", "name": "raw.orders"}, {"namespace": "pg", "name": "raw.fx"}],
    }
    written: Json = [{"namespace": "wh", "name": "fct.orders"}]
    return {**body, "outputs": written} if outputs else body


def graph(hand: Hand) -> Graph:
    return hand.store.read(catalog.read_graph)


def learned(hand: Hand) -> list[CatalogLearned]:
    return [event.body for event in hand.events() if isinstance(event.body, CatalogLearned)]


def test_a_run_tells_what_is_made_from_what_and_whose_it_is(hand: Hand) -> None:
    hand.send(run("COMPLETE", "02:00:00"), source="lineage")
    found = graph(hand)
    assert found.upstream("fct.orders") == {"load_orders": 1, "raw.fx": 2, "raw.orders": 2}
    assert found.downstream("RAW_ORDERS", 1) == {"load_orders": 1}
    job, table = found.find("load-orders"), found.find("fct_orders")
    assert job is not None
    assert table is not None
    assert (job.kind, job.owner, table.kind, table.owner) == ("job", "a.person, team:stock", "dataset", None)
    assert [body.source for body in learned(hand)] == ["lineage"]
    assert hand.alerts() == []
    assert hand.is_whole()


def test_what_is_known_already_writes_nothing(hand: Hand) -> None:
    hand.send(run("START", "02:00:00", outputs=False))
    hand.send(run("COMPLETE", "02:04:00"))
    for hour in range(3, 6):
        hand.send(run("START", f"0{hour}:00:00", outputs=False))
        hand.send(run("COMPLETE", f"0{hour}:04:00"))
    first, second = learned(hand)
    assert ([edge.down for edge in first.edges], [edge.down for edge in second.edges]) == (
        ["load_orders", "load_orders"],
        ["fct.orders"],
    )
    hand.send(run("COMPLETE", "06:00:00", owner="team:new"))
    assert [[node.owner for node in body.nodes] for body in learned(hand)[2:]] == [["a.person, team:new"]]


def test_the_same_bytes_again_are_not_read_again(hand: Hand) -> None:
    body = run("COMPLETE", "02:00:00")
    hand.send(body)
    hand.later(hours=2)
    hand.send(body)
    assert len(learned(hand)) == 1


def test_a_failed_try_is_an_alert_and_teaches_too(hand: Hand) -> None:
    hand.send((SAMPLES / "openlineage-fail.json").read_bytes(), source="lineage")
    alert = hand.alert()
    assert alert.status is AlertStatus.RETRYING
    assert hand.store.read(lambda conn: catalog.owner_of(conn, alert.subject)) == "team:stock"


def test_lineage_in_a_form_is_learned_from_what_the_form_holds(hand: Hand) -> None:
    form = urlencode({"payload": json.dumps(run("COMPLETE", "02:00:00"))}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    delivery = Delivery(body=form, received_at=hand.now, uid=7, source=Safe("lineage"), headers=headers)
    hand.send_all([prepare(delivery)])
    assert graph(hand).upstream("fct.orders", 1) == {"load_orders": 1}
    assert hand.kept() == [form], "what is kept is what came"


MANIFEST = json.loads((SAMPLES / "dbt-manifest.json").read_bytes())


def with_tests(**tests: dict[str, Json]) -> dict[str, Json]:
    """The manifest with more tests, by name: what each of them says beside its place."""
    more = {f"test.shop.{name}.bb": {"resource_type": "test", "name": name, **said} for name, said in tests.items()}
    return {**MANIFEST, "nodes": {**MANIFEST["nodes"], **more}}


def depends(*nodes: str, **more: Json) -> dict[str, Json]:
    return {"depends_on": {"nodes": list(nodes)}, **more}


def test_a_dbt_manifest_tells_models_sources_exposures_and_their_owners(hand: Hand) -> None:
    receipt = hand.send(MANIFEST, source="dbt")
    assert (receipt.signals, receipt.rejected, hand.alerts()) == (0, None, [])
    found = graph(hand)
    assert found.downstream("landing.tickets_v1") == {
        "model.shop.orders": 1, "model.shop.revenue": 2, "exposure.shop.board": 3,
    }  # fmt: skip
    nodes = [found.find(name) for name in ("mart.orders", "Monday board", "raw.tickets")]
    assert [(node.name, node.kind, node.owner) for node in nodes if node] == [
        ("model.shop.orders", "dataset", "shop-data"),
        ("exposure.shop.board", "dashboard", "Ines"),
        ("source.shop.raw.tickets", "dataset", "pos, shop-data"),
    ]
    assert hand.is_whole()


def of_project(project: str, *but: str) -> dict[str, Json]:
    """The manifest of a project, without some of its nodes."""
    nodes = {name: value for name, value in MANIFEST["nodes"].items() if name not in but}
    return {**MANIFEST, "metadata": {**MANIFEST["metadata"], "project_name": project}, "nodes": nodes}


def test_what_left_a_project_leaves_the_catalog_with_its_next_manifest(hand: Hand) -> None:
    shop, smaller = of_project("shop"), of_project("shop", "model.shop.revenue")
    hand.send(shop, source="dbt")
    hand.send(run("COMPLETE", "02:00:00"), source="dbt")
    hand.send(smaller, source="dbt")
    found = graph(hand)
    assert found.find("model.shop.revenue") is None
    assert found.find("model.shop.orders") is not None
    assert found.upstream("fct.orders", 1) == {"load_orders": 1}, "what else came from there stays"
    hand.send(of_project("bank", "model.shop.orders"), source="dbt")
    assert graph(hand).find("model.shop.orders") is not None, "another project says nothing of it"
    hand.send(shop, source="dbt")
    assert graph(hand).find("model.shop.revenue") is not None, "the same bytes as before the change"
    assert hand.is_whole()


def test_a_manifest_that_names_no_project_takes_nothing_back(hand: Hand) -> None:
    hand.send(MANIFEST, source="dbt")
    hand.send({**MANIFEST, "nodes": {}}, source="dbt")
    assert graph(hand).find("model.shop.orders") is not None


def test_a_failed_test_of_dbt_is_found_at_its_model(hand: Hand) -> None:
    orders, revenue = "model.shop.orders", "model.shop.revenue"
    manifest = with_tests(
        relationships_revenue_order_id=depends(orders, revenue),
        prices_add_up=depends(orders, revenue, attached_node=revenue),
        nobody_knows=depends(orders, revenue),
    )
    hand.send(manifest, source="dbt")
    found = graph(hand)
    places = {name: found.find(f"test.shop.{name}") for name in (
        "not_null_orders_id.aa", "relationships_revenue_order_id.bb", "prices_add_up.bb", "nobody_knows.bb",
    )}  # fmt: skip
    assert {name: node.name if node else None for name, node in places.items()} == {
        "not_null_orders_id.aa": orders,
        "relationships_revenue_order_id.bb": revenue,
        "prices_add_up.bb": revenue,
        "nobody_knows.bb": None,
    }
    assert all(node.kind != "test" for node in found.nodes)
    result: Json = {"unique_id": "test.shop.not_null_orders_id.aa", "status": "fail", "execution_time": 1}
    hand.send({"metadata": {"dbt_version": "1.9.0"}, "args": {"which": "test"}, "results": [result]}, source="dbt")
    assert found.downstream(hand.alert().subject, 1) == {revenue: 1}


def test_dbts_other_files_teach_nothing_and_make_no_noise(hand: Hand, caplog: pytest.LogCaptureFixture) -> None:
    of_catalog: Json = {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}, "nodes": {
        "model.shop.orders": {"metadata": {"owner": "postgres"}},
    }}  # fmt: skip
    with caplog.at_level(logging.INFO, "sev.collector"):
        hand.send((SAMPLES / "dbt-run-results.json").read_bytes(), source="dbt")
        hand.send({"metadata": {"dbt_version": "1"}, "results": [], "args": {"said": '"nodes"'}}, source="dbt")
        hand.send(of_catalog, source="dbt")
    assert (learned(hand), caplog.text) == ([], "")


def test_of_a_long_manifest_the_head_stays_and_all_is_learned(hand: Hand) -> None:
    docs = {f"doc.shop.d{n}": {"block_contents": "x" * 1_000} for n in range(1_500)}
    for name in ("first_one", "second_one"):
        manifest = {"docs": docs, **MANIFEST, "exposures": {
            f"exposure.shop.{name}": {"resource_type": "exposure", "name": name, **depends("model.shop.orders")}
        }}  # fmt: skip
        hand.send(json.dumps(manifest).encode(), source="dbt")
    assert [len(body) for body in hand.kept()] == [HEAD_KEPT], "both begin alike"
    assert graph(hand).downstream("mart.orders", 1) == {
        "exposure.shop.first_one": 1, "exposure.shop.second_one": 1, "model.shop.revenue": 1,
    }  # fmt: skip


def test_other_formats_and_what_is_refused_teach_nothing(hand: Hand) -> None:
    hand.send({"key": "orders", "inputs": [{"name": "raw"}]})
    hand.send({**run("COMPLETE", "02:00:00"), "inputs": "none"})
    hand.send(b"{")
    assert learned(hand) == []


def test_a_fault_in_reading_lineage_loses_no_signal(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(body: Json, source: Safe) -> Facts:
        raise RecursionError("deeper than anybody thought")

    monkeypatch.setitem(lineage._READERS, "openlineage", broken)
    with caplog.at_level(logging.ERROR, "sev.collector"):
        hand.send(run("FAIL", "02:00:00"), source="lineage")
    assert hand.alert().subject == "load_orders"
    assert "reading the lineage in a payload of lineage failed" in caplog.text
