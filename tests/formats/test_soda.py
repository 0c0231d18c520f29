"""Soda's scans and the webhooks of Soda Cloud."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.soda import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"soda-{name}.json") for name in ("scan", "checks", "incident")]
SCAN, CHECKS, INCIDENT = SAMPLES
CONTRACT: Json = {
    "event": "contractPublished",
    "contract": {
        "id": "c-1",
        "dataset": {"name": "orders"},
        "publishedBy": {"email": "li@shop.example"},
        "publishedTimestamp": "2026-11-24T06:00:00Z",
    },
}
AGREEMENT: Json = {
    "event": "agreementContentsUpdated",
    "agreement": {"id": "a-1", "label": "Orders are whole", "updatedBy": {"email": "li@shop.example"}},
}


def scan(**changed: Json) -> dict[str, Signal]:
    return {s.key.removeprefix("soda:"): s for s in signals_of(FORMAT, {**part(SCAN), **changed})}


def incident(**changed: Json) -> Signal:
    (signal,) = signals_of(FORMAT, {"event": "incidentUpdated", "incident": {**part(INCIDENT, "incident"), **changed}})
    return signal


def test_a_failed_check_of_a_scan_is_read() -> None:
    signal = scan()["check warehouse orders amount missing_count(amount) = 0"]
    assert (signal.status, signal.kind) == (SignalStatus.FIRING, Kind.DATA_QUALITY)
    assert signal.title == "orders.amount: missing_count(amount) = 0 failed, value 12"
    assert (signal.subject, signal.run) == ("orders", "2026-11-24T02:50:00+00:00")
    assert (signal.severity_word, signal.severity_hint) == (None, None)
    assert signal.at == datetime(2026, 11, 24, 2, 51, 30, tzinfo=UTC)


def test_a_freshness_is_shown_as_time_and_a_warning_stays_one() -> None:
    signal = scan()["check warehouse orders [daily] updated_at Orders fresh — été"]
    assert signal.title == "orders.updated_at: Orders fresh — été warns, 2d10h old"
    assert (signal.severity_word, signal.severity_hint) == ("warn", Severity.SEV3)


def test_a_pass_that_the_log_complains_about_is_a_check_that_could_not_run() -> None:
    found = scan()
    signal = found["check warehouse orders nope invalid_count(nope) = 0"]
    assert (signal.status, signal.kind, signal.severity_hint) == (SignalStatus.FIRING, Kind.FAILED_JOB, Severity.SEV3)
    assert "could not run: Counting invalid makes no sense" in signal.title
    assert found["check warehouse stock row_count > 0"].status is SignalStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("errors", "status", "kind"),
    [(True, SignalStatus.FIRING, Kind.FAILED_JOB), (False, SignalStatus.INFO, Kind.DATA_QUALITY)],
)
def test_a_check_without_an_outcome_failed_only_where_the_scan_has_errors(
    errors: bool, status: SignalStatus, kind: Kind
) -> None:
    signal = scan(hasErrors=errors)["check warehouse prices price avg(price) > 1"]
    assert (signal.status, signal.kind) == (status, kind)


def test_the_scan_itself_is_a_job() -> None:
    broken, fine = scan()["scan shop_nightly"], scan(hasErrors=False)["scan shop_nightly"]
    assert (broken.status, broken.kind, broken.severity_hint) == (SignalStatus.FIRING, Kind.FAILED_JOB, Severity.SEV2)
    assert broken.title == "scan shop_nightly has errors: Query execution error in warehouse.prices.avg"
    assert (fine.status, fine.ended_at) == (SignalStatus.SUCCEEDED, fine.at)


def test_a_webhook_clears_what_a_scan_found() -> None:
    passed, failed, unknown = signals_of(FORMAT, CHECKS)
    assert passed.key == "soda:" + next(key for key in scan() if key.endswith("missing_count(amount) = 0"))
    assert (passed.status, passed.ended_at) == (SignalStatus.SUCCEEDED, passed.at)
    assert passed.labels["owner"] == "data@shop.example"
    assert passed.labels["attributes"] == "Finance"
    assert passed.links.source == "https://cloud.soda.io/checks/39d706c3"
    assert (failed.status, failed.title) == (
        SignalStatus.FIRING,
        "orders.order_id: duplicate_count(order_id) = 0 failed, value 2",
    )
    assert unknown.status is SignalStatus.INFO


def test_the_identity_is_not_the_id_of_the_cloud() -> None:
    def check(number: str) -> Json:
        return {"event": "checkEvaluation", "checkResults": [{"id": number, "name": "n", "datasets": [{"name": "d"}]}]}

    assert len({signals_of(FORMAT, check(number))[0].key for number in "abc"}) == 1


def test_an_incident_of_soda_is_one_signal_and_its_old_checks_are_none() -> None:
    (signal,) = signals_of(FORMAT, INCIDENT)
    assert signal.key == "soda:incident e1f399a3-09ea-4b1b-8f00-1992d2744ef6"
    assert (signal.status, signal.subject) == (SignalStatus.FIRING, "customers")
    assert (signal.severity_word, signal.severity_hint) == ("major", Severity.SEV2)
    assert signal.ended_at is None  # though a time of resolution is in it
    assert signal.starts == datetime(2026, 11, 24, 6, 7, 34, tzinfo=UTC)
    assert (signal.labels["lead"], signal.labels["checks"]) == ("li@shop.example", "invalid_count(id) = 0")
    assert "LSECRET" not in str(signal)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("opened", SignalStatus.FIRING),
        ("Investigating", SignalStatus.ACKNOWLEDGED),
        ("fixing", SignalStatus.ACKNOWLEDGED),
        ("resolved", SignalStatus.RESOLVED),
        ("newer word", SignalStatus.UNKNOWN),
        (None, SignalStatus.UNKNOWN),
    ],
)
def test_the_status_of_an_incident(word: Json, status: SignalStatus) -> None:
    assert incident(status=word).status is status


def test_a_resolved_incident_has_ended_when_it_was_resolved() -> None:
    signal = incident(status="resolved")
    assert signal.ended_at == signal.at == datetime(2026, 11, 24, 6, 8, 22, 620196, tzinfo=UTC)
    later = incident(status="resolved", resolutionTimestamp=None)
    assert later.ended_at == datetime(2026, 11, 24, 6, 8, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "title", "touches"),
    [
        (CONTRACT, "contract orders: published by li@shop.example", "orders"),
        (AGREEMENT, "agreement Orders are whole: contents updated by li@shop.example", "Orders are whole"),
    ],
)
def test_a_contract_that_changed_is_a_change(body: Json, title: str, touches: str) -> None:
    (signal,) = signals_of(FORMAT, body)
    assert (signal.status, signal.kind, signal.title) == (SignalStatus.INFO, Kind.CHANGE, title)
    assert (signal.labels["who"], signal.labels["touches"]) == ("li@shop.example", touches)


def test_every_change_is_its_own_and_the_same_one_sent_again_is_not() -> None:
    def key(**changed: Json) -> str:
        return signals_of(
            FORMAT, {"event": "contractPublished", "contract": {**part(CONTRACT, "contract"), **changed}}
        )[0].key

    later: Json = "2026-11-24T07:00:00Z"
    assert key() == key()
    assert len({key(), key(publishedTimestamp=later), key(publishedTimestamp=None), key(id="c-2")}) == 4


def test_a_try_of_the_address_says_nothing() -> None:
    body: Json = {"event": "validate", "sentAt": "2026-11-24T09:12:10Z"}
    assert FORMAT.matches(body, {}) == "Soda Cloud tries the address"
    assert signals_of(FORMAT, body) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"checks": {}, "hasErrors": False}, "checks: expected a list"),
        ({"event": "checkEvaluation"}, "checkResults: missing"),
        ({"event": "checkEvaluation", "checkResults": [{"outcome": "fail"}]}, "checkResults[0]: a check without name"),
        ({"event": "incidentCreated", "incident": {"title": "x"}}, "incident.id: missing"),
        ({"event": "incidentCreated", "incident": 4}, "incident: expected an object"),
        ([], "body: expected an object"),
    ],
)
def test_a_broken_body_is_refused_with_the_place(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [{"event": "incident.triggered"}, {"event": {"id": 1}}, {"checks": [], "name": "x"}, {"event": "validate"}, []],
)
def test_other_bodies_are_left_to_others(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from([*SAMPLES, CONTRACT, AGREEMENT]).flatmap(mutations))
@settings(max_examples=150)
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    survives(FORMAT, body)
