"""What the demo's colleagues do at the desk. What a person did already, they leave alone."""

from datetime import datetime
from functools import singledispatch

from tui.desk import alerts, incidents, notes, people, phases
from tui.desk.act import Act, Outcome, perform
from tui.drills import story
from tui.errors import SevError
from tui.logins import ELSEWHERE
from tui.model.alert import Alert
from tui.model.entry import Actor
from tui.model.ids import Ref
from tui.model.incident import COMMANDER, Incident, Phase
from tui.model.text import clean, person
from tui.store.engine import Connection, Store
from tui.store.feed import search
from tui.store.incidents import all_incidents, get_incident


def act_out(store: Store, beat: story.Beat, now: datetime) -> Outcome | None:
    """Let a colleague act at `now`. None where it is not theirs to do any more, or a rule refused."""
    if isinstance(beat, story.Told):
        return None
    actor = Actor(person(beat.who), ELSEWHERE)

    def work(conn: Connection) -> Outcome | None:
        return _play(beat, conn, Act(actor=actor, now=now))

    try:
        return store.tx(work)
    except SevError:
        return None  # the person at the console was quicker, or the gate is shut: the colleague lets it be


def _alert_of(conn: Connection, subject: str) -> Alert | None:
    found = search(conn, words=subject, source=None, since=None, gone=True, limit=20)
    return next((alert for alert in found if alert.subject == subject), None)


def _incident_about(conn: Connection, about: str) -> Incident | None:
    alert = _alert_of(conn, about)
    if alert is not None and alert.incident is not None:
        return get_incident(conn, alert.incident)
    return next((one for one in all_incidents(conn, 50) if one.title == about), None)


@singledispatch
def _play(beat: object, conn: Connection, act: Act) -> Outcome | None:
    raise TypeError(f"no colleague knows how to play {beat!r}")


@_play.register
def _(beat: story.Acknowledges, conn: Connection, act: Act) -> Outcome | None:
    alert = _alert_of(conn, beat.subject)
    if alert is None or alert.acknowledged_at is not None:
        return None
    return perform(conn, act, alerts.acknowledge, (Ref("A", alert.id),))


@_play.register
def _(beat: story.Declares, conn: Connection, act: Act) -> Outcome | None:
    alert = _alert_of(conn, beat.subject) if beat.subject else None
    if beat.subject and (alert is None or alert.incident is not None):
        return None
    asked = incidents.Declaration(
        title=clean(beat.title),
        severity=beat.severity,
        reason=clean(beat.reason),
        candidate=alert.candidate if alert else None,
    )
    return perform(conn, act, incidents.declare, asked)


@_play.register
def _(beat: story.Joins, conn: Connection, act: Act) -> Outcome | None:
    alert, incident = _alert_of(conn, beat.subject), _incident_about(conn, beat.about)
    if alert is None or incident is None or alert.incident is not None:
        return None
    return perform(conn, act, incidents.link, incident.id, (alert.id,))


@_play.register
def _(beat: story.Leads, conn: Connection, act: Act) -> Outcome | None:
    incident = _incident_about(conn, beat.about)
    if incident is None or incident.commander is not None:
        return None
    return perform(conn, act, people.take_role, incident.id, COMMANDER, act.actor.name)


@_play.register
def _(beat: story.Writes, conn: Connection, act: Act) -> Outcome | None:
    incident = _incident_about(conn, beat.about)
    if incident is None:
        return None
    return perform(conn, act, notes.note, incident.id, clean(beat.text), kind=beat.kind)


@_play.register
def _(beat: story.Steps, conn: Connection, act: Act) -> Outcome | None:
    incident = _incident_about(conn, beat.about)
    if incident is None:
        return None
    if beat.to == "mitigated":
        return perform(conn, act, phases.mitigate, incident.id) if incident.phase is Phase.RESPOND else None
    return perform(conn, act, phases.resolve, incident.id) if incident.is_open else None
