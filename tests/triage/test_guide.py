"""NEXT: one sentence, the most urgent, with the command that does it."""

from datetime import UTC, datetime, timedelta

import msgspec

from tui.model.alert import Candidate
from tui.model.ids import Ref
from tui.model.incident import Incident, Phase
from tui.model.severity import Severity, SeverityRules
from tui.model.text import Safe
from tui.triage.guide import Situation, Urgency, next_step

NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
SEV1, SEV2, SEV3 = Severity
CALM = Situation(now=NOW, rules=SeverityRules(), collector_age=timedelta(seconds=1))


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def candidate(number: int, severity: Severity, proposed: datetime, acknowledged: datetime | None = None) -> Candidate:
    return Candidate(
        id=number,
        seq=1,
        title=Safe("orders failed"),
        severity=severity,
        reasons=(),
        root=number * 10,
        alerts=(number * 10,),
        first_signal_at=proposed,
        detected_at=proposed,
        proposed_at=proposed,
        acknowledged_by=Safe("li") if acknowledged else None,
        acknowledged_at=acknowledged,
        incident=None,
        still_fires=True,
    )


def incident(phase: Phase, severity: Severity = SEV1) -> Incident:
    return Incident(
        id=7,
        seq=1,
        title=Safe("late"),
        severity=severity,
        phase=phase,
        first_signal_at=None,
        detected_at=ago(hours=9),
        acknowledged_at=None,
        acknowledged_by=None,
        declared_at=ago(hours=9),
        declared_by=Safe("li"),
        mitigated_at=None,
        resolved_at=ago(hours=8) if phase is Phase.LEARN else None,
        closed_at=None,
        updated_at=None,
        root=None,
        reopened=0,
        merged_into=None,
        candidate=None,
        alerts=(),
        roles=(),
        rca_started_at=None,
    )


def told(**parts: object) -> tuple[str, Urgency, str | None]:
    step = next_step(msgspec.structs.replace(CALM, **parts))
    return step.text, step.urgency, step.command


def test_nothing_waits_when_nothing_does() -> None:
    assert told() == ("nothing waits for you", Urgency.NOTHING, None)
    assert told(incident=incident(Phase.CLOSED)) == ("nothing waits for you", Urgency.NOTHING, None)


def test_a_dead_collector_is_the_worst() -> None:
    late = candidate(1, SEV1, ago(hours=1))
    text, urgency, command = told(collector_age=timedelta(seconds=40), candidates=(late,))
    assert (text, urgency, command) == (
        "nothing collects for 40s: no new alert can arrive; start sev serve", Urgency.LATE, None,
    )  # fmt: skip
    assert told(collector_age=None)[0].startswith("nothing collects: ")
    assert told(collector_age=None, watched=False)[1] is Urgency.NOTHING


def test_an_unseen_candidate_has_its_clock() -> None:
    assert told(candidates=(candidate(1, SEV1, ago(minutes=2)),)) == (
        "acknowledge in 3m: C-1 orders failed", Urgency.DUE, "acknowledge",
    )  # fmt: skip
    assert told(candidates=(candidate(1, SEV2, ago(minutes=34)),))[:2] == (
        "acknowledge late 4m: C-1 orders failed", Urgency.LATE,
    )  # fmt: skip
    assert told(candidates=(candidate(1, SEV2, NOW),))[1] is Urgency.DUE, "even with half an hour left"
    assert told(candidates=(candidate(1, SEV3, NOW),))[1] is Urgency.ADVICE


def test_the_most_urgent_is_told_and_the_first_of_two_alike() -> None:
    fresh, late, later = candidate(1, SEV1, NOW), candidate(2, SEV2, ago(hours=1)), candidate(3, SEV2, ago(hours=2))
    step = next_step(msgspec.structs.replace(CALM, candidates=(fresh, late, later)))
    assert step.text.startswith("acknowledge late 30m: C-2")
    assert step.where == Ref("A", 20)


def test_acknowledged_is_not_declared() -> None:
    seen = candidate(1, SEV2, ago(hours=1), ago(minutes=18))
    assert told(candidates=(seen,)) == (
        "acknowledged, not declared for 18m: C-1 orders failed", Urgency.ADVICE, "declare",
    )  # fmt: skip
    over = msgspec.structs.replace(seen, still_fires=False)
    assert told(candidates=(over,))[2] is None


def test_what_fires_again_asks_to_reopen() -> None:
    assert told(refired=(4, 7)) == (
        "A-4 fires again under a key of INC-7, resolved less than a day ago", Urgency.DUE, "reopen",
    )  # fmt: skip


def test_each_phase_has_its_next_step() -> None:
    assert told(incident=incident(Phase.RESPOND))[2] == "note"
    assert told(incident=incident(Phase.RESPOND), cleared=True) == (
        "all alerts of INC-7 are cleared: has the bleeding stopped?", Urgency.ADVICE, "next_phase",
    )  # fmt: skip
    shut = told(incident=incident(Phase.RESOLVE), gate=("A-1 x still fires", "A-2 y still fires"))
    assert shut == ("INC-7 cannot be resolved yet: A-1 x still fires and 1 more", Urgency.NOTHING, "resolve")
    assert told(incident=incident(Phase.RESOLVE)) == ("the gate of INC-7 is open", Urgency.ADVICE, "resolve")
    assert told(incident=incident(Phase.LEARN))[2] == "next_phase"


def test_learning_has_a_clock_too() -> None:
    gaps = ("item 1: What failed first?", "a category of cause")
    assert told(incident=incident(Phase.LEARN), missing=gaps) == (
        "root cause of INC-7 in 2d: 2 missing, item 1: What failed first?", Urgency.ADVICE, "root_cause",
    )  # fmt: skip
    late = msgspec.structs.replace(incident(Phase.LEARN), resolved_at=ago(days=4))
    assert told(incident=late, missing=gaps)[:2] == (
        "root cause of INC-7 late 1d: 2 missing, item 1: What failed first?", Urgency.LATE,
    )  # fmt: skip
