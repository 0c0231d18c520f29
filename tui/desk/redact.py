"""Erasing what an entry or a rejected payload says: final, with a reason, and it leaves a mark."""

from tui.desk.act import Outcome, Pen
from tui.errors import RefusedError
from tui.model import events as ev
from tui.model.entry import MACHINE, Actor, Entry
from tui.model.ids import Ref
from tui.model.text import Safe
from tui.model.words import words_of
from tui.store.entries import get_entry
from tui.store.log import Stamp
from tui.store.payloads import get_rejected
from tui.store.redaction import body_of, clean_rows, erase, erase_in_snapshot, has_words, is_gone, repeated_by


def redact(pen: Pen, ref: Ref, reason: Safe) -> Outcome:
    """Erase the words of `E-n` or `R-n`, with the payload and labels they came in and what only repeats them.

    Who and when stay, and what it was about. Raises RefusedError without a reason, or where there are no words.
    """
    if not reason:
        raise RefusedError(f"{ref} stays", "erasing needs a reason", "add --reason TEXT")
    entry = get_entry(pen.conn, ref.number) if ref.prefix == "E" else None
    seq = entry.seq if entry is not None else get_rejected(pen.conn, ref.number).seq
    if entry is not None and is_gone(pen.conn, seq):
        return _of_a_checkpoint(pen, ref, entry, reason)
    body = body_of(pen.conn, seq)
    if body is None:
        return pen.done(f"{ref} is redacted already", ref)
    if not has_words(body):
        raise RefusedError(f"{ref} stays", "there are no words of anybody's in it", "redact the entry that has them")
    echoes, entries = repeated_by(pen.conn, seq, words_of(body))
    erased = erase(pen.conn, (seq, *echoes))
    _write(pen, ref, entry, reason, erased)
    clean_rows(pen.conn, erased)
    left = ", ".join(f"E-{one}" for one in entries[:10])
    more = f" and {len(entries) - 10} more" if len(entries) > 10 else ""
    return pen.done(f"redacted {ref}" + (f"; the same words stand in {left}{more}" if left else ""), ref)


def _of_a_checkpoint(pen: Pen, ref: Ref, entry: Entry, reason: Safe) -> Outcome:
    if entry.redacted:
        return pen.done(f"{ref} is redacted already", ref)
    stamp = Stamp(actor=Actor(MACHINE, pen.act.actor.uid), now=pen.now)
    _write(pen, ref, entry, reason, erase_in_snapshot(pen.conn, stamp, entry))
    return pen.done(f"redacted {ref}, of which a checkpoint kept the sentence", ref)


def _write(pen: Pen, ref: Ref, entry: Entry | None, reason: Safe, erased: tuple[ev.Erased, ...]) -> None:
    made = ev.Redacted(
        erased=erased,
        reason=reason,
        entry=ref.number if ref.prefix == "E" else None,
        rejected=ref.number if ref.prefix == "R" else None,
    )
    pen.write(made, incident=entry.incident if entry else None, alert=entry.alert if entry else None)
