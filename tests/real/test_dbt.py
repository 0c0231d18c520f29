"""dbt with DuckDB: five models and a failing test, told by the README's lines behind `dbt build`."""

from pathlib import Path

import pytest

from tests.real.blocks import block
from tests.real.tools import Done, Tool, alerts, install, nothing_was_rejected, states
from tests.support.servers import Collector

pytestmark = pytest.mark.heavy

PROJECT = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\n",
    "profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n",
    "models/raw_orders.sql": "select 1 as id, 10 as amount union all select 2, null",
    "models/stg_orders.sql": "select * from {{ ref('raw_orders') }}",
    "models/orders.sql": "select id, amount from {{ ref('stg_orders') }}",
    "models/revenue.sql": "select sum(amount) as revenue from {{ ref('orders') }}",
    "models/order_count.sql": "select count(*) as n from {{ ref('orders') }}",
    "models/schema.yml": (
        "models:\n  - name: stg_orders\n    columns:\n      - {name: amount, data_tests: [not_null]}\n"
        "      - {name: id, data_tests: [unique]}\n"
    ),
}


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    # dbt-core 1.12 builds one of its parts from a download that is no package, so it can't be had everywhere
    return install(tmp_path_factory.mktemp("dbt") / "venv", "dbt-core>=1.11,<1.12", "dbt-duckdb")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    for name, text in PROJECT.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def build(dbt: Tool, project: Path, serving: Collector) -> Done:
    """The README's lines, as one shell runs them."""
    more = {"DBT_PROFILES_DIR": str(project), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    return dbt.run(["/bin/sh", "-c", block("dbt")], project, serving, **more)


def test_a_failing_test_and_the_models_behind_it(dbt: Tool, project: Path, serving: Collector) -> None:
    assert dbt.version("dbt-core").startswith("1.11.")
    done = build(dbt, project, serving)
    assert done.code == 1, done.out
    found = alerts(serving, by="key")
    test = next(one for key, one in found.items() if key.startswith("dbt:test.shop.not_null_stg_orders_amount."))
    assert (test["status"], test["verdict"], test["severity"]) == ("firing", "incident", 2)
    assert (test["kind"], test["subject"], test["source"]) == ("data_quality", "model.shop.stg_orders", "dbt")
    assert "Got 1 result, configured to fail if != 0" in str(test["title"])

    skipped = {key for key, one in found.items() if one["kind"] == "downstream"}
    assert skipped == {f"dbt:model.shop.{name}" for name in ("orders", "revenue", "order_count")}
    assert {one["verdict"] for one in found.values() if one is not test} == {"info"}

    (project / "models/raw_orders.sql").write_text("select 1 as id, 10 as amount union all select 2, 20", "utf-8")
    done = build(dbt, project, serving)
    assert done.code == 0, done.out
    after = alerts(serving, by="key")
    assert after.keys() == found.keys()
    assert set(states(after).values()) == {"resolved"}
    assert nothing_was_rejected(serving)


def test_a_model_that_cannot_be_built(dbt: Tool, project: Path, serving: Collector) -> None:
    (project / "models/raw_orders.sql").write_text("select 1 as id, 1 as amount", "utf-8")
    (project / "models/orders.sql").write_text("select missing from {{ ref('stg_orders') }}", "utf-8")
    assert build(dbt, project, serving).code == 1
    fires = {key: one for key, one in alerts(serving, by="key").items() if one["status"] == "firing"}
    assert set(fires) == {"dbt:model.shop.orders"}
    assert fires["dbt:model.shop.orders"]["kind"] == "failed_job"
    assert 'Referenced column "missing" not found' in str(fires["dbt:model.shop.orders"]["title"])
    assert "\x1b" not in str(fires)
    assert nothing_was_rejected(serving)


def test_a_dbt_that_stops_early_is_not_told_as_the_run_before(dbt: Tool, project: Path, serving: Collector) -> None:
    build(dbt, project, serving)
    before = alerts(serving, by="key")
    (project / "models/orders.sql").write_text("select {{ ref('nowhere') }}", "utf-8")
    done = build(dbt, project, serving)
    assert done.code == 2, done.out
    assert not (project / "target" / "run_results.json").exists()
    assert alerts(serving, by="key") == before
