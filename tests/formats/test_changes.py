"""Whoever tells of a deploy or another change: it comes out as a change, with who, what and what it touches."""

import json
from datetime import UTC, datetime

import pytest

from tests.formats.mutation import sample
from tui.formats.base import Payload
from tui.formats.decode import Json
from tui.formats.registry import read
from tui.model.signal import Kind, SignalStatus

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "format_", "who", "what", "touches"),
    [
        pytest.param(
            {"event": "deploy", "dag_id": "orders_nightly", "version": "a1b2", "by": "ada", "state": "success"},
            "generic", "ada", "orders_nightly deploy a1b2", "orders_nightly", id="an Airflow DAG",
        ),
        pytest.param(
            {"event": "deployment", "project": "shop_dbt", "version": "1.9", "author": "ines", "status": "success"},
            "generic", "ines", "shop_dbt deployment 1.9", "shop_dbt", id="a dbt project",
        ),
        pytest.param(
            {"kind": "change", "title": "column vat is new", "table": "shop.orders", "labels": {"who": "li"}},
            "generic", "li", "column vat is new", "shop.orders", id="sev's own JSON",
        ),
        pytest.param(
            sample("github-deployment.json"),
            "github", "ada", "shop/etl: deploy to production ordered: release 12 (abcdef0)", "shop/etl",
            id="a deployment of GitHub's",
        ),
        pytest.param(
            sample("github-deployment-status.json"),
            "github", "ada", "shop/etl: deploy to production succeeded (abcdef0)", "shop/etl",
            id="how a deployment of GitHub's went",
        ),
        pytest.param(
            sample("github-workflow-run.json"),
            "github", "ada", "shop/etl: Deploy failed (ec26c3e)", "shop/etl", id="a workflow of GitHub's that deploys",
        ),
        pytest.param(
            sample("pagerduty-change.json"),
            "pagerduty", "Ines Roca", "fares-loader 4.2 deployed", "fares-loader", id="a change event of PagerDuty's",
        ),
        pytest.param(
            {
                "specversion": "1.0", "id": "7", "source": "/ci", "type": "dev.shop.thing",
                "data": {"event": "deploy", "service": "loader", "version": "4", "by": "bo"},
            },
            "generic", "bo", "loader deploy 4", "loader", id="sev's own JSON in a CloudEvent",
        ),
    ],
)  # fmt: skip
def test_it_is_a_change(body: Json, format_: str, who: str, what: str, touches: str) -> None:
    signals = read(Payload(body=json.dumps(body).encode(), received_at=NOW)).signals
    change = next(signal for signal in signals if signal.kind is Kind.CHANGE)
    assert (change.format, change.status) == (format_, SignalStatus.INFO)
    assert (change.labels["who"], change.title, change.labels["touches"]) == (who, what, touches)
    assert change.labels["what"]
    assert change.severity_hint is None
