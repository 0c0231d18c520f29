"""Taking back one's own latest act, never somebody's later change."""

from tui.desk.act import Outcome, Pen
from tui.errors import ChangedError, NotFoundError, RefusedError
from tui.model import events as ev
from tui.model.ids import Ref
from tui.model.sentence import tell
from tui.model.text import Safe
from tui.store import log
from tui.store.engine import Connection
from tui.store.entries import entry_of_event
from tui.store.projections.undo import changed_since, set_again_by

_KINDS = tuple(str(kind.__struct_config__.tag) for kind in ev.UNDOABLE)
_REDACT = str(ev.Redacted.__struct_config__.tag)


def latest_own(conn: Connection, actor: Safe, incident: int | None = None) -> tuple[ev.Event, Safe] | None:
    """The actor's latest act that can be taken back (of one incident where given), and its sentence."""
    event = log.latest_by(conn, actor, _KINDS, incident)
    if event is None or event.body is None:
        return None
    return event, _sentence(event)


def undo(pen: Pen, incident: int | None = None) -> Outcome:
    """Take back the actor's own latest act, whole: an act may have written several events.

    Raises NotFoundError when there is none, ChangedError when somebody built on it, RefusedError for a redaction.
    """
    _refuse_what_is_gone(pen, incident)
    found = latest_own(pen.conn, pen.actor, incident)
    if found is None:
        raise NotFoundError("nothing to take back", f"{pen.actor} has done nothing yet", "")
    event, sentence = found
    changed = _take_back(pen, event, sentence)
    while earlier := log.latest_by(pen.conn, pen.actor, _KINDS, None, event.recorded_at):
        _take_back(pen, earlier, _sentence(earlier))
    return pen.done(f"took back: {sentence}", *changed)


def _refuse_what_is_gone(pen: Pen, incident: int | None) -> None:
    """A redaction is final, and of an act that was redacted nobody can tell what taking it back would mean."""
    event = log.latest_by(pen.conn, pen.actor, (*_KINDS, _REDACT), incident)
    if event is None or (event.body is not None and not isinstance(event.body, ev.Redacted)):
        return
    entry = entry_of_event(pen.conn, event.seq)
    what = entry.text if entry is not None and event.body is not None else Safe("an act that was redacted")
    raise RefusedError(f"cannot take back: {what}", "what was erased is gone", "make the opposite change instead")


def _sentence(event: ev.Event) -> Safe:
    told = tell(event.body) if event.body is not None else None
    return told[1] if told else Safe("an act that was redacted")


def _take_back(pen: Pen, event: ev.Event, sentence: Safe) -> tuple[Ref, ...]:
    made_incident = event.incident if isinstance(event.body, ev.Declared) else None
    later = _built_on(pen, made_incident, event.seq) if made_incident else None
    other = later.actor if later is not None else set_again_by(pen.conn, event.seq, pen.actor)
    if other is not None or changed_since(pen.conn, event.seq):
        by = f"{other} has worked on it since" if other else "it was changed since"
        raise ChangedError(f"cannot take back: {sentence}", by, "make the opposite change instead")
    entry = entry_of_event(pen.conn, event.seq)
    body = ev.TakenBack(undone=event.seq, what=sentence, entry=entry.id if entry else None)
    pen.write(body, incident=event.incident, alert=event.alert)
    return () if made_incident else _refs(event)


def _built_on(pen: Pen, incident: int, seq: int) -> ev.Event | None:
    """What somebody did with an incident since it was declared, or with alerts that were put into it."""
    touched = log.touched_later(pen.conn, incident, seq, pen.actor)
    return touched or log.brought_in_later(pen.conn, incident, seq)


def _refs(event: ev.Event) -> tuple[Ref, ...]:
    if event.incident is not None:
        return (Ref("INC", event.incident),)
    return (Ref("A", event.alert),) if event.alert is not None else ()
