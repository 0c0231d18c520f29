"""Payloads from files and standard input."""

from pathlib import Path

import msgspec
import pytest

from tests.cli.hand import Hand, column
from tests.collector.addresses import SAMPLES
from tests.support.scene import Scene
from tui.cli import ingest
from tui.store import catalog
from tui.store.engine import Store


def payload(fingerprint: str = "f1", status: str = "firing", title: str = "no commits for 18m") -> bytes:
    """What an Alertmanager sends."""
    return msgspec.json.encode(
        {
            "version": "4",
            "groupKey": "{}",
            "status": status,
            "receiver": "sev",
            "groupLabels": {},
            "commonLabels": {},
            "commonAnnotations": {},
            "externalURL": "http://am",
            "alerts": [
                {
                    "status": status,
                    "labels": {"alertname": "StreamJobDown", "severity": "critical", "job": "card-scoring"},
                    "annotations": {"summary": title},
                    "startsAt": "2026-11-24T13:00:00Z",
                    "endsAt": "0001-01-01T00:00:00Z",
                    "generatorURL": "http://prom/x",
                    "fingerprint": fingerprint,
                }
            ],
        }
    )


def test_a_payload_becomes_an_alert_and_a_candidate(sev: Hand, scene: Scene) -> None:
    said = sev("ingest", "-", stdin=payload())
    assert (said.code, said.err) == (0, "")
    assert said.out == "A-1 firing card-scoring: no commits for 18m\n"
    assert column(sev.json("candidates"), "alerts") == [["A-1"]]


def test_json_prints_each_changed_object_once(sev: Hand, scene: Scene) -> None:
    said = sev("ingest", "--json", stdin=payload() + b"\n" + payload() + payload("f2"))
    assert said.code == 0
    assert column(said.objects, "id") == ["A-1", "A-2"]
    assert said.objects[0]["count"] == 2
    assert all(isinstance(seq, int) for seq in column(said.objects, "seq"))


