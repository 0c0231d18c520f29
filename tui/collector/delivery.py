"""One delivery on its way in: its bytes, what was read from them, and the answer. No store, no event loop."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from tui.collector.bodies import json_in, named_in, without_keys
from tui.errors import NotJsonError, SevError
from tui.formats import pagerduty
from tui.formats.base import Payload
from tui.formats.registry import AUTO, read
from tui.model.signal import Signal
from tui.model.text import Safe, clean

BODY_LIMIT: Final = 1 << 20
"""Bytes of the longest body that is read."""

HEAD_KEPT: Final = 64 << 10
"""Bytes kept of a body that is too long or not JSON."""

ID_HEADERS: Final = ("webhook-id", "svix-id", "x-amz-sns-message-id", "x-github-delivery")
"""Headers in which senders name one delivery; it keeps the name when it is sent again."""

logger = logging.getLogger("sev.collector")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One payload as it came. `source` is None where nobody named it; `headers` have lower-case names.

    `delivery_id` is the sender's own name for this delivery; `uid` whom the kernel knows
    the sender as (of the collector itself, where it came by TCP); `size` in bytes as
    received, where `body` is only its head; `kept` what stays for evidence where that is
    not the body itself.
    """

    body: bytes
    received_at: datetime
    uid: int
    source: Safe | None = None
    format: str = AUTO
    headers: dict[str, str] = {}
    delivery_id: str | None = None
    size: int | None = None
    kept: bytes | None = None


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that was read: its signals, or why it was refused (`not_json`: its sender must be told).

    `kept` are the bytes that stay for evidence, `digest` is their SHA-256; `format` is the
    format they were read in, empty where they were refused.
    """

    source: Safe
    received_at: datetime
    uid: int
    kept: bytes
    digest: str
    size: int
    format: str = ""
    delivery_id: str | None = None
    signals: tuple[Signal, ...] = ()
    refused: Safe | None = None
    not_json: bool = False


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery. `signals`: how many it held; `rejected`: the number n of R-n, and `why`.

    `repeat`: the same delivery or body came before. `alerts`: numbers of the alerts it speaks of;
    `changes`: likewise of changes.
    """

    signals: int = 0
    rejected: int | None = None
    why: Safe | None = None
    not_json: bool = False
    repeat: bool = False
    alerts: tuple[int, ...] = ()
    changes: tuple[int, ...] = ()


def delivery_id_of(headers: Mapping[str, str], body: bytes = b"") -> str | None:
    """The sender's own name for a delivery, if it gave one.

    That is a CloudEvents source and id, one of `ID_HEADERS`, or what the JSON of the body says of itself.
    """
    if event := headers.get("ce-id"):
        return f"ce {headers.get('ce-source', '')} {event}"
    return next((f"{name} {headers[name]}" for name in ID_HEADERS if headers.get(name)), None) or named_in(body)


def prepare(delivery: Delivery) -> Prepared:
    """Read a delivery; never raises: what can't be read is kept for a human, with the reason."""
    inner = json_in(delivery.body, delivery.headers)
    name = delivery.delivery_id or delivery_id_of(delivery.headers, inner)
    delivery = msgspec.structs.replace(delivery, delivery_id=name)
    payload = Payload(body=inner, received_at=delivery.received_at, headers=delivery.headers, source=delivery.source)
    try:
        found = read(payload, delivery.format)
    except NotJsonError as error:
        return refuse(delivery, clean(f"{error.what}: {error.why}"), not_json=True)
    except SevError as error:
        return refuse(delivery, clean(error.why or str(error)))
    except Exception:  # a fault of our own must not lose what was sent
        logger.exception("reading a payload of %s failed", delivery.source or "an unnamed source")
        return refuse(delivery, Safe("sev itself failed to read it, see its log"))
    kept = _kept(delivery, found.format)
    return Prepared(
        source=delivery.source or Safe(found.format),
        received_at=delivery.received_at,
        uid=delivery.uid,
        kept=kept,
        digest=hashlib.sha256(kept).hexdigest(),
        size=len(delivery.body),
        format=found.format,
        delivery_id=delivery.delivery_id,
        signals=found.signals,
    )


def refuse(delivery: Delivery, why: Safe, *, not_json: bool = False) -> Prepared:
    """A delivery that is kept for a human instead of being read; of one that is not JSON only the head."""
    kept = _kept(delivery, pagerduty.FORMAT.name if delivery.format == AUTO else delivery.format)  # it may be theirs
    kept = kept[:HEAD_KEPT] if not_json or delivery.size is not None else kept
    return Prepared(
        source=delivery.source or Safe(delivery.format),
        received_at=delivery.received_at,
        uid=delivery.uid,
        kept=kept,
        digest=hashlib.sha256(kept).hexdigest(),
        size=len(delivery.body) if delivery.size is None else delivery.size,
        delivery_id=delivery.delivery_id,
        refused=why,
        not_json=not_json,
    )


def _kept(delivery: Delivery, format_name: str) -> bytes:
    """What stays for evidence: the bytes as they came, but never a key of PagerDuty's."""
    if delivery.kept is not None:
        return delivery.kept
    if format_name != pagerduty.FORMAT.name:
        return delivery.body
    return without_keys(delivery.body, json_in(delivery.body, delivery.headers))
