"""What an Alertmanager sends of one alert, for the tests of several files."""

from tui.formats.decode import Json

ALERT: dict[str, Json] = {
    "status": "firing",
    "labels": {"alertname": "StreamJobDown", "severity": "critical", "job": "card-scoring"},
    "annotations": {"summary": "no commits for 18m", "runbook_url": "https://runbooks.example/x"},
    "startsAt": "2026-11-24T13:40:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prom.example/x",
    "fingerprint": "f1",
}


def webhook(status: str, *, ends: str = "0001-01-01T00:00:00Z", notes: bool = True, **more: Json) -> dict[str, Json]:
    """One alert in that status; without its `notes` and its source, as when an API client resolved it."""
    without: dict[str, Json] = {} if notes else {"annotations": {}, "generatorURL": ""}
    alert: dict[str, Json] = {**ALERT, "status": status, "endsAt": ends, **without, **more}
    return {"version": "4", "groupKey": "{}", "status": status, "receiver": "sev", "alerts": [alert]}
