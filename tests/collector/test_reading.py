"""The settings of a source: its format, a map of its fields, and the name it shares with another."""

import json
import logging
from datetime import datetime
from pathlib import Path

import pytest

from tests.collector.hand import Hand, running
from tests.collector.sources.pull import pulling, source
from tests.collector.webhook import ALERT, webhook
from tui.collector.delivery import Delivery, Prepared, Receipt, prepare
from tui.collector.reading import readings_of
from tui.collector.service import serve
from tui.config import Config, SourceKind, SourceSettings
from tui.errors import ConfigError
from tui.formats.registry import AUTO
from tui.model.alert import AlertStatus
from tui.model.text import Safe, clean

LOADER = SourceSettings(
    name="loader",
    map={"key": "$.job.id", "title": "$.msg", "status": "$.state", "kind": "failed_job", "labels.team": "$.team"},
)
BODY = {"job": {"id": "nightly"}, "msg": "disk full", "state": "failed", "team": "ops"}
AM = SourceSettings(name="am")
HOOK = SourceSettings(name="am-hook", same_as="am")
NOW = datetime.fromisoformat("2026-11-24T14:00:00Z")


def told(body: object, name: str | None, *settings: SourceSettings, format_name: str = AUTO) -> Prepared:
    named = None if name is None else clean(name)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    delivery = Delivery(body=raw, received_at=NOW, uid=7, source=named, format=format_name)
    return prepare(delivery, readings_of(settings))


def send(hand: Hand, body: object, name: str | None, *settings: SourceSettings) -> Receipt:
    (receipt,) = hand.send_all([told(body, name, *settings)])
    return receipt


def test_a_map_puts_a_bodys_fields_in_their_place() -> None:
    read = told(BODY, "loader", LOADER)
    (signal,) = read.signals
    assert (signal.key, signal.title, signal.labels["team"]) == ("loader:nightly", "disk full", "ops")
    assert (signal.source, signal.status, signal.kind) == ("loader", "firing", "failed_job")
    assert (read.format, read.reason) == ("generic", "by the map of source loader")
    assert told(BODY, "other", LOADER).reason != read.reason


def test_the_generic_source_may_have_a_map_too() -> None:
    (signal,) = told(BODY, "generic", SourceSettings(name="generic", map=LOADER.map)).signals
    assert signal.key == "generic:nightly"


def test_what_a_map_cannot_read_is_kept_with_the_reason() -> None:
    read = told({"job": 3}, "loader", LOADER)
    assert read.refused is not None
    assert "the map finds no key" in read.refused
    assert told(b"{", "loader", LOADER).not_json is True


def test_a_format_named_by_the_address_or_a_person_wins_over_the_settings() -> None:
    read = told(webhook("firing"), "loader", LOADER, format_name="alertmanager")
    assert (read.format, read.signals[0].key) == ("alertmanager", "loader:f1")
    set_to = SourceSettings(name="x", format="generic")
    assert told(webhook("firing"), "x", set_to, format_name="alertmanager").format == "alertmanager"
    assert told({"key": "k"}, "x", set_to).reason == "named by the caller"


def test_a_map_under_a_shared_name_gives_the_others_keys() -> None:
    shared = SourceSettings(name="loader", map=LOADER.map, same_as="jobs")
    assert told(BODY, "loader", shared).signals[0].key == "jobs:nightly"


def test_every_mistake_is_told_at_once() -> None:
    wrong = (
        SourceSettings(name="a", format="telepathy"),
        SourceSettings(name="b", map={"title": "msg", "status": "$.s["}),
        SourceSettings(name="c", map={"status": "firing"}),
    )
    with pytest.raises(ConfigError) as caught:
        readings_of(wrong)
    assert [mistake.split(": ")[0] for mistake in caught.value.mistakes] == [
        "sources.a.format",
        "sources.b.map.title",
        "sources.b.map.status",
        "sources.c.map",
    ]


async def test_a_collector_does_not_start_with_a_map_that_is_wrong(tmp_path: Path) -> None:
    config = Config(store=tmp_path / "sev.db", sources=(SourceSettings(name="b", map={"title": "msg"}),))
    with pytest.raises(ConfigError, match=r"sources\.b\.map\.title"):
        await serve(config, announce=lambda line: None, environment={"SEV_TOKEN": "t"})


def test_two_ways_from_one_alertmanager_share_alerts(hand: Hand) -> None:
    send(hand, webhook("firing"), "am-hook", AM, HOOK)
    hand.later(minutes=1)
    polled = [{**ALERT, "status": {"state": "active"}}]
    assert send(hand, polled, "am", AM, HOOK).alerts == (1,)
    alert = hand.alert()
    assert (alert.key, alert.source, alert.count) == ("am:f1", "am", 2)
    send(hand, webhook("resolved", ends="2026-11-24T13:59:00Z"), "am-hook", AM, HOOK)
    assert [(one.key, one.status) for one in hand.alerts()] == [("am:f1", AlertStatus.RESOLVED)]


@pytest.mark.parametrize("format_name", [AUTO, "alertmanager"])
def test_what_nobody_named_follows_the_settings_of_its_format(format_name: str) -> None:
    settings = SourceSettings(name="alertmanager", same_as="am")
    read = told(webhook("firing"), None, settings, format_name=format_name)
    assert (read.source, read.signals[0].key, read.format) == ("am", "am:f1", "alertmanager")
    assert told(webhook("firing"), None, format_name=format_name).signals[0].key == "alertmanager:f1"


async def test_pushed_bodies_are_read_as_the_settings_say(tmp_path: Path) -> None:
    async with running(tmp_path, sources=(LOADER, HOOK)) as collector:
        status, answer, _ = await collector.call("/v1/loader", json.dumps(BODY).encode())
        assert (status, answer) == (202, {"status": "success", "signals": 1})
        await collector.call("/v1/am-hook", json.dumps(webhook("firing")).encode())
        await collector.call("/v1/am", json.dumps({**webhook("firing"), "groupLabels": {}}).encode())
        with collector.look() as hand:
            assert sorted((one.key, one.count) for one in hand.alerts()) == [("am:f1", 2), ("loader:nightly", 1)]


async def test_lines_of_a_file_are_read_by_their_map(tmp_path: Path) -> None:
    file = tmp_path / "loader.jsonl"
    file.touch()
    settings = source("loader", SourceKind.FILE, path=file, same_as="jobs", map_=LOADER.map)
    async with pulling(tmp_path, settings) as look:
        await look.polls("loader")
        with file.open("a") as lines:
            lines.write(json.dumps(BODY) + "\n")
        await look.until(lambda: look.alert("jobs:nightly"), "the alert")
        assert look.hand.alert().title == "disk full"


def test_the_log_tells_what_a_payload_was_taken_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "sev.collector"):
        told(webhook("firing"), "am")
    assert "a payload of am: taken for alertmanager: version 4, alerts and groupKey" in caplog.text


def test_a_rejected_payload_has_the_shared_name() -> None:
    read = told({"what": 1}, "am-hook", AM, HOOK)
    assert (read.source, read.why.partition(":")[0]) == (Safe("am"), "rejected")
