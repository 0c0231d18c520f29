"""What triage can answer of the root-cause analysis by itself; a person confirms or replaces it."""

from tui.model.alert import Alert
from tui.model.change import Suspect, suspected
from tui.model.entry import Entry, EntryKind
from tui.model.incident import Incident
from tui.model.learn import ItemState, RcaItem
from tui.model.moment import span
from tui.model.text import clean


def propose_items(
    incident: Incident, root: Alert | None, entries: list[Entry], suspect: Suspect | None = None
) -> list[RcaItem]:
    """Items 1 and 3 of an incident that began with an alert; 3 alone of one that a person reported.

    Item 2 where a change came before the root failed; its own entry is the evidence.
    """
    signals = [entry for entry in entries if entry.kind is EntryKind.SIGNAL]
    if root is None or not signals:
        text = clean(f"{incident.declared_by} saw it and reported it; no alert fired")
        return [RcaItem(n=3, text=text, state=ItemState.PROPOSED)]
    first = next((entry for entry in signals if entry.alert == root.id), signals[0])
    began = f"{root.subject} at {root.started_at:%H:%M:%S}Z: {root.title}"
    delay = span(incident.detected_at - root.started_at)
    found = f"{root.source} alert, {delay} after it began"
    items = [RcaItem(n=1, text=clean(began), evidence=(first.id,), state=ItemState.PROPOSED)]
    if suspect is not None:
        text = suspected(suspect, root.started_at)
        items.append(RcaItem(n=2, text=text, evidence=(suspect.entry,), state=ItemState.PROPOSED))
    return [*items, RcaItem(n=3, text=clean(found), evidence=(first.id,), state=ItemState.PROPOSED)]
