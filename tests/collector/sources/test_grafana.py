"""Grafana's own Alertmanager, asked under its address there: what it lists fires, what it lists no more is over."""

from datetime import timedelta

from tests.collector.hand import Hand
from tests.collector.sources.site import site
from tests.collector.sources.test_services import asking, told
from tui.config import SourceKind
from tui.formats.decode import Json
from tui.model.alert import AlertStatus

PLACE = "/api/alertmanager/grafana/api/v2"


def listed(hand: Hand) -> Json:
    return {
        "fingerprint": "9f3c2a1b00d4e5f6",
        "labels": {"alertname": "Board not fresh", "dashboard": "monday-board", "severity": "critical"},
        "annotations": {"summary": "the board shows last week"},
        "generatorURL": "https://grafana.example/alerting/grafana/abc/view",
        "startsAt": (hand.now - timedelta(minutes=3)).isoformat(),
        "endsAt": (hand.now + timedelta(minutes=4)).isoformat(),
        "updatedAt": hand.now.isoformat(),
        "receivers": [{"name": "grafana-default-email"}],
        "status": {"state": "active", "inhibitedBy": [], "silencedBy": []},
    }


async def test_what_it_lists_fires_and_what_it_lists_no_more_is_over_after_two_looks(hand: Hand) -> None:
    async with site() as served:
        served.serve(f"{PLACE}/alerts", [listed(hand)])
        source = asking(hand, SourceKind.GRAFANA, served.url)
        for _ in range(8):  # it does not say since when it is up: it counts from our own first look
            first = await source.poll()
        served.serve(f"{PLACE}/alerts", [])
        assert await source.poll() == [], "one look alone may be a restart"
        assert source.status("9f3c2a1b00d4e5f6") is AlertStatus.FIRING
        assert told(await source.poll()) == ["monday-board resolved"]
        assert source.status("9f3c2a1b00d4e5f6") is AlertStatus.RESOLVED
        assert source.alert("9f3c2a1b00d4e5f6").title == "the board shows last week"
        assert first == [], "an alert listed as before is no news"
        assert set(served.paths()) == {f"{PLACE}/alerts", f"{PLACE}/status"}


async def test_a_first_look_tells_what_fires(hand: Hand) -> None:
    async with site() as served:
        served.serve(f"{PLACE}/alerts", [listed(hand)])
        source = asking(hand, SourceKind.GRAFANA, served.url)
        (signal,) = await source.poll()
        assert (signal.subject, signal.severity_word) == ("monday-board", "critical")
        assert source.alert("9f3c2a1b00d4e5f6").links.source == "https://grafana.example/alerting/grafana/abc/view"
