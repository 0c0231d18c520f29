"""Dagster: a job that fails and one that ends well, seen by the README's two sensors."""

from pathlib import Path

import pytest

from tests.real.blocks import block
from tests.real.tools import Tool, alerts, install, nothing_was_rejected, states
from tests.support.servers import Collector

pytestmark = pytest.mark.heavy

DEFINITIONS = """
import dagster as dg
from sev_sensors import sev_failure, sev_success

@dg.op(config_schema={"well": bool})
def load(context):
    if not context.op_config["well"]:
        try:
            raise ConnectionError("warehouse away")
        except ConnectionError as error:
            raise RuntimeError("load failed") from error

@dg.job
def nightly():
    load()

defs = dg.Definitions(jobs=[nightly], sensors=[sev_failure, sev_success])
"""
RUN = """
import os
import dagster as dg
from definitions import defs, nightly

repository, cursors = defs.get_repository_def(), {}

def tick(instance):
    # what the daemon asks of a code location at every tick
    reactions = []
    for name in ("sev_failure", "sev_success"):
        assert repository.get_sensor_def(name).default_status is dg.DefaultSensorStatus.RUNNING
        context = dg.build_sensor_context(instance=instance, cursor=cursors.get(name), repository_def=repository)
        with context:
            found = repository.get_sensor_def(name).evaluate_tick(context)
        cursors[name] = found.cursor
        reactions += [(name, reaction.error) for reaction in found.dagster_run_reactions]
    return reactions

with dg.DagsterInstance.get() as instance:
    first = tick(instance)
    for well in os.environ["RUNS"].split():
        config = {"ops": {"load": {"config": {"well": well == "well"}}}}
        nightly.execute_in_process(instance=instance, raise_on_error=False, run_config=config)
        print("SAW", first, tick(instance))
"""


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    return install(tmp_path_factory.mktemp("dagster") / "venv", "dagster>=1.13,<2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sev_sensors.py").write_text(block("dagster"), "utf-8")
    (tmp_path / "definitions.py").write_text(DEFINITIONS, "utf-8")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", "utf-8")
    return tmp_path


def run(dagster: Tool, folder: Path, serving: Collector, runs: str, **more: str) -> str:
    return dagster.python(RUN, folder, serving, DAGSTER_HOME=str(folder / "home"), RUNS=runs, **more).out


def test_a_run_fails_and_the_next_succeeds(dagster: Tool, folder: Path, serving: Collector) -> None:
    out = run(dagster, folder, serving, "badly")
    assert "SAW [] [('sev_failure', None)]" in out, out
    failed = alerts(serving)["nightly"]
    assert (failed["status"], failed["source"], failed["format"]) == ("firing", "dagster", "dagster")
    # the error of the run and of the step are wrappers; what it is about lies at the bottom of their causes
    assert failed["title"] == "nightly failed: load: ConnectionError: warehouse away"
    assert (failed["kind"], failed["severity"]) == ("failed_job", 2)
    assert isinstance(failed["labels"], dict)
    assert failed["labels"]["failed_steps"] == "load"
    assert failed["labels"]["dagster/failure_reason"] == "STEP_FAILURE"

    assert "SAW [] [('sev_success', None)]" in run(dagster, folder, serving, "well")
    assert states(alerts(serving)) == {"nightly": "resolved"}
    assert nothing_was_rejected(serving)


def test_a_run_that_ends_well_is_no_alert(dagster: Tool, folder: Path, serving: Collector) -> None:
    run(dagster, folder, serving, "well")
    assert alerts(serving) == {}


def test_dagster_shows_what_could_not_be_told(dagster: Tool, folder: Path, serving: Collector) -> None:
    out = run(dagster, folder, serving, "badly", SEV_URL="http://127.0.0.1:9")
    assert "URLError" in out.partition("SAW")[2]
    assert alerts(serving) == {}
