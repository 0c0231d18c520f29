"""Senders' own signatures over a body, and whether one of them holds. Pure: secrets and clocks are handed in.

Each scheme is known by its header; the secret alone decides, so a header may be shown by anybody.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Final

FRESH_SECONDS: Final = 300
"""How far the time that was signed may lie from ours, before or after."""

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_PREFIX: Final = "whsec_"
_MOST: Final = 16  # signatures of one header that are looked at: two while a key is changed, never many


class Fault(StrEnum):
    """Why a signature does not count. `STALE`: it is right, but its time is not ours."""

    MISSING = "missing"
    WRONG = "wrong"
    STALE = "stale"


def same(left: str, right: str) -> bool:
    """Whether two secrets are the same, in a time that does not depend on where they differ."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Whether plain epoch seconds lie within `FRESH_SECONDS` of now."""
    plain = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return plain and abs(now.timestamp() - int(timestamp)) <= FRESH_SECONDS


def is_shown(headers: Mapping[str, str]) -> bool:
    """Whether a request carries a signature of any scheme, right or wrong. `headers` have lower-case names."""
    return any(True for _ in _schemes(headers))


def fault_of(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault | None:
    """None where one of the signatures in `headers` (lower-case names) was made with `secret` over this body.

    Else what is wrong with the best of them. Known are GitHub's, Sentry's, dbt Cloud's, Grafana's (with a time
    where the header X-Grafana-Alerting-Timestamp comes with it), PagerDuty's, and those of Standard Webhooks and Svix.
    """
    found = {scheme(secret, headers, body, now) for scheme in _schemes(headers)}
    if None in found:
        return None
    return next((fault for fault in (Fault.STALE, Fault.WRONG) if fault in found), Fault.MISSING)


Scheme = Callable[[str, Mapping[str, str], bytes, datetime], Fault | None]


def _schemes(headers: Mapping[str, str]) -> Iterable[Scheme]:
    for name, scheme in _BY_HEADER.items():
        if name in headers and (name != "authorization" or _HEX.fullmatch(headers[name].strip())):
            yield scheme


def _hmac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()


def _hex(secret: str, body: bytes) -> str:
    return _hmac(secret.encode(), body).hex()


def _any_is(wanted: str, shown: Iterable[str]) -> bool:
    return any(same(one, wanted) for one in shown)


def _github(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault | None:
    return _plain(secret, headers["x-hub-signature-256"].removeprefix("sha256="), body)


def _sentry(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault | None:
    return _plain(secret, headers["sentry-hook-signature"], body)


def _dbt_cloud(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault | None:
    return _plain(secret, headers["authorization"], body)


def _plain(secret: str, shown: str, body: bytes) -> Fault | None:
    return None if same(shown.strip().lower(), _hex(secret, body)) else Fault.WRONG


def _pagerduty(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault | None:
    parts = headers["x-pagerduty-signature"].split(",", _MOST)[:_MOST]
    return None if _any_is(f"v1={_hex(secret, body)}", (part.strip() for part in parts)) else Fault.WRONG


def _grafana(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault | None:
    shown = next(headers[name] for name in _GRAFANA if name in headers)
    timestamp = next((headers[name].strip() for name in _GRAFANA_TIMES if name in headers), None)
    if timestamp is None:
        return _plain(secret, shown, body)
    signed = timestamp.encode("utf-8", "replace") + b":" + body
    return _plain(secret, shown, signed) or (None if is_fresh(timestamp, now) else Fault.STALE)


def _standard(family: str) -> Scheme:
    """The scheme of Standard Webhooks, whose headers begin with `family`."""

    def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault | None:
        name, timestamp = headers.get(f"{family}-id", ""), headers.get(f"{family}-timestamp", "").strip()
        if not name or not timestamp:
            return Fault.WRONG
        signed = f"{name}.{timestamp}.".encode("utf-8", "replace") + body
        shown = headers[f"{family}-signature"].split(" ", _MOST)[:_MOST]
        right = [_any_is(f"v1,{_base64(_hmac(key, signed))}", shown) for key in _keys(secret)]
        if not any(right):
            return Fault.WRONG
        return None if is_fresh(timestamp, now) else Fault.STALE

    return check


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _keys(secret: str) -> list[bytes]:
    """The keys that a secret of Standard Webhooks may mean: its base64, and without the prefix also its own bytes."""
    marked = secret.startswith(_PREFIX)
    keys = [] if marked else [secret.encode()]
    with suppress(binascii.Error, ValueError):
        keys.append(base64.b64decode(secret.removeprefix(_PREFIX), validate=True))
    return [key for key in keys if key]


_GRAFANA: Final = ("x-grafana-alerting-signature", "x-grafana-alert-signature")
_GRAFANA_TIMES: Final = ("x-grafana-alerting-timestamp", "x-grafana-alert-timestamp")
_BY_HEADER: Final[dict[str, Scheme]] = {
    "x-hub-signature-256": _github,
    "sentry-hook-signature": _sentry,
    "authorization": _dbt_cloud,
    **dict.fromkeys(_GRAFANA, _grafana),
    "x-pagerduty-signature": _pagerduty,
    "webhook-signature": _standard("webhook"),
    "svix-signature": _standard("svix"),
}
