"""Exports without the secrets that people wrote and tools sent."""

import json
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.model.severity import Severity

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def leaking(scene: Scene) -> str:
    """An incident whose title, notes and alert hold secrets."""
    alert = scene.fire("load_orders", title=f"login failed with {JWT}")
    number = scene.declare(alert, title="Orders late: password=hunter2", severity=Severity.SEV2)
    scene.note(number, "used AKIAIOSFODNN7EXAMPLE\nand postgres://etl:hunter2@db/x")
    return f"INC-{number}"


def test_no_export_holds_them(sev: Hand, leaking: str) -> None:
    for words in (("export", leaking), ("export", leaking, "--format", "json")):
        told = sev.done(*words)
        assert not any(secret in told for secret in ("hunter2", "AKIAIOSFODNN7EXAMPLE", JWT))
        assert "[redacted: password]" in told
        assert "[redacted: aws key]" in told
        assert "[redacted: jwt]" in told


def test_a_scenario_holds_none_either(sev: Hand, tmp_path: Path) -> None:
    body = {"job": "load_orders", "status": "failed", "title": "password=hunter2", "labels": {"api_key": "s3cr3t"}}
    said = sev("ingest", "-", "--source", "cron", stdin=json.dumps(body).encode())
    assert said.code == 0, said
    sev.done("declare", "--alert", "A-1", "--title", "x", "--sev", "2")
    sev.done("export", "INC-1", "--format", "scenario", "-o", str(tmp_path / "s"))
    told = (tmp_path / "s" / "signals.jsonl").read_text("utf-8")
    assert "hunter2" not in told
    assert "s3cr3t" not in told
    assert json.loads(told)["payload"]["labels"]["api_key"] == "[redacted: api key]"
