"""Airflow 3: tasks that are tried again, fail for good or are killed, told by the README's callbacks.

`airflow dags test` runs tasks through the worker's own task runner, which calls their callbacks, and calls the DAG's
itself. Only a real scheduler shows what becomes of a worker that is killed.
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.real.blocks import block
from tests.real.tools import Tool, alerts, install, nothing_was_rejected, states, wait_for
from tests.support.servers import PATIENCE, Collector

pytestmark = pytest.mark.heavy

STARTED_WITHIN = 180.0
TOLD_WITHIN = 180.0

TASKS = """
    @task
    def load(ti=None):
        if ti.try_number < 3:
            raise ConnectionError("warehouse away")

    @task(retries=1)
    def publish():
        if not os.environ.get("WELL"):
            raise ValueError("no rows for today")

    load()
    publish()
"""
KILLED = """
import os, signal
from airflow.sdk import DAG, task
from sev_callback import OF_DAG, OF_TASKS

with DAG("killed", schedule=None, default_args={**OF_TASKS, "retries": 0}, **OF_DAG):
    @task
    def starved():
        os.kill(os.getpid(), signal.SIGKILL)

    @task
    def load():
        pass

    starved()
    load()
"""


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Tool:
    return install(tmp_path_factory.mktemp("airflow") / "venv", "apache-airflow==3.*")


@pytest.fixture
def home(airflow: Tool, tmp_path: Path, serving: Collector) -> Path:
    """Airflow's folder with the callbacks and its database."""
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "sev_callback.py").write_text(block("airflow"), "utf-8")
    done = airflow.run(["airflow", "db", "migrate"], tmp_path, serving, **settings(tmp_path))
    assert done.code == 0, done.out
    return tmp_path


def settings(home: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",
    }


def orders(home: Path) -> None:
    """The README's DAG with tasks in it."""
    text = block("airflow-dag")
    assert text.endswith("    ...\n")
    text = text.removesuffix("    ...\n").replace("import DAG", "import DAG, task")
    (home / "dags" / "orders.py").write_text(f"import os\n{text}{TASKS}", "utf-8")


def test_a_retry_is_folded_and_a_failure_fires(airflow: Tool, home: Path, serving: Collector) -> None:
    assert airflow.version("apache-airflow").startswith("3.")
    orders(home)
    done = airflow.run(["airflow", "dags", "test", "orders"], home, serving, **settings(home))
    assert done.code == 1, done.out
    assert "sev was not told" not in done.out
    found = alerts(serving)
    assert states(found) == {"orders.load": "resolved", "orders.publish": "firing", "orders": "firing"}

    retried = found["orders.load"]
    assert (retried["verdict"], retried["state"]) == ("retry", "ok")
    assert str(retried["reason"]).startswith("ran well on try 3")
    failed = found["orders.publish"]
    assert failed["title"] == "orders.publish failed: ValueError: no rows for today"
    assert (failed["verdict"], failed["severity"], failed["kind"]) == ("incident", 2, "failed_job")
    assert str(failed["reason"]).startswith("2 of 2 tries failed")
    assert failed["key"] == "airflow:orders.publish"
    assert isinstance(failed["links"], dict)
    assert "/dags/orders/runs/" in str(failed["links"]["log"])
    assert str(failed["links"]["log"]).endswith("/tasks/publish?try_number=2")
    assert isinstance(failed["labels"], dict)
    assert failed["labels"]["owner"] == "airflow"
    assert "task_failure" in str(found["orders"]["title"])

    done = airflow.run(["airflow", "dags", "test", "orders"], home, serving, WELL="1", **settings(home))
    assert done.code == 0, done.out
    assert set(states(alerts(serving)).values()) == {"resolved"}
    assert nothing_was_rejected(serving)


def test_a_task_does_not_fail_because_sev_is_away(airflow: Tool, home: Path, serving: Collector) -> None:
    orders(home)
    away = {**settings(home), "SEV_URL": "http://127.0.0.1:9", "WELL": "1"}
    done = airflow.run(["airflow", "dags", "test", "orders"], home, serving, **away)
    assert done.code == 0, done.out
    assert "sev was not told" in done.out
    assert alerts(serving) == {}


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


@contextmanager
def scheduler(airflow: Tool, home: Path, serving: Collector) -> Iterator[dict[str, str]]:
    """Airflow with its scheduler, executor, API and DAG processor; yields the settings its commands need."""
    api, logs, triggers = free_ports(3)
    more = {
        **settings(home),
        "AIRFLOW__API__PORT": str(api),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": f"http://localhost:{api}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://localhost:{api}/execution/",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(logs),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(triggers),
    }
    log = home / "standalone.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(airflow.folder / "bin" / "airflow"), "standalone"], cwd=home, env=airflow.environment(serving, more),
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        try:
            wait_until_healthy(f"http://localhost:{api}/api/v2/monitor/health", log)
            yield more
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            finally:
                kill_the_rest(process.pid)


def kill_the_rest(group: int) -> None:
    """Whatever of the group is left: workers outlive their scheduler for a while."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_until_healthy(url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=2) as answer:
                health = json.load(answer)
        except (URLError, OSError):
            health = {}
        if all(health.get(part, {}).get("status") == "healthy" for part in ("scheduler", "dag_processor")):
            return
        time.sleep(0.5)
    raise AssertionError(f"Airflow did not get healthy: {log.read_text('utf-8', 'replace')[-3000:]}")


def test_a_killed_worker_is_told_by_the_dag(airflow: Tool, home: Path, serving: Collector) -> None:
    """Nobody calls back for a task killed in its last try; the DAG's callback, from the DAG processor, is left."""
    (home / "dags" / "killed.py").write_text(KILLED, "utf-8")
    with scheduler(airflow, home, serving) as more:
        wait_for_dag(airflow, home, serving, more)
        found = wait_for(serving, lambda found: "killed" in found, TOLD_WITHIN)
    assert states(found) == {"killed": "firing"}
    assert found["killed"]["title"] == "killed failed: task_failure"
    assert nothing_was_rejected(serving)


def wait_for_dag(airflow: Tool, home: Path, serving: Collector, more: dict[str, str]) -> None:
    """Start a run as soon as the DAG processor has found the DAG."""
    deadline = time.monotonic() + STARTED_WITHIN
    while (done := airflow.run(["airflow", "dags", "trigger", "killed"], home, serving, **more)).code:
        assert time.monotonic() < deadline, done.out
