"""Every sender's signature: as its own documentation makes it, and everything near it that must not count."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.collector.signatures import FRESH_SECONDS, Fault, fault_of, is_fresh, is_shown, same

NOW = datetime.fromisoformat("2026-11-24T14:00:00Z")
SECRET = "a secret, é"
KEY = b"\x00\x01 the key of a standard webhook \xff"
BODY = b'{"key": "orders"}'

Signer = Callable[[str, bytes, datetime], dict[str, str]]


def digest(key: bytes, signed: bytes) -> "hmac.HMAC":
    return hmac.new(key, signed, hashlib.sha256)


def seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def github(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + digest(secret.encode(), body).hexdigest()}


def sentry(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    return {"sentry-hook-signature": digest(secret.encode(), body).hexdigest()}


def dbt_cloud(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    return {"authorization": digest(secret.encode(), body).hexdigest()}


def grafana(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    return {"x-grafana-alerting-signature": digest(secret.encode(), body).hexdigest()}


def grafana_timed(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    signed = digest(secret.encode(), seconds(at).encode() + b":" + body).hexdigest()
    return {"x-grafana-alerting-signature": signed, "x-grafana-alerting-timestamp": seconds(at)}


def pagerduty(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    old, new = digest(b"an older secret", body).hexdigest(), digest(secret.encode(), body).hexdigest()
    return {"x-pagerduty-signature": f"v1={old},v1={new}"}


def webhook(family: str) -> Signer:
    def sign(secret: str, body: bytes, at: datetime) -> dict[str, str]:
        key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
        signed = base64.b64encode(digest(key, f"msg_1.{seconds(at)}.".encode() + body).digest()).decode()
        told = {"id": "msg_1", "timestamp": seconds(at), "signature": f"v1a,other v1,AAAA v1,{signed}"}
        return {f"{family}-{name}": value for name, value in told.items()}

    return sign


PLAIN: dict[str, Signer] = {
    "github": github, "sentry": sentry, "dbt": dbt_cloud, "grafana": grafana, "pagerduty": pagerduty,
}  # fmt: skip
TIMED: dict[str, Signer] = {
    "grafana with a time": grafana_timed, "standard": webhook("webhook"), "svix": webhook("svix"),
}  # fmt: skip
ALL = {**PLAIN, **TIMED}


@pytest.mark.parametrize("name", ALL)
def test_a_right_signature_holds_for_its_own_secret_and_body(name: str) -> None:
    headers = ALL[name](SECRET, BODY, NOW)
    assert is_shown(headers)
    assert fault_of(SECRET, headers, BODY, NOW) is None
    assert fault_of("another secret", headers, BODY, NOW) is Fault.WRONG
    assert fault_of(SECRET, headers, BODY + b" ", NOW) is Fault.WRONG
    assert fault_of(SECRET, {}, BODY, NOW) is Fault.MISSING


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("off", [-FRESH_SECONDS - 1, -FRESH_SECONDS, 0, FRESH_SECONDS, FRESH_SECONDS + 1])
def test_a_time_that_was_signed_must_be_near_ours(name: str, off: int) -> None:
    headers = TIMED[name](SECRET, BODY, NOW + timedelta(seconds=off))
    wanted = None if abs(off) <= FRESH_SECONDS else Fault.STALE
    assert fault_of(SECRET, headers, BODY, NOW) is wanted
    assert fault_of("another secret", headers, BODY, NOW) is Fault.WRONG, "only who has the secret is told of its time"


@pytest.mark.parametrize("name", TIMED)
def test_a_time_cannot_be_changed_or_taken_away(name: str) -> None:
    headers = TIMED[name](SECRET, BODY, NOW - timedelta(days=1))
    stamp = next(header for header in headers if header.endswith("timestamp"))
    for value in (seconds(NOW), "", "now", "-1", "١٢٣", f"{seconds(NOW)}.0"):
        assert fault_of(SECRET, {**headers, stamp: value}, BODY, NOW) is not None
    assert fault_of(SECRET, {name: value for name, value in headers.items() if name != stamp}, BODY, NOW) is Fault.WRONG


@pytest.mark.parametrize("family", ["webhook", "svix"])
def test_a_secret_of_standard_webhooks_is_base64(family: str) -> None:
    encoded = base64.b64encode(KEY).decode()
    headers = webhook(family)(f"whsec_{encoded}", BODY, NOW)
    assert fault_of(f"whsec_{encoded}", headers, BODY, NOW) is None
    assert fault_of(encoded, headers, BODY, NOW) is None
    assert fault_of(f"whsec_{encoded}".replace("A", "B"), headers, BODY, NOW) is Fault.WRONG
    for broken in ("whsec_", "whsec_é", "whsec_===="):
        assert fault_of(broken, headers, BODY, NOW) is Fault.WRONG


def test_the_id_of_a_standard_webhook_is_signed_too() -> None:
    headers = webhook("webhook")(SECRET, BODY, NOW)
    assert fault_of(SECRET, {**headers, "webhook-id": "msg_2"}, BODY, NOW) is Fault.WRONG


def test_grafana_has_two_names_for_its_header() -> None:
    (signature,) = grafana(SECRET, BODY, NOW).values()
    assert fault_of(SECRET, {"x-grafana-alert-signature": signature}, BODY, NOW) is None


def test_a_token_in_the_authorization_is_no_signature() -> None:
    (signature,) = dbt_cloud(SECRET, BODY, NOW).values()
    for shown in (f"Bearer {signature}", signature[:-1], f"{signature}0", "", "Basic eDp5"):
        assert not is_shown({"authorization": shown})
        assert fault_of(SECRET, {"authorization": shown}, BODY, NOW) is Fault.MISSING


def test_one_right_signature_is_enough() -> None:
    headers = {**github("another", BODY, NOW), **sentry(SECRET, BODY, NOW)}
    assert fault_of(SECRET, headers, BODY, NOW) is None


@given(
    st.dictionaries(
        st.sampled_from([header for signer in ALL.values() for header in signer(SECRET, BODY, NOW)]), st.text()
    ),
    st.binary(max_size=30),
    st.text(min_size=1, max_size=20),
)
def test_guesses_never_hold_and_never_raise(headers: dict[str, str], body: bytes, secret: str) -> None:
    assert fault_of(secret, headers, body, NOW) is not None


@given(st.sampled_from(sorted(ALL)), st.binary(max_size=60), st.integers(-FRESH_SECONDS, FRESH_SECONDS))
def test_what_was_signed_holds_for_any_body(name: str, body: bytes, off: int) -> None:
    at = NOW + timedelta(seconds=off)
    assert fault_of(SECRET, ALL[name](SECRET, body, at), body, NOW) is None


def test_secrets_are_the_same_only_in_full() -> None:
    assert same("é", "é")
    assert not same("secret", "secre")
    assert not same("", "secret")


@pytest.mark.parametrize("stamp", ["", "now", "-5", "١٢٣", "1" * 13, "1.5", " 1"])
def test_a_time_is_plain_seconds(stamp: str) -> None:
    assert not is_fresh(stamp, NOW)
