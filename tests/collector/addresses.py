"""Addresses of other tools and what is sent to them, for the tests of several files."""

import json
from pathlib import Path

from tests.collector.hand import TOKEN, Hand
from tui.store import payloads

SAMPLES = Path(__file__).parents[1] / "formats" / "samples"
ENQUEUE = "/v2/enqueue"
CHANGES = "/v2/change/enqueue"
FIRST = "/generic/2010-04-15/create_event.json"
LINEAGE = "/api/v1/lineage"
ALERTS = "/v2/alerts"
TRIGGER: dict[str, object] = {
    "routing_key": TOKEN,
    "event_action": "trigger",
    "payload": {"summary": "orders late", "source": "etl-2", "severity": "critical"},
}
TOLD: dict[str, object] = {"service_key": TOKEN, "event_type": "trigger", "description": "orders late"}
CHANGE: dict[str, object] = {"routing_key": TOKEN, "payload": {"summary": "loader 4.2 deployed", "source": "ci"}}
CREATE: dict[str, object] = {"message": "tariff load is late", "alias": "tariff/late", "priority": "P2"}


def raw(body: object) -> bytes:
    return json.dumps(body).encode()


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def rejected(hand: Hand) -> list[str]:
    return [one.reason for one in hand.store.read(payloads.rejected)]
