"""From deliveries to events: one call takes a whole batch inside the caller's transaction. No event loop here.

`delivery.prepare` reads payloads before the transaction; what a signal means for its alert
is decided in `episodes`, what it is worth in triage; here it is written.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tui.collector.changes import known_change, take_changes
from tui.collector.delivery import Delivery, Prepared, Receipt, delivery_id_of, prepare, refuse
from tui.collector.episodes import (
    Step,
    began_at,
    fires_anew,
    happened_at,
    holds_still,
    overruled,
    status_after,
    step_of,
)
from tui.collector.lineage import learn
from tui.collector.propose import propose
from tui.model import events as ev
from tui.model.alert import Alert, AlertStatus, Verdict
from tui.model.entry import MACHINE, Actor
from tui.model.signal import Kind, Signal, SignalStatus
from tui.model.text import Safe, clean
from tui.store import payloads
from tui.store.alerts import alert_by_key
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.record import record
from tui.store.rows import next_number
from tui.triage.judge import STATUSES, Judgement, judge

__all__ = ["SAME_BODY_FOR", "Delivery", "Prepared", "Receipt", "delivery_id_of", "prepare", "refuse", "take_in"]

SAME_BODY_FOR: Final = timedelta(minutes=5)
"""How long a body alone, without a delivery id, is known as a repeat."""


def take_in(conn: Connection, now: datetime, batch: Sequence[Prepared]) -> list[Receipt]:
    """Write what a batch of deliveries says, in their order, and keep their bytes; a receipt for each."""
    intake = _Batch(conn, now)
    receipts = [intake.take(prepared) for prepared in batch]
    intake.write_repeats()
    return receipts


class _Repeats(msgspec.Struct):
    """Repeats of one alert that the batch has counted and not yet written."""

    alert: int
    incident: int | None
    uid: int
    first: datetime
    last: datetime
    n: int = 0


class _Seen(msgspec.Struct, frozen=True):
    """Whether a delivery came before: under its own id, or as the same body a moment ago."""

    by_id: bool
    by_body: bool


class _Batch:
    """One transaction of intake. Repeats of an alert are one event at the end, or before its next change."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self._conn = conn
        self._now = now
        self._known: dict[str, Alert | None] = {}
        self._repeats: dict[tuple[int, int], _Repeats] = {}

    def take(self, prepared: Prepared) -> Receipt:
        seen = self._seen(prepared)
        if prepared.refused is not None:
            return self._reject(prepared, prepared.refused, seen)
        self._keep(prepared)
        self._note(prepared, seen)
        repeat = seen.by_id or (seen.by_body and self._all_stand(prepared))
        said = [signal for signal in prepared.signals if signal.kind is not Kind.CHANGE]
        touched = [self._signal(signal, prepared, seen, repeat=repeat) for signal in said]
        alerts = tuple(dict.fromkeys(number for number in touched if number is not None))
        changes = take_changes(self._conn, self._now, prepared, repeat=repeat)
        return Receipt(signals=len(prepared.signals), repeat=repeat, alerts=alerts, changes=changes)

    def _all_stand(self, prepared: Prepared) -> bool:
        """Whether every alert is in the status this body gave it: of a key that it names twice the last word counts."""
        last = {signal.key: signal for signal in prepared.signals}
        return all(self._stands(signal, prepared) for signal in last.values())

    def _stands(self, signal: Signal, prepared: Prepared) -> bool:
        if signal.kind is Kind.CHANGE:
            return known_change(self._conn, signal, prepared.received_at) is not None
        return holds_still(signal, self._alert(signal, prepared))

    def _keep(self, prepared: Prepared) -> None:
        """Keep its bytes; what they say of the catalog is learned the first time they come."""
        if not payloads.has_payload(self._conn, prepared.digest):
            payloads.keep_payload(self._conn, prepared.kept, prepared.received_at, prepared.size)
            learn(self._conn, self._stamp(prepared.uid, prepared.received_at), prepared)

    def _seen(self, prepared: Prepared) -> _Seen:
        body = payloads.delivered_before(self._conn, prepared.source, f"body:{prepared.digest}")
        named = prepared.delivery_id and payloads.delivered_before(
            self._conn, prepared.source, _token(prepared.delivery_id)
        )
        recent = body is not None and prepared.received_at - body <= SAME_BODY_FOR
        return _Seen(by_id=bool(named), by_body=recent)

    def _note(self, prepared: Prepared, seen: _Seen) -> None:
        payloads.note_delivery(self._conn, prepared.source, f"body:{prepared.digest}", prepared.received_at)
        if prepared.delivery_id and not seen.by_id:
            payloads.note_delivery(self._conn, prepared.source, _token(prepared.delivery_id), prepared.received_at)

    def _reject(self, prepared: Prepared, why: Safe, seen: _Seen) -> Receipt:
        """Keep it for a human; the same bytes a moment later are the same rejected payload."""
        number = None
        if seen.by_id or seen.by_body:
            number = payloads.rejected_as(self._conn, prepared.source, prepared.digest)
        repeat = number is not None
        if number is None:
            number = next_number(self._conn, "rejected")
            self._keep(prepared)
            body = ev.PayloadRejected(
                rejected=number, source=prepared.source, reason=why, size=prepared.size, payload=prepared.digest
            )
            record(self._conn, self._stamp(prepared.uid, prepared.received_at), body)
        self._note(prepared, seen)
        return Receipt(rejected=number, why=why, not_json=prepared.not_json, repeat=repeat)

    def _alert(self, signal: Signal, prepared: Prepared) -> Alert | None:
        if signal.key not in self._known:
            self._known[signal.key] = alert_by_key(self._conn, signal.key, prepared.received_at)
        return self._known[signal.key]

    def _stamp(self, uid: int, at: datetime) -> Stamp:
        return Stamp(actor=Actor(MACHINE, uid), now=self._now, at=min(at, self._now))

    def _signal(self, signal: Signal, prepared: Prepared, seen: _Seen, *, repeat: bool) -> int | None:
        """Write one signal; returns its alert's number, None where it says nothing of any alert."""
        alert = self._alert(signal, prepared)
        if repeat:
            step = _repeated(signal, alert)
        else:
            step = step_of(signal, alert, prepared.received_at, sent_again=seen.by_body)
        if step is Step.CHANGE:
            return self._change(signal, alert, prepared, sent_again=seen.by_body)
        if step is Step.REPEAT and alert is not None:
            self._repeat(alert, prepared)
        return alert.id if alert is not None else None

    def _repeat(self, alert: Alert, prepared: Prepared) -> None:
        at = prepared.received_at
        found = self._repeats.setdefault(
            (alert.id, prepared.uid),
            _Repeats(alert=alert.id, incident=alert.incident, uid=prepared.uid, first=at, last=at),
        )
        found.n += 1
        found.first, found.last = min(found.first, at), max(found.last, at)

    def write_repeats(self, alert: int | None = None) -> None:
        """Write what was counted, of one alert or of all."""
        for place, counted in list(self._repeats.items()):
            if alert is None or counted.alert == alert:
                body = ev.SignalRepeated(n=counted.n, first=counted.first, last=counted.last)
                stamp = self._stamp(counted.uid, counted.last)
                record(self._conn, stamp, body, incident=counted.incident, alert=counted.alert)
                del self._repeats[place]

    def _change(self, signal: Signal, alert: Alert | None, prepared: Prepared, *, sent_again: bool) -> int:
        if alert is not None:
            self.write_repeats(alert.id)
        number = alert.id if alert else next_number(self._conn, "alert")
        incident = alert.incident if alert else None
        body = self._seen_event(signal, alert, prepared)
        at = happened_at(signal, alert, prepared.received_at, sent_again=sent_again)
        stamp = self._stamp(prepared.uid, at)
        record(self._conn, stamp, body, incident=incident, alert=number)
        judgement = self._judge(signal, alert)
        if judgement is not None and _differs(judgement, alert):
            said = ev.Judged(verdict=judgement.verdict, reason=judgement.reason, severity=judgement.severity)
            record(self._conn, stamp, said, incident=incident, alert=number)
        del self._known[signal.key]
        changed = self._alert(signal, prepared)
        if changed is not None:
            propose(self._conn, self._stamp(prepared.uid, prepared.received_at), changed, anew=body.fired_anew)
            del self._known[signal.key]
        return number

    def _seen_event(self, signal: Signal, alert: Alert | None, prepared: Prepared) -> ev.SignalSeen:
        """What the log keeps of a signal. A remark on a trouble leaves the trouble's own words as they are."""
        remark = alert if alert is not None and signal.status not in STATUSES else None
        status = status_after(signal, alert)
        over = signal.status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
        return ev.SignalSeen(
            key=signal.key,
            source=signal.source,
            format=signal.format,
            status=status,
            word=signal.status,
            kind_of=signal.kind,
            title=remark.title if remark and signal.status is not SignalStatus.INFO else signal.title,
            subject=remark.subject if remark else signal.subject,
            run=signal.run or (remark.run if remark else None),
            attempt=signal.attempt or (remark.attempt if remark else None),
            max_attempts=signal.max_attempts or (remark.max_attempts if remark else None),
            severity_word=remark.severity_word if remark else signal.severity_word,
            severity_hint=signal.severity_hint,
            received_at=prepared.received_at,
            starts=began_at(signal, prepared.received_at),
            ended_at=_ended_at(signal, prepared.received_at) if over else None,
            fired_anew=fires_anew(signal, alert),
            omitted=signal.omitted,
            links=signal.links,
            labels="" if remark or (alert and over) else payloads.keep_labels(self._conn, signal.labels),
            payload=prepared.digest,
        )

    def _judge(self, signal: Signal, alert: Alert | None) -> Judgement | None:
        """Triage's word; None where the signal gives no cause for one or a person has said otherwise."""
        if alert is None:
            return judge(signal, before=None)
        if signal.status not in STATUSES:
            return None
        judgement = judge(signal, before=alert.verdict)
        return None if overruled(alert) and judgement.verdict is not alert.verdict else judgement


def _token(delivery_id: str) -> str:
    """A delivery id as the store knows it: senders' ids may be long, or hold anything."""
    shown = clean(delivery_id, 200)
    digest = "" if shown == delivery_id else payloads.digest_of(delivery_id.encode("utf-8", "surrogatepass"))
    return f"id:{digest or shown}"


def _repeated(signal: Signal, alert: Alert | None) -> Step:
    """A delivery known as a repeat counts where its alert is still in the status it gave, and changes nothing."""
    stands = alert is not None and signal.status in STATUSES and holds_still(signal, alert)
    remark = alert is not None and signal.status not in STATUSES and alert.status is not AlertStatus.RESOLVED
    return Step.REPEAT if stands or remark else Step.NOTHING


def _ended_at(signal: Signal, received_at: datetime) -> datetime:
    return min(signal.ended_at or signal.at or received_at, received_at)


def _differs(judgement: Judgement, alert: Alert | None) -> bool:
    if alert is None:
        return judgement != Judgement(verdict=Verdict.INFO, reason=Safe(""), severity=None)
    return (judgement.verdict, judgement.reason, judgement.severity) != (alert.verdict, alert.reason, alert.severity)
