"""The sentences of the timeline: every kind of event a person did has one, and it is clean."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from tui.model import events as ev
from tui.model.alert import AlertStatus, Consumer, ConsumerState, Verdict
from tui.model.entry import EntryKind
from tui.model.incident import Phase
from tui.model.learn import ActionState, ActionType, Category, ItemState
from tui.model.sentence import tell
from tui.model.severity import Severity
from tui.model.signal import Kind, SignalStatus
from tui.model.text import Safe

AT = datetime(2026, 11, 24, 14, tzinfo=UTC)
SEEN = ev.SignalSeen(
    key=Safe("am:x"), source=Safe("am"), format="alertmanager", status=AlertStatus.RETRYING, word=SignalStatus.RETRYING,
    kind_of=Kind.FAILED_JOB, title=Safe("exit 1"), subject=Safe("load"), attempt=2, max_attempts=3, received_at=AT,
    starts=AT,
)  # fmt: skip
TOLD = [
    (SEEN, EntryKind.SIGNAL, "load retries (try 2 of 3): exit 1"),
    (ev.WentQuiet(since=AT), EntryKind.SIGNAL, "quiet: not heard since 2026-11-24T14:00:00Z, no all-clear came"),
    (
        ev.ChangeSeen(change=3, key=Safe("ci:1"), source=Safe("ci"), what=Safe("v812"), actor=Safe("ann"),
                      touches=(Safe("card-scoring"), Safe("fraud"))),
        EntryKind.CHANGE, "CH-3 v812 of card-scoring by ann",
    ),
    (
        ev.ImpactWeighed(root=Safe("load"), at=1, newly=(Safe("board"),), consumers=(
            Consumer(name=Safe("board"), state=ConsumerState.WRONG, tier=1),
            Consumer(name=Safe("mart"), state=ConsumerState.LATE, tier=2),
        )),
        EntryKind.IMPACT, "tier 1 is hit: board is wrong",
    ),
    (
        ev.SeverityProposed(severity=Severity.SEV1, reason=Safe("board is wrong")),
        EntryKind.SEVERITY, "triage proposes SEV1: board is wrong",
    ),
    (ev.Acknowledged(alerts=(1, 2)), EntryKind.ACK, "acknowledged A-1, A-2"),
    (ev.Acknowledged(alerts=(1, 2, 3, 4), candidate=7), EntryKind.ACK, "acknowledged C-7, 4 alerts"),
    (ev.Unacknowledged(alerts=(1,)), EntryKind.ACK, "gave up the acknowledgement of A-1"),
    (ev.Snoozed(until=AT), EntryKind.SNOOZE, "snoozed until 2026-11-24T14:00:00Z"),
    (ev.SnoozeEnded(), EntryKind.SNOOZE, "snooze ended"),
    (
        ev.Declared(title=Safe("late"), severity=Severity.SEV1, reason=Safe("wrong data"), alerts=(3,), detected_at=AT,
                    acknowledged_at=AT, acknowledged_by=Safe("li")),
        EntryKind.DECLARE, "declared SEV1 from A-3: late (wrong data)",
    ),
    (
        ev.Declared(title=Safe("late"), severity=Severity.SEV1, reason=Safe(""), detected_at=AT, acknowledged_at=AT,
                    acknowledged_by=Safe("li")),
        EntryKind.DECLARE, "declared SEV1 on a person's report: late",
    ),
    (ev.Linked(alerts=(5,)), EntryKind.LINK, "linked A-5"),
    (ev.Moved(alerts=(5,), to_incident=2), EntryKind.LINK, "moved A-5 to INC-2"),
    (ev.Moved(alerts=(5,), to_candidate=2), EntryKind.LINK, "moved A-5 to C-2"),
    (ev.Moved(alerts=(5,)), EntryKind.LINK, "moved A-5 out, on its own"),
    (ev.Merged(into=2, alerts=(1, 3)), EntryKind.LINK, "merged into INC-2 with 2 alerts"),
    (
        ev.SeverityChanged(severity=Severity.SEV3, before=Severity.SEV1, reason=Safe("a test topic")),
        EntryKind.SEVERITY, "SEV3, was SEV1: a test topic",
    ),
    (
        ev.PhaseChanged(phase=Phase.LEARN, before=Phase.RESOLVE, reason=Safe("muted"), forced=True),
        EntryKind.PHASE, "resolved against the gate: muted",
    ),
    (ev.RoleTaken(role=Safe("scribe"), name=Safe("bo"), before=Safe("li")), EntryKind.ROLE, "bo is scribe, was li"),
    (ev.RoleEnded(role=Safe("scribe"), name=Safe("bo")), EntryKind.ROLE, "bo is no longer scribe"),
    (ev.Noted(text=Safe("a\nb"), kind_of=EntryKind.OBSERVATION), EntryKind.OBSERVATION, "a\nb"),
    (
        ev.RcaAnswered(n=1, text=Safe("the disk"), evidence=(4, 5), state=ItemState.PROPOSED),
        EntryKind.RCA, "1 What failed first (proposed): the disk [E-4, E-5]",
    ),
    (ev.RcaCategorised(categories=(Category.CODE_BUG, Category.PROCESS_GAP)), EntryKind.RCA,
     "cause: code bug, process gap"),
    (
        ev.ActionPromised(action=3, text=Safe("check it"), type=ActionType.DETECTIVE, due=date(2026, 12, 1)),
        EntryKind.ACTION, "ACT-3 detective: check it (no owner, 2026-12-01)",
    ),
    (
        ev.ActionSettled(action=3, state=ActionState.DROPPED, reason=Safe("not ours")),
        EntryKind.ACTION, "ACT-3 dropped: not ours",
    ),
    (
        ev.Judged(verdict=Verdict.NOISE, reason=Safe("a drill"), severity=None, before=Verdict.INCIDENT),
        EntryKind.VERDICT, "verdict noise, was incident: a drill",
    ),
    (ev.TakenBack(undone=8, what=Safe("linked A-5")), EntryKind.UNDO, "took back: linked A-5"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind", "text"), TOLD)
def test_what_happened_in_one_line(body: ev.AnyBody, kind: EntryKind, text: str) -> None:
    assert tell(body) == (kind, text)


def test_everything_a_person_does_has_a_sentence() -> None:
    assert {type(body) for body, _, _ in TOLD} >= {*ev.UNDOABLE, ev.TakenBack}


def test_repeats_triage_and_the_catalog_make_no_entry() -> None:
    assert tell(ev.CatalogLearned(source=Safe("dbt"))) is None
    assert tell(ev.SignalRepeated(n=3, first=AT, last=AT)) is None
    assert tell(ev.Judged(verdict=Verdict.NOISE, reason=Safe("r"), severity=None)) is None


def test_every_kind_has_a_tag_of_its_own() -> None:
    kinds = get_args(ev.AnyBody)
    assert len({kind.__struct_config__.tag for kind in kinds}) == len(kinds)
