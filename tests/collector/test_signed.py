"""Requests that senders sign themselves, by real HTTP; and the secrets they sign with, in files that may change."""

import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.collector.addresses import ALERTS, ENQUEUE, LINEAGE, TRIGGER, raw
from tests.collector.hand import TOKEN, Running, answering
from tests.collector.test_signatures import ALL, TIMED
from tui.collector.tokens import Secret, Token, load_secrets, sign
from tui.errors import ConfigError

BODY = b'{"key": "orders", "severity": "critical"}'
SECRET = "the secret of jobs"
OTHER = "the secret of pagerduty"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Secrets of a source with an address of its own, and of one that is named after its format."""
    places = {"jobs": tmp_path / "jobs.secret", "pagerduty": tmp_path / "pagerduty.secret"}
    places["jobs"].write_text(f"{SECRET}\n")
    places["pagerduty"].write_text(OTHER)
    return places


@pytest.fixture
async def signed(tmp_path: Path, files: dict[str, Path]) -> AsyncIterator[Running]:
    """A receiver that knows these secrets."""
    async with answering(tmp_path, load_secrets(files)) as started:
        yield started


def now() -> datetime:
    return datetime.now(UTC)


def replaced(place: Path, value: str) -> None:
    """A new file in the old one's place, as tools write secrets."""
    fresh = place.with_suffix(".new")
    fresh.write_text(value)
    os.utime(fresh, ns=(time.time_ns(), place.stat().st_mtime_ns + 1_000_000 if place.exists() else time.time_ns()))
    fresh.replace(place)


@pytest.mark.parametrize("name", ALL)
async def test_a_right_signature_stands_for_the_token(signed: Running, name: str) -> None:
    status, body, _ = await signed.call("/v1/jobs", BODY, headers=ALL[name](SECRET, BODY, now()), token=None)
    assert (status, body) == (202, {"status": "success", "signals": 1})
    with signed.look() as hand:
        assert hand.alert().key == "jobs:orders"


@pytest.mark.parametrize("name", ALL)
async def test_a_wrong_one_does_not(signed: Running, name: str) -> None:
    headers = ALL[name](SECRET, BODY, now())
    for path, body, told in (
        ("/v1/jobs", BODY + b" ", headers),
        ("/v1/jobs", BODY, ALL[name](OTHER, BODY, now())),
        ("/v1/another", BODY, headers),
        ("/v1/auto", BODY, headers),
        ("/v1/pagerduty", BODY, headers),
        (LINEAGE, BODY, headers),
        (ALERTS, BODY, headers),
        ("/metrics", BODY, headers),
    ):
        method = "GET" if path == "/metrics" else "POST"
        status, answer, _ = await signed.call(path, body, method=method, headers=told, token=None)
        assert (status, answer["status"]) == (401, "error")
    with signed.look() as hand:
        assert hand.events() == []


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("off", [-310, 310])
async def test_a_stale_one_is_called_stale(signed: Running, name: str, off: int) -> None:
    headers = TIMED[name](SECRET, BODY, now() + timedelta(seconds=off))
    status, answer, _ = await signed.call("/v1/jobs", BODY, headers=headers, token=None)
    assert (status, answer["error"]) == (401, "the signature is stale")


async def test_without_any_signature_it_is_refused(signed: Running) -> None:
    assert (await signed.call("/v1/jobs", BODY, token=None))[0] == 401
    assert (await signed.call("/v1/jobs", BODY, headers={"Authorization": SECRET}, token=None))[0] == 401
    assert (await signed.call(f"/v1/jobs/{SECRET.split()[0]}", BODY, token=None))[0] == 401


async def test_our_token_and_our_own_signature_still_do(signed: Running) -> None:
    wrong = {"X-Hub-Signature-256": "sha256=00"}
    assert (await signed.call("/v1/jobs", BODY, headers=wrong))[0] == 202
    at = str(int(time.time()))
    ours = {"X-Sev-Timestamp": at, "X-Sev-Signature": sign(Token(value=TOKEN, place=""), at, BODY)}
    assert (await signed.call("/v1/jobs", BODY, headers={**ours, **wrong}, token=None))[0] == 202


async def test_a_drop_in_address_has_the_secret_of_its_format(signed: Running) -> None:
    body = raw({**TRIGGER, "routing_key": "unknown"})
    headers = ALL["pagerduty"](OTHER, body, now())
    assert (await signed.call(ENQUEUE, body, headers=headers, token=None))[0] == 202
    assert (await signed.call(ENQUEUE, body + b" ", headers=headers, token=None))[0] == 401
    assert (await signed.call(ENQUEUE, raw(TRIGGER), headers=headers, token=None))[0] == 202, "its key is the token"


async def test_a_body_that_is_too_long_proves_nothing(signed: Running) -> None:
    body = b" " * (2 << 20)
    assert (await signed.call("/v1/jobs", body, headers=ALL["github"](SECRET, body, now()), token=None))[0] == 401


async def test_a_secret_that_changes_counts_from_the_next_request_on(signed: Running, files: dict[str, Path]) -> None:
    replaced(files["jobs"], "a new secret")
    old, new = ALL["github"](SECRET, BODY, now()), ALL["github"]("a new secret", BODY, now())
    assert (await signed.call("/v1/jobs", BODY, headers=old, token=None))[0] == 401
    assert (await signed.call("/v1/jobs", BODY, headers=new, token=None))[0] == 202


@pytest.mark.parametrize("broken", ["", " \n", None, "\udcff"])
def test_a_secret_that_can_no_longer_be_read_stays_in_force(
    files: dict[str, Path], caplog: pytest.LogCaptureFixture, broken: str | None
) -> None:
    secret = Secret(files["jobs"])
    if broken is None:
        files["jobs"].unlink()
    else:
        files["jobs"].write_bytes(broken.encode("utf-8", "surrogateescape"))
    assert [secret.value, secret.value] == [SECRET, SECRET]
    assert len(caplog.messages) == 1
    assert SECRET not in caplog.text
    replaced(files["jobs"], "mended")
    assert secret.value == "mended"


def test_at_the_start_every_secret_must_be_there(files: dict[str, Path], tmp_path: Path) -> None:
    files["jobs"].write_text(" ")
    with pytest.raises(ConfigError) as fault:
        load_secrets({**files, "gone": tmp_path / "gone"})
    assert len(fault.value.mistakes) == 2
    assert [str(place) in str(fault.value) for place in (files["jobs"], tmp_path / "gone")] == [True, True]


def test_a_secret_is_in_no_print(files: dict[str, Path]) -> None:
    assert SECRET not in f"{load_secrets(files)} {Secret(files['jobs'])}"
