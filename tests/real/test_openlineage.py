"""OpenLineage's Python client with the README's openlineage.yml: a run that fails, and the next one."""

from pathlib import Path

import pytest

from tests.real.blocks import settings
from tests.real.tools import Tool, alerts, install, nothing_was_rejected, states
from tests.support.servers import Collector

pytestmark = pytest.mark.heavy

RUN = """
import os
from datetime import datetime, timezone
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Dataset, Job, Run, RunEvent, RunState
from openlineage.client.facet_v2 import error_message_run, ownership_job
from openlineage.client.uuid import generate_new_uuid

client = OpenLineageClient()
run = str(generate_new_uuid())
owners = ownership_job.OwnershipJobFacet(owners=[ownership_job.Owner(name="team:orders", type="MAINTAINER")])
job = Job(namespace="shop", name="load_orders", facets={"ownership": owners})
tables = {"inputs": [Dataset("postgres://db:5432", "shop.orders")], "outputs": [Dataset("s3://lake", "orders")]}

def tell(state, **facets):
    at = datetime.now(timezone.utc).isoformat()
    client.emit(RunEvent(eventType=state, eventTime=at, run=Run(run, facets), job=job, producer="https://shop.example",
                         **tables))

tell(RunState.START)
if os.environ.get("FAILS"):
    why = error_message_run.ErrorMessageRunFacet(message="disk full", programmingLanguage="python")
    tell(RunState.FAIL, errorMessage=why)
else:
    tell(RunState.COMPLETE)
print(client.transport.kind, client.transport.url, client.transport.endpoint)
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    return install(tmp_path_factory.mktemp("openlineage") / "venv", "openlineage-python")


def test_a_run_fails_and_the_next_completes(client: Tool, tmp_path: Path, serving: Collector) -> None:
    (tmp_path / "openlineage.yml").write_text(settings("openlineage", serving, token="the-token"), "utf-8")
    done = client.python(RUN, tmp_path, serving, FAILS="1")
    assert f"http {serving.url} api/v1/lineage" in done.out
    failed = alerts(serving)["load_orders"]
    assert (failed["status"], failed["title"]) == ("firing", "load_orders failed: disk full")
    assert (failed["key"], failed["kind"], failed["severity"]) == ("openlineage:shop/load_orders", "failed_job", 2)
    assert isinstance(failed["labels"], dict)
    assert failed["labels"]["owner"] == "team:orders"
    assert (failed["labels"]["inputs"], failed["labels"]["outputs"]) == ("shop.orders", "orders")

    client.python(RUN, tmp_path, serving)
    assert states(alerts(serving)) == {"load_orders": "resolved"}
    assert nothing_was_rejected(serving)
