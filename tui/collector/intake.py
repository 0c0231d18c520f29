"""From deliveries to events: one call takes a whole batch inside the caller's transaction. No event loop here.

`delivery.prepare` reads payloads before the transaction; what a signal means for its alert
is decided in `episodes`, what it is worth in triage; here it is written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tui.collector.changes import known_change, take_changes
from tui.collector.delivery import Delivery, Prepared, Receipt, delivery_id_of, prepare, refuse
from tui.collector.elsewhere import acknowledge_as, as_it_began, who_acknowledged
from tui.collector.episodes import (
    Step,
    began_at,
    fires_anew,
    happened_at,
    holds_still,
    is_bare,
    is_routine,
    status_after,
    step_of,
)
from tui.collector.repeats import Repeats, Seen, note, seen_before
from tui.collector.triaging import Triager
from tui.model import events as ev
from tui.model.alert import Alert, AlertStatus, Verdict
from tui.model.entry import MACHINE, Actor
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe
from tui.store import catalog, payloads
from tui.store.alerts import alert_by_key, get_alert
from tui.store.engine import Connection
from tui.store.log import Stamp
from tui.store.placing import read_places
from tui.store.record import record
from tui.store.rows import next_number
from tui.store.runs import note_heartbeat, note_run
from tui.triage.expectations import SILENT_AFTER
from tui.triage.judge import STATUSES, judge

__all__ = ["Delivery", "Prepared", "Receipt", "delivery_id_of", "prepare", "refuse", "take_in"]


class Judge(Protocol):
    """Who hears what is taken in: triage, or whoever leaves it to the triage of another process."""

    def begin(self, conn: Connection, now: datetime) -> None:
        """Be ready for this transaction."""

    def hear(self, signal: Signal, alert: int | None, now: datetime) -> int:
        """Take one signal of an alert, or of none; a number for it."""

    def knows(self, serial: int) -> bool:
        """Whether the signal of this number is part of trouble that is judged."""

    def last_of(self, alert: int) -> int | None:
        """The number of the signal of an alert that was heard last."""

    def write(self, conn: Connection, stamp: Stamp, now: datetime) -> None:
        """Write what follows."""


def take_in(conn: Connection, now: datetime, batch: Sequence[Prepared], triager: Judge | None = None) -> list[Receipt]:
    """Write what a batch of deliveries says, in their order, and keep their bytes; a receipt for each.

    `triager` is the one of whoever goes on taking in; without one its state is rebuilt for this batch.
    """
    judge_all = triager or Triager()
    intake = _Batch(conn, now, judge_all)
    intake.learn(batch)
    judge_all.begin(conn, now)
    receipts = [intake.take(prepared) for prepared in batch]
    intake.repeats.write()
    uid = batch[-1].uid if batch else 0
    judge_all.write(conn, Stamp(actor=Actor(MACHINE, uid), now=now), now)
    return receipts


class _Batch:
    """One transaction of intake."""

    def __init__(self, conn: Connection, now: datetime, triager: Judge) -> None:
        self._triager = triager
        self.repeats = Repeats(conn, now)
        self._conn = conn
        self._now = now
        self._known: dict[str, Alert | None] = {}
        self._heard: list[int] = []

    def take(self, prepared: Prepared) -> Receipt:
        seen = seen_before(self._conn, prepared)
        if prepared.refused is not None:
            return self._reject(prepared, prepared.refused, seen)
        self._keep(prepared)
        note(self._conn, prepared, seen)
        payloads.note_heard(self._conn, prepared.source, prepared.received_at)
        repeat = seen.by_id or (seen.by_body and self._all_stand(prepared))
        self._heard = []
        said = [signal for signal in prepared.signals if signal.kind is not Kind.CHANGE]
        if not seen.by_id:
            self._remember(said, prepared.received_at)
        if repeat:
            said = self._once_each(said, prepared)
        touched = [self._signal(signal, prepared, seen, repeat=repeat) for signal in said]
        alerts = tuple(dict.fromkeys(number for number in touched if number is not None))
        at = prepared.received_at
        changes = take_changes(
            self._conn, self._now, prepared, repeat=repeat, hear=lambda signal: self._hear(signal, None, at)
        )
        heard = tuple(dict.fromkeys(self._heard))
        return Receipt(signals=len(prepared.signals), repeat=repeat, alerts=alerts, changes=changes, heard=heard)

    def _remember(self, said: Sequence[Signal], at: datetime) -> None:
        """What signals tell of runs and heartbeats, also where they make no event."""
        places = read_places(self._conn)
        for signal in said:
            note_run(self._conn, signal, at, places.place_of)
            note_heartbeat(self._conn, signal, at, SILENT_AFTER)

    def _hear(self, signal: Signal, alert: int | None, at: datetime) -> bool:
        """Let triage hear a signal; whether it is part of trouble that triage judges."""
        self._heard.append(self._triager.hear(signal, alert, at))
        return self._triager.knows(self._heard[-1])

    def _all_stand(self, prepared: Prepared) -> bool:
        """Whether every alert is in a status this body gave it: of a key that it names twice one word must hold.

        Some bodies tell their newest word first.
        """
        stand = {signal.key for signal in prepared.signals if self._stands(signal, prepared)}
        return all(signal.key in stand for signal in prepared.signals)

    def _once_each(self, signals: Sequence[Signal], prepared: Prepared) -> list[Signal]:
        """Of each key the word that still holds: a delivery that came before counts once for each alert."""
        found: dict[str, Signal] = {}
        for signal in signals:
            if signal.key not in found or (signal.status in STATUSES and self._stands(signal, prepared)):
                found[signal.key] = signal
        return list(found.values())

    def _stands(self, signal: Signal, prepared: Prepared) -> bool:
        if signal.kind is Kind.CHANGE:
            return known_change(self._conn, signal, prepared.received_at) is not None
        return holds_still(signal, self._alert(signal, prepared))

    def learn(self, batch: Sequence[Prepared]) -> None:
        """Learn what bytes that come for the first time say of the catalog: their signals are judged by it already."""
        for prepared in batch:
            whole = prepared.size <= len(prepared.kept)  # of a head alone nobody can tell whether the rest is the same
            known = whole and payloads.has_payload(self._conn, prepared.digest)
            if prepared.facts is not None and (prepared.facts.whole or not known):  # another one may lie between
                catalog.learn(self._conn, self._stamp(prepared.uid, prepared.received_at), prepared.facts)

    def _keep(self, prepared: Prepared) -> None:
        if not payloads.has_payload(self._conn, prepared.digest):
            payloads.keep_payload(self._conn, prepared.kept, prepared.received_at, prepared.size)

    def _reject(self, prepared: Prepared, why: Safe, seen: Seen) -> Receipt:
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
        note(self._conn, prepared, seen)
        return Receipt(rejected=number, why=why, not_json=prepared.not_json, repeat=repeat)

    def _alert(self, signal: Signal, prepared: Prepared) -> Alert | None:
        if signal.key not in self._known:
            self._known[signal.key] = alert_by_key(self._conn, signal.key, prepared.received_at)
        return self._known[signal.key]

    def _stamp(self, uid: int, at: datetime) -> Stamp:
        return Stamp(actor=Actor(MACHINE, uid), now=self._now, at=min(at, self._now))

    def _signal(self, signal: Signal, prepared: Prepared, seen: Seen, *, repeat: bool) -> int | None:
        """Write one signal; returns its alert's number, None where it says nothing of any alert."""
        alert = self._alert(signal, prepared)
        if not repeat and (who := who_acknowledged(signal)) is not None:
            return self._acknowledged(signal, who, prepared, sent_again=seen.by_body)
        step = (
            _repeated(signal, alert)
            if repeat
            else step_of(signal, alert, prepared.received_at, sent_again=seen.by_body)
        )
        if step is Step.CHANGE:
            return self._change(signal, alert, prepared, sent_again=seen.by_body)
        if step is Step.REPEAT and alert is not None:
            self.repeats.count(alert, prepared)
        if step is Step.REPEAT or alert is None or is_routine(signal, alert):
            self._hear(signal, alert.id if alert else None, prepared.received_at)
        # What came late must not undo what is known by now.
        elif (last := self._triager.last_of(alert.id)) is not None:
            self._heard.append(last)  # it says nothing new, and is part of what was said
        return alert.id if alert is not None else None

    def _acknowledged(self, signal: Signal, who: Safe, prepared: Prepared, *, sent_again: bool) -> int:
        """Somebody looks at it in its tool: that counts as theirs, and opens what nobody told of before."""
        alert = self._alert(signal, prepared)
        if alert is None:
            number = self._change(as_it_began(signal), None, prepared, sent_again=sent_again)
        else:
            number = alert.id
            self._hear(signal, number, prepared.received_at)
            if alert.still_fires:
                self.repeats.count(alert, prepared)
                self.repeats.write(number)
        at = min(signal.at or prepared.received_at, prepared.received_at)
        if acknowledge_as(self._conn, self._now, get_alert(self._conn, number), Actor(who, prepared.uid), at):
            self._known.clear()  # a candidate's other alerts are acknowledged with it
        return number

    def _change(self, signal: Signal, alert: Alert | None, prepared: Prepared, *, sent_again: bool) -> int:
        if alert is not None:
            self.repeats.write(alert.id)
        number = alert.id if alert else next_number(self._conn, "alert")
        incident = alert.incident if alert else None
        body = self._seen_event(signal, alert, prepared)
        at = happened_at(signal, alert, prepared.received_at, sent_again=sent_again)
        stamp = self._stamp(prepared.uid, at)
        record(self._conn, stamp, body, incident=incident, alert=number)
        del self._known[signal.key]
        judged = self._hear(signal, number, prepared.received_at)
        if alert is None and not judged:
            said = judge(signal)
            record(self._conn, stamp, ev.Judged(verdict=Verdict.INFO, reason=said, severity=None), alert=number)
        return number

    def _seen_event(self, signal: Signal, alert: Alert | None, prepared: Prepared) -> ev.SignalSeen:
        """What the log keeps of a signal. What is no trouble itself leaves the trouble's own words as they are."""
        remark = alert if alert is not None and signal.status not in STATUSES else None
        over = signal.status in (SignalStatus.RESOLVED, SignalStatus.SUCCEEDED)
        kept = alert if over else remark
        speaks = not is_bare(signal) if over else signal.status is SignalStatus.INFO or remark is None
        return ev.SignalSeen(
            key=signal.key,
            source=signal.source,
            format=signal.format,
            status=status_after(signal, alert),
            word=signal.status,
            kind_of=signal.kind,
            title=signal.title if speaks or kept is None else kept.title,
            subject=kept.subject if kept else signal.subject,
            run=signal.run or (remark.run if remark else None),
            attempt=signal.attempt or (remark.attempt if remark else None),
            max_attempts=signal.max_attempts or (remark.max_attempts if remark else None),
            severity_word=kept.severity_word if kept else signal.severity_word,
            severity_hint=signal.severity_hint,
            received_at=prepared.received_at,
            starts=began_at(signal, prepared.received_at),
            ended_at=_ended_at(signal, prepared.received_at) if over else None,
            fired_anew=fires_anew(signal, alert),
            omitted=signal.omitted,
            links=kept.links if kept and signal.links == Links() else signal.links,
            labels="" if kept else payloads.keep_labels(self._conn, signal.labels),
            payload=prepared.digest,
        )


def _repeated(signal: Signal, alert: Alert | None) -> Step:
    """A delivery known as a repeat counts where its alert is still in the status it gave, and changes nothing."""
    if alert is None:
        return Step.NOTHING
    stands = signal.status in STATUSES and holds_still(signal, alert)
    if signal.status is SignalStatus.ACKNOWLEDGED:
        opened = alert.ended_at is None  # nothing was ever wrong: the alert was opened by this very remark
    else:
        opened = signal.status is SignalStatus.INFO
    remark = signal.status not in STATUSES and (opened or alert.status is not AlertStatus.RESOLVED)
    return Step.REPEAT if stands or remark else Step.NOTHING


def _ended_at(signal: Signal, received_at: datetime) -> datetime:
    return min(signal.ended_at or signal.at or received_at, received_at)
