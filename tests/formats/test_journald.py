"""Lines of journald, and of syslog as JSON."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.mutation import mutations, sample, signals_of, survives
from tui.errors import RejectedError
from tui.formats.base import part
from tui.formats.decode import Json
from tui.formats.journald import FORMAT
from tui.model.severity import Severity
from tui.model.signal import Kind, Signal, SignalStatus

SAMPLES = [sample(f"journald-{name}.json") for name in ("lines", "syslog")]


def line(**fields: Json) -> list[Signal]:
    """What a line of a unit says, at the level of an error unless told otherwise."""
    given: dict[str, Json] = {"__CURSOR": "c", "_BOOT_ID": "b", "PRIORITY": "3", "_SYSTEMD_UNIT": "load.service"}
    return signals_of(FORMAT, {**given, "SYSLOG_IDENTIFIER": "loader", "MESSAGE": "x", **fields})


def syslog(**fields: Json) -> list[Signal]:
    """What a line of syslog says."""
    return signals_of(FORMAT, {**part(sample("journald-syslog.json")), **fields})


def test_lines_of_a_journal() -> None:
    failed, warned = signals_of(FORMAT, sample("journald-lines.json"), "j")
    assert failed.key == "j:orders-load.service systemd be02cf6855d2428ba40df7e9d022f03d"
    assert (failed.status, failed.kind) == (SignalStatus.FIRING, Kind.FAILED_JOB)
    assert failed.title == "orders-load.service: Failed to start Load orders."
    assert (failed.severity_word, failed.severity_hint) == ("err", Severity.SEV2)
    assert failed.at == datetime(2026, 11, 24, 2, 0, 0, 200000, tzinfo=UTC)
    assert (failed.run, failed.labels["host"]) == ("i-1", "etl-3")
    assert warned.title == "orders-load.service: télé �"  # bytes that are no UTF-8
    assert (warned.severity_word, warned.severity_hint) == ("warning", Severity.SEV3)
    assert warned.labels["pid"] == "17"


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("0", Severity.SEV1), ("1", Severity.SEV1), (2, Severity.SEV1), ("3", Severity.SEV2), ("4", Severity.SEV3)],
)
def test_priorities(priority: Json, severity: Severity) -> None:
    assert [signal.severity_hint for signal in line(PRIORITY=priority)] == [severity]


@pytest.mark.parametrize("priority", ["5", "6", "7", "", None, "x", "99"])
def test_what_is_no_warning_says_nothing(priority: Json) -> None:
    assert line(PRIORITY=priority) == []


def test_the_key_holds_neither_text_nor_host_nor_process() -> None:
    keys = {line(MESSAGE=text, _HOSTNAME=text, _PID=text)[0].key for text in ("a", "b")}
    assert keys == {"journald:load.service loader"}


def test_a_session_s_scope_is_no_identity() -> None:
    assert line(_SYSTEMD_UNIT="session-42.scope")[0].key == "journald:loader"


def test_a_repeated_field_and_one_that_was_too_large() -> None:
    assert line(MESSAGE=["first", "second"])[0].title == "load.service: first"
    assert line(MESSAGE=[[104, 105], [1]])[0].title == "load.service: hi"
    assert line(MESSAGE=None)[0].title == "load.service: a message too large to show"


def test_syslog_as_json() -> None:
    (signal,) = syslog()
    assert (signal.key, signal.severity_hint) == ("journald:kernel", Severity.SEV1)
    assert signal.title == "kernel: EXT4-fs error (device sda8)"
    assert signal.at == datetime(2026, 11, 24, 2, 0, 0, 250000, tzinfo=UTC)
    assert (signal.labels["host"], signal.labels["facility"]) == ("db-1", "kern")


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"severity": "warn"}, Severity.SEV3),
        ({"severity": 3}, Severity.SEV2),
        ({"severity": None, "pri": "27"}, Severity.SEV2),
        ({"severity": "notice"}, None),
        ({"severity": None}, None),
    ],
)
def test_levels_of_syslog(fields: dict[str, Json], severity: Severity | None) -> None:
    assert [signal.severity_hint for signal in syslog(**fields)] == ([] if severity is None else [severity])


def test_a_tag_with_its_process_is_the_program_s_name() -> None:
    assert syslog(appname="loader[23410]:")[0].key == "journald:loader"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("x", "body: expected an object"),
        ([3], "[0]: expected an object"),
        ({"MESSAGE": "x"}, "body: neither a journal's fields nor syslog's"),
        ({"MESSAGE": "x", "PRIORITY": "2"}, "body: no unit, identifier or message id"),
    ],
)
def test_what_is_rejected(body: Json, why: str) -> None:
    with pytest.raises(RejectedError) as caught:
        signals_of(FORMAT, body)
    assert caught.value.why.startswith(why)


@pytest.mark.parametrize(
    "body",
    [{"message": "x", "severity": "crit"}, {"message": "x", "tag": "y"}, {"host": "x", "facility": "kern"}, [], 3],
)
def test_bodies_of_others_are_left_alone(body: Json) -> None:
    assert FORMAT.matches(body, {}) is None


@given(st.sampled_from(SAMPLES).flatmap(mutations))
@settings(max_examples=150, deadline=None)
def test_bent_bodies_are_read_or_rejected(body: Json) -> None:
    survives(FORMAT, body)