def test_the_good_ones_are_stored_and_the_code_is_one(sev: Hand, scene: Scene, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(payload())
    bad.write_bytes(b'{"what": "is this"}')
    said = sev("ingest", str(bad), str(good))
    assert said.code == 1
    assert [line.split()[0] for line in said.lines] == ["R-1", "A-1"]
    assert said.err == "sev: 1 of 2 payloads could not be read: they are kept for you: see `sev rejected`\n"


def test_a_file_that_is_not_there_is_told_and_the_others_are_stored(sev: Hand, scene: Scene, tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_bytes(payload())
    said = sev("ingest", "/nowhere/x.json", str(good))
    assert said.code == 1
    assert "/nowhere/x.json cannot be read" in said.err
    assert scene.alert(1).subject == "card-scoring"


def test_a_dry_run_prints_signals_and_stores_nothing(sev: Hand, tmp_path: Path) -> None:
    place = tmp_path / "none.db"
    said = sev.bare("--store", str(place), "ingest", "--dry-run", "--json", stdin=payload())
    assert said.code == 0
    signal = said.object
    assert (signal["status"], signal["severity_hint"], signal["subject"]) == ("firing", 1, "card-scoring")
    assert "id" not in signal
    assert not place.exists()
    told = sev.bare("--store", str(place), "ingest", "--dry-run", stdin=payload())
    assert told.out == "firing card-scoring: no commits for 18m (alertmanager:f1)\n"


@pytest.mark.parametrize("body", [b"", b"not json", b'{"a": NaN}', b"[" * 100 + b"]" * 100, b"\xff\xfe"])
def test_what_cannot_be_read_is_rejected_dry_or_not(sev: Hand, scene: Scene, body: bytes) -> None:
    dry = sev("ingest", "--dry-run", "-", stdin=body)
    assert (dry.code, dry.out) == (1, "")
    assert "nothing was stored" in dry.err
    wet = sev("ingest", "-", stdin=body)
    assert wet.code == 1
    assert wet.out.startswith("R-1 rejected: ")


def test_too_long_a_body_keeps_its_head(sev: Hand, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "FILE_LIMIT", 2 << 20)
    body = b'{"a": "' + b"x" * (2 << 20) + b'"}'
    said = sev("ingest", "--json", stdin=body)
    assert said.code == 1
    assert said.object["size"] == len(body)
    assert f"{2 << 20} at most" in str(said.object["reason"])


def test_what_is_longer_than_the_network_may_send_is_read_from_a_file(sev: Hand, scene: Scene) -> None:
    said = sev("ingest", stdin=payload()[:-1] + b', "padding": "' + b"x" * (2 << 20) + b'"}')
    assert (said.code, said.out) == (0, "A-1 firing card-scoring: no commits for 18m\n")
    rejected = sev("ingest", "--json", stdin=b'{"a": "' + b"x" * (2 << 20) + b'"}').object
    assert (rejected["id"], rejected["size"]) == ("R-1", (2 << 20) + 9)


def test_a_dbt_manifest_feeds_the_catalog(sev: Hand, scene: Scene) -> None:
    said = sev("ingest", str(SAMPLES / "dbt-manifest.json"))
    assert (said.code, said.out, said.err) == (0, "", "")
    graph = scene.store.read(catalog.read_graph)
    assert graph.upstream("Monday board", 1) == {"model.shop.revenue": 1}


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_verbose_tells_what_each_payload_was_taken_for_and_why(sev: Hand, scene: Scene, dry: tuple[str, ...]) -> None:
    said = sev("ingest", "-v", "--json", *dry, stdin=payload() + b'\n{"what": "is this"}')
    assert said.code == 1
    assert "sev: payload 1: taken for alertmanager: version 4, alerts and groupKey\n" in said.err
    assert "sev: payload 2: rejected: unknown shape: an object with what" in said.err
    assert said.objects, "stdout holds JSON and nothing else"
    assert "payload 1" not in sev("ingest", *dry, stdin=payload()).err


def test_a_source_is_read_by_its_map_and_may_share_a_name(sev: Hand, scene: Scene) -> None:
    (scene.store.path.parent / "sev.toml").write_text(
        '[sources.loader]\nmap = { key = "$.job.id", title = "$.msg" }\n[sources.am-hook]\nsame_as = "am"\n'
    )
    said = sev("ingest", "--source", "loader", "--dry-run", "-v", stdin=b'{"job": {"id": "n"}, "msg": "disk full"}')
    assert said.out == "firing disk full: disk full (loader:n)\n" or said.out.endswith("(loader:n)\n")
    assert "taken for generic: by the map of source loader" in said.err
    sev("ingest", "--source", "am-hook", stdin=payload())
    assert column(sev.json("alerts"), "key") == ["am:f1"]
    sev("ingest", "--source", "am", stdin=payload(title="no commits for 20m"))
    assert column(sev.json("alerts"), "count") == [2]


def test_a_map_that_is_wrong_is_told_in_full(sev: Hand, scene: Scene) -> None:
    file = scene.store.path.parent / "sev.toml"
    file.write_text('[sources.loader]\nmap = { title = "msg", status = "$.s[" }\n')
    for verb in (("ingest", "-"), ("config", "--check")):
        said = sev(*verb, stdin=payload())
        assert (said.code, said.out) == (2, "")
        assert [line.rpartition("sources.")[2].split(":")[0] for line in said.err.splitlines()] == [
            "loader.map.title",
            "loader.map.status",
        ]


def test_a_check_that_passes_is_shown_and_opens_no_alert(sev: Hand, scene: Scene) -> None:
    body = b'{"key": "load", "status": "success", "title": "load ran"}'
    assert sev("ingest", "--dry-run", stdin=body).out == "succeeded load: load ran (generic:load)\n"
    said = sev("ingest", stdin=body)
    assert (said.code, said.out, sev.json("alerts")) == (0, "", [])


def test_source_and_format_are_named(sev: Hand, scene: Scene) -> None:
    said = sev("ingest", "--source", "am-eu", "--format", "alertmanager", "--json", stdin=payload())
    assert said.object["key"] == "am-eu:f1"
    assert sev.refused(2, "ingest", "--format", "telepathy", "-").startswith("no format 'telepathy'")


def test_ingesting_may_begin_a_store(sev: Hand, tmp_path: Path) -> None:
    place = tmp_path / "fresh" / "sev.db"
    assert sev.bare("--store", str(place), "ingest", stdin=payload()).code == 0
    with Store(place, read_only=True):
        pass


def test_an_all_clear_ends_it(sev: Hand, scene: Scene) -> None:
    sev("ingest", stdin=payload())
    said = sev("ingest", stdin=payload(status="resolved"))
    assert said.code == 0
    assert "A-1 resolved" in said.out


def test_read_only_takes_nothing_in(sev: Hand, scene: Scene) -> None:
    assert sev("--read-only", "ingest", stdin=payload()).code == 3
    assert sev.json("alerts") == []
