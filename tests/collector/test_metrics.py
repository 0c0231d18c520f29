"""What the collector tells Prometheus: all of it, in its format, also of sources with odd names."""

import asyncio
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.collector.hand import Hand, Running
from tui.collector.metrics import Metrics, SourceAge, ages_of
from tui.model.text import clean
from tui.store import sources

NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)


def value_of(exposition: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in exposition.splitlines() if line.startswith(f"{name} "))


def test_durations_of_commits_are_a_histogram() -> None:
    metrics = Metrics(NOW)
    for seconds in (0.0005, 0.001, 0.03, 7.0):
        metrics.committed(seconds)
    told = metrics.exposition()
    name = "sev_commit_duration_seconds"
    counts = [int(line.split()[-1]) for line in told.splitlines() if line.startswith(f"{name}_bucket")]
    assert counts == sorted(counts), "each bucket holds those before it"
    assert f'{name}_bucket{{le="0.001"}} 2' in told
    assert f'{name}_bucket{{le="5"}} 3' in told
    assert f'{name}_bucket{{le="+Inf"}} 4' in told
    assert value_of(told, f"{name}_count") == 4
    assert value_of(told, f"{name}_sum") == pytest.approx(7.0315)


def test_a_source_is_told_with_its_ages_whatever_its_name_and_the_clock(hand: Hand, now: datetime) -> None:
    hand.send({"key": "a"}, source='odd "name" \\')
    pulled = [sources.Pulled(name="am", kind="alertmanager", every=timedelta(seconds=60))]
    hand.store.tx(lambda conn: sources.begin(conn, pulled, now))
    hand.store.tx(lambda conn: sources.failed(conn, "am", clean("gone"), now))
    for later in (timedelta(minutes=5), -timedelta(days=1)):
        found = hand.store.read(partial(ages_of, now=now + later))
        span = max(later, timedelta(0))
        assert found == [
            SourceAge(name="am", read=span, failures=1),
            SourceAge(name='odd "name" \\', heard=span),
        ]
        told = Metrics(NOW).exposition(found)
        assert f'sev_source_heard_age_seconds{{source="odd \\"name\\" \\\\"}} {span.total_seconds():.6f}' in told
        assert 'sev_source_failures{source="am"} 1' in told


async def test_a_running_collector_tells_what_it_did(collector: Running) -> None:
    for body in (b'{"key": "a"}', b'{"key": "a"}', b'{"alerts": "none", "version": "4", "groupKey": "x"}'):
        await collector.call("/v1/jobs", body)
    told = await collector.text("/metrics")
    for was in ("accepted", "repeated", "rejected"):
        assert value_of(told, f'sev_deliveries_total{{was="{was}"}}') == 1
    assert value_of(told, "sev_lease_held") == 1
    assert value_of(told, "sev_store_ok") == 1
    assert value_of(told, "sev_waiting") == 0
    assert value_of(told, "sev_oldest_waiting_seconds") == 0
    assert value_of(told, "sev_commit_duration_seconds_count") >= 2
    assert 'sev_source_heard_age_seconds{source="jobs"}' in told


@pytest.mark.real
async def test_promtool_finds_nothing_wrong(collector: Running, tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    await collector.call("/v1/jobs", b'{"key": "a"}')
    told = (await collector.text("/metrics")).encode()
    checked = await asyncio.to_thread(
        subprocess.run, [promtool, "check", "metrics"], input=told, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
