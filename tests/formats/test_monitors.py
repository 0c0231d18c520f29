"""The table of monitoring services."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import Format, part
from tui.formats.decode import Json
from tui.formats.monitor_shapes import SHAPES
from tui.formats.monitors import FORMATS, dig
from tui.model.severity import Severity
from tui.model.signal import Signal, SignalStatus

BY_NAME = {format_.name: format_ for format_ in FORMATS}
FILES = {
    "gcp": "gcp_monitoring",
    "azure-common": "azure_monitor",
    "azure-metric": "azure_monitor",
    "azure-classic": "azure_monitor",
    "new-relic": "new_relic",
    "new-relic-issue": "new_relic",
    "pingdom": "pingdom",
    "site24x7": "site24x7",
    "checkly": "checkly",
    "graylog": "graylog",
    "riemann": "riemann",
    "vrops": "vrops",
}
SAMPLES = [(BY_NAME[name], sample(f"monitors-{file}.json")) for file, name in FILES.items()]
FIRING, RESOLVED = SignalStatus.FIRING, SignalStatus.RESOLVED
AT = datetime(2026, 11, 24, 5, 41, 18, tzinfo=UTC)


def read(file: str, **changed: Json) -> Signal:
    body = {**part(sample(f"monitors-{file}.json")), **changed}
    (signal,) = signals_of(BY_NAME[FILES[file]], body)
    return signal


def test_every_shape_has_a_sample_and_only_its_format_takes_it() -> None:
    taken = [(format_.name, format_.matches(body, {})) for _, body in SAMPLES for format_ in FORMATS]
    assert [(name, why) for name, why in taken if why] == [(one.format, one.what) for one in SHAPES]


@pytest.mark.parametrize(
    ("file", "key", "status", "subject", "grade"),
    [
        ("gcp", "0.mz1", FIRING, "clicks-sessions", 1),
        (
            "azure-common",
            "/subscriptions/s1/providers/Microsoft.AlertsManagement/alerts/b956",
            RESOLVED,
            "adf-north",
            None,
        ),
        ("azure-metric", "/subscriptions/s1/rules/r1 /subscriptions/s1/vms/etl-vm", FIRING, "etl-vm", 1),
        ("azure-classic", "/subscriptions/s1/rules/r1 /subscriptions/s1/vms/etl-vm", RESOLVED, "etl-vm", None),
        ("new-relic", "7001", SignalStatus.ACKNOWLEDGED, "orders-consumer", 1),
        ("new-relic-issue", "e5b1", RESOLVED, "orders-consumer", None),
        ("pingdom", "8033", FIRING, "Price API", 2),
        ("site24x7", "Price page https://shop.example/", FIRING, "Price page", 3),
        ("checkly", "c-77", FIRING, "Price API", None),
        ("graylog", "s1 c1", FIRING, "loader errors", None),
        ("riemann", "etl-2 tariff rows", FIRING, "tariff rows", 1),
        ("vrops", "a-1", FIRING, "etl-2", 2),
    ],
)
def test_what_each_is_known_by(file: str, key: str, status: SignalStatus, subject: str, grade: int | None) -> None:
    signal = read(file)
    assert signal.key == f"{FILES[file]}:{key}"
    assert (signal.status, signal.subject, signal.severity_hint) == (status, subject, grade)
    assert signal.format == signal.source == FILES[file]


@pytest.mark.parametrize("file", ["gcp", "new-relic", "pingdom", "site24x7", "checkly"])
def test_times_in_seconds_milliseconds_and_text(file: str) -> None:
    assert read(file).at == AT


def test_an_incident_of_google_ends_when_it_says() -> None:
    incident = {**part(sample("monitors-gcp.json"), "incident"), "state": "closed", "ended_at": 1795498938}
    signal = read("gcp", incident=incident)
    assert (signal.status, signal.starts) == (RESOLVED, AT)
    assert signal.ended_at == signal.at == datetime(2026, 11, 24, 5, 42, 18, tzinfo=UTC)


def test_azure_counts_its_severities_from_zero() -> None:
    essentials = part(sample("monitors-azure-common.json"), "data", "essentials")

    def grade(word: str) -> Severity | None:
        fired: Json = {"essentials": {**essentials, "monitorCondition": "Fired", "severity": word}}
        return read("azure-common", data=fired).severity_hint

    assert [grade(f"Sev{n}") for n in range(6)] == [1, 2, 3, 3, 3, None]


def test_seven_digits_of_a_second_are_cut() -> None:
    assert read("azure-common").ended_at == datetime(2026, 11, 24, 6, 3, 16, 224631, tzinfo=UTC)


def test_an_acknowledgement_tells_who() -> None:
    signal = read("new-relic")
    assert signal.labels["by"] == "Mila Kern"
    assert signal.links.runbook == "https://runbooks.example/lag"
    assert "by" not in read("new-relic", current_state="open").labels


@pytest.mark.parametrize(
    ("file", "changed", "status"),
    [
        ("pingdom", {"current_state": "UP"}, RESOLVED),
        ("pingdom", {"current_state": "PAUSED"}, SignalStatus.INFO),
        ("site24x7", {"STATUS": "UP"}, RESOLVED),
        ("checkly", {"alert_type": "ALERT_RECOVERY"}, RESOLVED),
        ("checkly", {"alert_type": "ALERT_NEW_WORD"}, SignalStatus.UNKNOWN),
        ("new-relic", {"current_state": "CLOSED"}, RESOLVED),
        ("riemann", {"state": "expired"}, SignalStatus.UNKNOWN),
        ("vrops", {"status": "CANCELED"}, RESOLVED),
    ],
)
def test_states(file: str, changed: dict[str, Json], status: SignalStatus) -> None:
    signal = read(file, **changed)
    assert (signal.key, signal.status) == (read(file).key, status)
    assert signal.severity_word is None or status is not RESOLVED
    assert (signal.labels.get("state") is not None) == (status in (SignalStatus.INFO, SignalStatus.UNKNOWN))


def test_a_date_of_cancelling_means_nothing_while_it_is_active() -> None:
    assert read("vrops").ended_at is None
    assert read("vrops", status="CANCELED").ended_at == AT


def test_a_template_that_nobody_filled_in_is_no_identity() -> None:
    with pytest.raises(RejectedError, match="check_id: missing, or a template"):
        read("checkly", check_id="{{CHECK_ID}}")


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
def test_another_body_is_rejected_with_what_is_missing(format_: Format) -> None:
    with pytest.raises(RejectedError, match="missing in an object with title"):
        signals_of(format_, {"title": "x"})
    assert format_.matches({"status": "Activated", "context": {"id": "x"}}, {}) is None
    assert format_.matches({"incident": {"id": "Q1", "incident_number": 3, "status": "triggered"}}, {}) is None


def test_a_path_leads_into_objects_and_lists() -> None:
    body: Json = {"a": [{"b": 1}, "c"]}
    assert [dig(body, path) for path in ("a.0.b", "a.1", "a.9", "a.b", "x.y", "a.0.b.c")] == [
        1,
        "c",
        None,
        None,
        None,
        None,
    ]


@given(st.sampled_from(SAMPLES).flatmap(lambda one: st.tuples(st.just(one[0]), mutations(one[1]))))
@settings(max_examples=200, deadline=None)
def test_bent_bodies_are_read_or_rejected(one: tuple[Format, Json]) -> None:
    survives(*one)
