"""The verb about sources: how pulling goes, and what one would bring."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.formats.decode import Json
from tui.model.catalog import Node
from tui.model.text import Safe
from tui.store import sources
from tui.store.sources import Pulled

EVERY = timedelta(seconds=30)


@pytest.fixture
def settings(scene: Scene) -> Path:
    """The team's file beside the store."""
    return scene.store.path.with_name("sev.toml")


@contextmanager
def serving(pages: dict[str, Json]) -> Iterator[str]:
    """JSON on loopback, in a thread: the verb brings an event loop of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = pages.get(self.path.partition("?")[0])
            body = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_how_pulling_goes(sev: Hand, scene: Scene, settings: Path, now: datetime) -> None:
    settings.write_text(
        '[sources.alertmanager]\nkind = "alertmanager"\nurl = "http://x"\n[sources.hooks]\nformat = "generic"\n'
    )
    kinds = {"alertmanager": "alertmanager", "old": "airflow", "well": "file", "fresh": "dagster"}
    pulled = [Pulled(name=name, kind=kind, every=EVERY) for name, kind in kinds.items()]
    scene.store.tx(lambda conn: sources.begin(conn, pulled, now - timedelta(hours=1)))
    for _ in range(3):
        scene.store.tx(
            lambda conn: sources.failed(conn, "alertmanager", Safe("no answer"), now + timedelta(seconds=40))
        )
    scene.store.tx(lambda conn: sources.succeeded(conn, "old", now - timedelta(minutes=12), now))
    scene.store.tx(lambda conn: sources.succeeded(conn, "well", now - timedelta(seconds=9), now))
    sev.at(now)
    assert sev.done("sources").splitlines() == [
        "alertmanager: 3 failures, next try 00:40: no answer",
        "fresh: dagster, not asked yet",
        "hooks: pushed, never heard",
        "old: silent 12m",
        "well: ok 9s ago, file every 30s",
    ]
    found = {str(one["name"]): one for one in sev.json("sources")}
    assert {name: one["state"] for name, one in found.items()} == {
        "alertmanager": "failing", "fresh": "new", "hooks": "pushed", "old": "silent", "well": "ok",
    }  # fmt: skip
    assert found["alertmanager"] == {
        "name": "alertmanager", "kind": "alertmanager", "state": "failing", "failures": 3, "every_s": 30.0,
        "ok_at": None, "next_try_at": "2026-11-24T14:00:40Z", "last_error": "no answer", "heard_at": None,
        "unknown": None,
    }  # fmt: skip


def test_sources_that_were_heard_are_listed(sev: Hand, scene: Scene, now: datetime) -> None:
    sev("ingest", "--source", "script", stdin=b'{"key": "a", "title": "t"}')
    assert "script: pushed, heard " in sev.done("sources")


def test_without_any(sev: Hand, scene: Scene) -> None:
    assert sev.done("sources") == "no source is set up, and none was heard\n"
    assert sev.json("sources") == []


def test_a_trial_shows_signals_and_stores_nothing(sev: Hand, scene: Scene, settings: Path) -> None:
    alert: Json = {
        "fingerprint": "f1", "labels": {"alertname": "LoadFailed", "pipeline": "orders"}, "annotations": {},
        "startsAt": "2026-11-24T13:59:00Z", "endsAt": "2026-11-24T14:59:00Z", "status": {"state": "active"},
    }  # fmt: skip
    with serving({"/api/v2/alerts": [alert], "/api/v2/status": {"uptime": "2026-11-24T09:00:00Z"}}) as url:
        settings.write_text(f'[sources.am]\nkind = "alertmanager"\nurl = "{url}"\nsame_as = "am-eu"\n')
        assert sev.done("sources", "test", "am") == ("firing orders: LoadFailed pipeline=orders (am-eu:f1)\n")
        (signal,) = sev.json("sources", "test", "am")
        assert (signal["source"], signal["status"], signal["format"]) == ("am-eu", "firing", "alertmanager")
    assert sev.json("alerts") == []


def test_a_trial_of_a_source_with_nothing_to_say(sev: Hand, scene: Scene, settings: Path) -> None:
    with serving({"/api/v2/alerts": [], "/api/v2/status": {}}) as url:
        settings.write_text(f'[sources.am]\nkind = "alertmanager"\nurl = "{url}"\n')
        assert sev.done("sources", "test", "am") == "am can be read and has nothing to say\n"
        assert sev.json("sources", "test", "am") == []


def test_a_trial_of_a_source_that_cannot_be_read(sev: Hand, scene: Scene, settings: Path) -> None:
    with serving({}) as url:
        settings.write_text(f'[sources.am]\nkind = "alertmanager"\nurl = "{url}"\n')
        assert sev.refused(1, "sources", "test", "am") == f"{url}/api/v2/alerts answers 404: null: check the url"


def test_a_trial_of_a_file_reads_its_last_lines(sev: Hand, scene: Scene, settings: Path, tmp_path: Path) -> None:
    settings.write_text('[sources.jobs]\nkind = "file"\npath = "jobs.jsonl"\n')
    (tmp_path / "jobs.jsonl").write_text('{"key": "a", "title": "t"}\nnot json\n')
    said = sev("sources", "test", "jobs")
    assert (said.code, said.out) == (1, "firing a: t (jobs:a)\n")
    assert said.err == "sev: payload rejected: not JSON: Expecting value at line 1, column 1\n"
    (tmp_path / "jobs.jsonl").unlink()
    assert "No such file or directory" in sev.refused(1, "sources", "test", "jobs")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("test", "nobody"), 1, "no source nobody in the settings: see `sev sources`"),
        (("test", "hooks"), 2, "source hooks is pushed to us: there is nothing to ask: try `sev ingest --dry-run`"),
        (("test",), 2, "that is no question about sources: say `sev sources` or `sev sources test NAME`"),
        (("try", "hooks"), 2, "that is no question about sources: say `sev sources` or `sev sources test NAME`"),
    ],
)
def test_what_cannot_be_asked(
    sev: Hand, scene: Scene, settings: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    settings.write_text('[sources.hooks]\nformat = "generic"\n')
    assert sev.refused(code, "sources", *words) == told


def test_what_the_catalog_does_not_know_of_each_source(sev: Hand, scene: Scene) -> None:
    scene.know(Node(name=Safe("mart")))
    scene.fire("mart")
    for n in range(9):
        scene.fire(f"job {n}", source="cron")
    sev.at(scene.now)
    lines = sev.done("sources").splitlines()
    assert [line.split(":")[0] for line in lines] == ["am", "cron", "  not in the catalog"]
    assert lines[2].endswith("job 7 (1 alert) and 1 more")
    am, cron = sev.json("sources")
    unknown = cron["unknown"]
    assert isinstance(unknown, list)
    assert (am["unknown"], len(unknown)) == ([], 9)
    assert unknown[0] == {"subject": "job 0", "alerts": 1, "last_seen": "2026-11-24T14:01:00Z"}
