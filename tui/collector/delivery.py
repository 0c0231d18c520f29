"""One delivery on its way in: its bytes, what was read from them, and the answer. No store, no event loop."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from tui.collector.bodies import json_in, longest_list, named_in, without_keys
from tui.collector.lineage import facts_in
from tui.collector.reading import AS_THEY_COME, Readings, name_in, read_as
from tui.errors import NotJsonError, SevError
from tui.formats import pagerduty
from tui.formats.base import Payload
from tui.formats.registry import AUTO, Read
from tui.model.catalog import Facts
from tui.model.signal import Signal
from tui.model.text import Safe, clean

BODY_LIMIT: Final = 1 << 20
"""Bytes of the longest body that is read from the network."""

FILE_LIMIT: Final = 64 << 20
"""Bytes of the longest body that is read from a file: the manifest of a large dbt project has tens of megabytes."""

MOST_SIGNALS: Final = 2_500
"""Of one body from the network: they are one transaction, and everybody else waits behind that."""

HEAD_KEPT: Final = 64 << 10
"""Bytes kept of a body that is not JSON, or is longer than `BODY_LIMIT` and tells no signal."""

ID_HEADERS: Final = ("webhook-id", "svix-id", "x-amz-sns-message-id", "x-github-delivery")
"""Headers in which senders name one delivery; it keeps the name when it is sent again."""

logger = logging.getLogger("sev.collector")


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One payload as it came. `source` is None where nobody named it, else the name the settings know it by.

    `headers` have lower-case names.

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

    `source` is the name its signals have. `kept` are the bytes that stay for evidence, `digest` is
    their SHA-256; `format` is the format they were read in, empty where they were refused, and `reason`
    why they were taken for it. `facts`: what they say of the catalog.
    """

    source: Safe
    received_at: datetime
    uid: int
    kept: bytes
    digest: str
    size: int
    format: str = ""
    reason: Safe = Safe("")
    delivery_id: str | None = None
    signals: tuple[Signal, ...] = ()
    facts: Facts | None = None
    refused: Safe | None = None
    not_json: bool = False

    @property
    def why(self) -> str:
        """What it was taken for and why, or why for nothing, in one line."""
        return f"taken for {self.format}: {self.reason}" if self.refused is None else f"rejected: {self.refused}"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery. `signals`: how many it held; `rejected`: the number n of R-n, and `why`.

    `repeat`: the same delivery or body came before. `alerts`: numbers of the alerts it speaks of;
    `changes`: likewise of changes. `heard`: the numbers by which triage tells what became of its signals.
    """

    signals: int = 0
    rejected: int | None = None
    why: Safe | None = None
    not_json: bool = False
    repeat: bool = False
    alerts: tuple[int, ...] = ()
    changes: tuple[int, ...] = ()
    heard: tuple[int, ...] = ()


def delivery_id_of(headers: Mapping[str, str], body: bytes = b"") -> str | None:
    """The sender's own name for a delivery, if it gave one.

    That is a CloudEvents source and id, one of `ID_HEADERS`, or what the JSON of the body says of itself.
    """
    if event := headers.get("ce-id"):
        return f"ce {headers.get('ce-source', '')} {event}"
    return next((f"{name} {headers[name]}" for name in ID_HEADERS if headers.get(name)), None) or named_in(body)


def prepare(delivery: Delivery, readings: Readings = AS_THEY_COME) -> Prepared:
    """Read a delivery as the settings say; never raises: what can't be read is kept for a human, with the reason."""
    inner = json_in(delivery.body, delivery.headers)
    told = msgspec.structs.replace(
        delivery,
        delivery_id=delivery.delivery_id or delivery_id_of(delivery.headers, inner),
        source=name_in(readings, delivery.source, delivery.format),
    )
    payload = Payload(body=inner, received_at=told.received_at, headers=told.headers, source=told.source)
    try:
        found = read_as(readings, delivery.source, payload, delivery.format)
        if told.source is None and (name := name_in(readings, None, found.format)) not in (None, found.format):
            told = msgspec.structs.replace(told, source=name)
            found = read_as(readings, None, msgspec.structs.replace(payload, source=name), delivery.format)
    except NotJsonError as error:
        return refuse(told, clean(f"{error.what}: {error.why}"), not_json=True)
    except SevError as error:
        return refuse(told, clean(error.why or str(error)))
    except Exception:  # a fault of our own must not lose what was sent
        logger.exception("reading a payload of %s failed", told.source or "an unnamed source")
        return refuse(told, Safe("sev itself failed to read it, see its log"))
    return _prepared(told, found, inner)


def prepare_within(delivery: Delivery, readings: Readings = AS_THEY_COME) -> Prepared:
    """As `prepare`, for what comes from the network: a body of more than `MOST_SIGNALS` things is refused unread."""
    count = longest_list(json_in(delivery.body, delivery.headers), MOST_SIGNALS)
    if count <= MOST_SIGNALS:
        prepared = prepare(delivery, readings)
        count = len(prepared.signals)
        if count <= MOST_SIGNALS:
            return prepared
    named = msgspec.structs.replace(delivery, source=name_in(readings, delivery.source, delivery.format))
    return refuse(named, Safe(f"{count} things in one body, {MOST_SIGNALS} at most"))


def _prepared(delivery: Delivery, found: Read, inner: bytes) -> Prepared:
    source = delivery.source or Safe(found.format)
    kept = _kept(delivery, found.format)
    if not found.signals and len(kept) > BODY_LIMIT:
        kept = kept[:HEAD_KEPT]  # a manifest, anew with every run: what it taught is in the catalog
    prepared = Prepared(
        source=source,
        received_at=delivery.received_at,
        uid=delivery.uid,
        kept=kept,
        digest=hashlib.sha256(kept).hexdigest(),
        size=len(delivery.body),
        format=found.format,
        reason=clean(found.reason),
        delivery_id=delivery.delivery_id,
        signals=found.signals,
        facts=facts_in(found.format, inner, source),
    )
    logger.debug("a payload of %s: %s", source, prepared.why)
    return prepared


def refuse(delivery: Delivery, why: Safe, *, not_json: bool = False) -> Prepared:
    """A delivery that is kept for a human instead of being read; of one that is not JSON only the head."""
    kept = _kept(delivery, pagerduty.FORMAT.name if delivery.format == AUTO else delivery.format)  # it may be theirs
    if not_json or delivery.size is not None or len(kept) > BODY_LIMIT:
        kept = kept[:HEAD_KEPT]
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
