"""The post-mortem says what the events say, and nothing else."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from tests.reports.test_markdown import page
from tests.support.scene import Scene
from tui.desk import learn, notes, people, phases
from tui.desk.incidents import change_severity, merge
from tui.errors import NotFoundError
from tui.model.entry import EntryKind
from tui.model.learn import ActionType, Category
from tui.model.severity import Severity
from tui.model.text import Safe, lines
from tui.reports.postmortem import PostMortem, build, to_markdown


def facts(scene: Scene, incident: int = 1) -> PostMortem:
    return scene.store.read(lambda conn: build(conn, incident))


def document(scene: Scene, incident: int = 1) -> str:
    return to_markdown(facts(scene, incident), scene.now)


@pytest.fixture
def story(scene: Scene) -> Scene:
    """From 14:00: fires 14:01, acknowledged 14:03, declared SEV2 14:05, SEV1 14:10, mitigated 14:20, resolved 14:31."""
    start = scene.now
    scene.step = timedelta(0)

    def until(minute: int) -> None:
        scene.now = start + timedelta(minutes=minute)

    until(1)
    scene.candidate_of("card-scoring", severity=Severity.SEV2)
    until(3)
    scene.ack("C-1")
    until(5)
    scene.declare(candidate=1)
    until(6)
    scene.take(1, name="maya")
    until(10)
    scene.do(change_severity, 1, Severity.SEV1, Safe("cards use old scores"))
    until(12)
    scene.note(1, "Scores are stale since 14:01.\nNext at 14:30.", EntryKind.UPDATE)
    until(13)
    scene.note(1, "wrong window")
    scene.undo()
    until(20)
    scene.do(phases.mitigate, 1)
    until(30)
    scene.clear(1)
    until(31)
    scene.do(phases.resolve, 1)
    return scene


def test_times_are_told_with_their_dates(story: Scene) -> None:
    told = document(story)
    for row in (
        "| Severity | ▲ SEV1, declared SEV2 |",
        "| First signal | 2026-11-24 14:01:00 UTC |",
        "| Acknowledged | 2026-11-24 14:03:00 UTC by li |",
        "| Declared | 2026-11-24 14:05:00 UTC by li |",
        "| Mitigated | 2026-11-24 14:20:00 UTC |",
        "| Resolved | 2026-11-24 14:31:00 UTC |",
        "| Closed | not yet |",
        "| Commander | maya |",
    ):
        assert row in told


def test_the_minutes_of_each_severity_follow_from_the_events(story: Scene) -> None:
    value = facts(story)
    spent = {Severity.SEV1: timedelta(minutes=21), Severity.SEV2: timedelta(minutes=5)}
    assert value.by_severity(story.now) == spent
    assert value.by_severity(story.now + timedelta(days=3)) == spent
    assert "| ▲ SEV1 | 21m |\n| ■ SEV2 | 5m |" in document(story)


def test_what_still_burns_counts_until_now(scene: Scene) -> None:
    scene.declare(title="Late", severity=Severity.SEV2)
    declared = scene.now
    value = facts(scene)
    assert value.by_severity(declared + timedelta(minutes=9)) == {Severity.SEV2: timedelta(minutes=9)}
    assert "it still burns" in to_markdown(value, declared + timedelta(minutes=9))


def test_a_severity_that_was_taken_back_never_was(scene: Scene) -> None:
    scene.declare(title="Late", severity=Severity.SEV2)
    declared = scene.now
    scene.do(change_severity, 1, Severity.SEV1, Safe(""))
    scene.undo()
    end = declared + timedelta(minutes=30)
    assert facts(scene).by_severity(end) == {Severity.SEV2: timedelta(minutes=30)}


def test_the_time_between_a_resolve_and_a_reopening_is_left_out(scene: Scene) -> None:
    scene.step = timedelta(minutes=10)
    scene.declare(title="Late", severity=Severity.SEV2)
    scene.resolve(1)
    scene.do(phases.reopen, 1, Safe("it failed again"))
    scene.resolve(1)
    assert facts(scene).by_severity(scene.now) == {Severity.SEV2: timedelta(minutes=20)}
    assert "- reopened on 2026-11-24 14:30:00 UTC: it failed again" in document(scene)


def test_a_merged_incident_ends_when_it_was_merged(scene: Scene) -> None:
    scene.step = timedelta(minutes=10)
    one, two = scene.declare(scene.fire("one")), scene.declare(scene.fire("two"))
    scene.do(merge, two, one)
    later = scene.now + timedelta(hours=9)
    assert facts(scene, two).by_severity(later) == {Severity.SEV2: timedelta(minutes=10)}
    told = document(scene, two)
    assert f"merged into INC-{one}" in told
    assert f"It went on as part of INC-{one}." in told


def test_the_three_figures(story: Scene) -> None:
    told = document(story)
    assert "| MTTA | detected to acknowledged | 2026-11-24 14:01:00 UTC | 2026-11-24 14:03:00 UTC | 2m |" in told
    assert "| MTTR | detected to resolved | 2026-11-24 14:01:00 UTC | 2026-11-24 14:31:00 UTC | 30m |" in told
    assert "It was resolved 30m after it was detected." in told


def test_a_missing_figure_is_missing_not_zero(scene: Scene) -> None:
    scene.declare(title="Finance sees yesterday", severity=Severity.SEV2)
    told = document(scene)
    assert "| MTTD | first signal to detected | missing |" in told
    assert told.count("| missing |") >= 2
    assert "| First signal | unknown: a person reported it |" in told
    assert "on a person's report" in told


def test_a_clamped_figure_is_marked(story: Scene) -> None:
    value = facts(story)
    later = value.incident.detected_at + timedelta(seconds=5)
    clocks_disagree = msgspec.structs.replace(
        value, incident=msgspec.structs.replace(value.incident, rca_started_at=later)
    )
    told = to_markdown(clocks_disagree, story.now)
    assert "| 0s (clamped: the clocks disagree) |" in told
    assert "clamped" not in document(story)


def test_the_timeline_has_dates_marks_and_everything(story: Scene) -> None:
    story.now = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    earlier = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
    story.do(notes.note, 1, Safe("the pager was silent"), at=earlier)
    story.note(1, "the morning after")
    told = document(story)
    assert told.index("### 2026-11-24 (UTC)") < told.index("### 2026-11-25 (UTC)")
    assert "| 14:13:00 | E-9 | note | li | ~~wrong window~~ *(taken back)* |" in told
    assert "*(about E-9)*" in told
    assert "the pager was silent *(written 2026-11-25 09:00:00 UTC)*" in told
    for entry in story.timeline(1):
        assert f"| E-{entry.id} |" in told
    assert "- 1 entry taken back" in told
    assert "- 1 entry written after the fact" in told


def test_updates_are_kept_word_for_word_and_taken_back_ones_are_not_sent(story: Scene) -> None:
    story.note(1, "never meant to be sent", EntryKind.UPDATE)
    story.undo()
    told = document(story)
    assert "**Update 1**, 2026-11-24 14:12:00 UTC, li:" in told
    assert "> Scores are stale since 14:01." in told
    assert "**Update 2**" not in told
    assert "- the first status update went out 7m after declaring" in told


def test_lines_of_an_update_stay_lines(scene: Scene) -> None:
    scene.declare(title="Late", severity=Severity.SEV2)
    scene.do(notes.note, 1, lines("Condition: late.\n\nNeeds: patience."), kind=EntryKind.UPDATE)
    assert "> Condition: late.\n>\n> Needs: patience." in document(scene)


def test_the_nine_items_with_their_evidence(story: Scene) -> None:
    evidence = story.note(1, "lag began at 14:00:40")
    story.do(learn.answer, 1, 4, Safe("the poll limit was 6s"), (evidence,))
    story.do(learn.categorise, 1, (Category.CODE_BUG, Category.PROCESS_GAP), Safe(""))
    told = document(story)
    assert "Cause: code bug, process gap." in told
    assert "### 4. Why, until a guard?\n\nthe poll limit was 6s\n\nEvidence:\n\n" in told
    assert f"- E-{evidence}, 2026-11-24 14:31:00 UTC, li: lag began at 14:00:40" in told
    assert "### 2. What changed just before?\n\n*Not answered.*" in told
    assert "*Proposed, confirmed by nobody.*" in told
    assert "Missing before it can be closed:" in told


def test_a_closed_incident_misses_nothing(story: Scene) -> None:
    story.learn(1)
    story.do(phases.close, 1)
    told = document(story)
    assert "Missing before" not in told
    assert "Not answered" not in told
    assert "| Phase | closed |" in told


def test_promised_changes(story: Scene) -> None:
    story.do(learn.promise, 1, Safe("lint the profile"), ActionType.PREVENTIVE, Safe("bo"), date(2026, 12, 1))
    story.do(learn.promise, 1, Safe("lag alert"), ActionType.DETECTIVE, None, None)
    told = document(story)
    assert "| ACT-1 | preventive | lint the profile | bo | 2026-12-01 | open |" in told
    assert "| ACT-2 | detective | lag alert | missing | missing | open |" in told


def test_what_was_forced_and_who_was_there(scene: Scene) -> None:
    scene.declare(scene.fire("scores"))
    scene.do(people.take_role, 1, Safe("commander"), Safe("maya"))
    scene.do(people.end_role, 1, Safe("commander"), Safe("maya"))
    scene.do_as("ann", None, notes.note, 1, Safe("I see it too"))
    scene.resolve(1, "switched off")
    told = document(scene)
    assert "- 2 people worked on it: li, ann" in told
    assert "- commander: maya, 2026-11-24 14:01:30 UTC to 2026-11-24 14:02:00 UTC" in told
    assert "- resolved against the gate on 2026-11-24 14:03:00 UTC: switched off" in told


def test_the_footer_names_the_head_of_the_log(story: Scene) -> None:
    value = facts(story)
    assert value.events == story.timeline(1)[-1].seq
    told = document(story)
    assert f"`{value.head}`" in told
    assert len(value.head) == 64
    assert f"up to event {value.events}" in told


def test_it_is_the_same_for_the_same_moment(story: Scene) -> None:
    assert document(story) == document(story)


def test_hostile_text_stays_text_everywhere(scene: Scene) -> None:
    bad = "<script>x</script> [a](javascript:b) `c` | d **e** # f https://evil.example"
    alert = scene.fire(f"job {bad}", title=bad, severity=Severity.SEV1)
    scene.who = "li|**x**"
    scene.declare(candidate=scene.propose(alert, title=bad))
    scene.take(1, name="<b>maya</b>")
    evidence = scene.note(1, f"- {bad}")
    scene.do(notes.note, 1, lines(f"# {bad}\n\n> {bad}\n```\n{bad}"), kind=EntryKind.UPDATE)
    scene.do(notes.note, 1, Safe(bad), kind=EntryKind.IMPACT)
    scene.do(learn.answer, 1, 1, Safe(bad), (evidence,))
    scene.do(learn.promise, 1, Safe(bad), ActionType.PREVENTIVE, Safe("<i>bo</i>"), None)
    scene.resolve(1, bad)
    shown = page(document(scene))
    assert set(shown.tags) <= {
        "h1", "h2", "h3", "p", "br", "hr", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "em", "strong", "s",
        "blockquote", "code",
    }  # fmt: skip
    assert shown.tags.count("code") == 1
    assert shown.tags.count("h1") == 1
    assert shown.text.count("<script>x</script>") >= 8


def test_an_unknown_incident(scene: Scene) -> None:
    with pytest.raises(NotFoundError):
        facts(scene, 9)
