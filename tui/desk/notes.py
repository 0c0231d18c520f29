"""What people write into the timeline."""

from datetime import datetime

from tui.desk.act import Outcome, Pen
from tui.errors import UsageError
from tui.model import events as ev
from tui.model.entry import WRITABLE, EntryKind
from tui.model.ids import Ref
from tui.model.text import Safe
from tui.store.entries import entry_of_event
from tui.store.incidents import get_incident


def note(
    pen: Pen,
    number: int,
    text: Safe,
    *,
    kind: EntryKind = EntryKind.NOTE,
    at: datetime | None = None,
    pinned: bool = False,
) -> Outcome:
    """Write an entry; `at` back-dates it.

    Raises UsageError for no text, a time ahead, or a kind that acts write themselves.
    """
    get_incident(pen.conn, number)
    if not text.strip():
        raise UsageError("a note needs text", "this one is empty", 'sev note INC-1 "what you saw"')
    if kind not in WRITABLE:
        raise UsageError(f"{kind} entries are written by their own act", "", f"one of {', '.join(WRITABLE)}")
    if at is not None and at > pen.now:
        raise UsageError("a note cannot be about the future", f"{at:%Y-%m-%d %H:%M}Z is ahead", "leave --at out")
    event = pen.write(ev.Noted(text=text, kind_of=kind, pinned=pinned), incident=number, at=at)
    entry = entry_of_event(pen.conn, event.seq)
    written = entry.id if entry else 0
    return pen.done(f"noted E-{written} in INC-{number}", Ref("E", written))
