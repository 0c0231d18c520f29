"""Roles, and what people write."""

from datetime import timedelta

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.model.severity import Severity


@pytest.fixture
def incident(scene: Scene) -> str:
    return f"INC-{scene.declare(title='Scores are stale', severity=Severity.SEV1)}"


def test_a_role_is_taken_given_and_ended(sev: Hand, incident: str) -> None:
    assert sev.json("role", incident, "Commander")[0]["commander"] == "li"
    assert sev.done("role", incident, "scribe", "ann") == f"ann is scribe of {incident}\n"
    assert sev.json("role", incident, "commander", "--end")[0]["commander"] is None


def test_a_role_held_by_another_is_refused_naming_who(sev: Hand, incident: str) -> None:
    sev.done("role", incident, "commander", "maya")
    assert "maya holds it" in sev.refused(4, "role", incident, "commander")
    sev.refused(4, "role", incident, "commander", "--force")
    taken = sev.json("role", incident, "commander", "--force", "--reason", "maya went home")
    assert taken[0]["commander"] == "li"
    sev.refused(4, "role", incident, "commander", "maya", "--end")


def test_a_note_keeps_kind_time_and_lines(sev: Hand, scene: Scene, incident: str) -> None:
    now = scene.now + timedelta(hours=1)
    sev.at(now)
    earlier = now - timedelta(minutes=20)
    (entry,) = sev.json("note", incident, "--kind", "decision", "--at", f"{earlier:%Y-%m-%dT%H:%M:%SZ}", "roll", "back")
    assert (entry["kind"], entry["text"], entry["incident"]) == ("decision", "roll back", incident)
    assert (entry["at"], entry["backdated"]) == (f"{earlier:%Y-%m-%dT%H:%M:%SZ}", True)
    assert entry["seq"] == scene.timeline(1)[-1].seq
    said = sev("note", incident, "-", "--json", stdin="first\nsecond ü\n".encode())
    assert said.object["text"] == "first\nsecond ü"


def test_a_note_that_cannot_be_kept_whole_is_refused(sev: Hand, incident: str) -> None:
    said = sev("note", incident, "-", stdin=b"x" * 5_000)
    assert (said.code, said.out) == (2, "")
    assert "5000 characters" in said.err


@pytest.mark.parametrize(
    "words", [("",), ("--kind", "signal", "x"), ("--at", "2099-01-01", "x"), ("--at", "lately", "x")]
)
def test_a_note_that_says_nothing_or_lies_ahead_is_refused(sev: Hand, incident: str, words: tuple[str, ...]) -> None:
    sev.refused(2, "note", incident, *words)


def test_hostile_text_is_made_visible(sev: Hand, scene: Scene, incident: str) -> None:
    sev.done("note", incident, "\x1b]0;owned\x07red\x1b[31m", "\u202eabc", "\udcff")
    assert scene.timeline(1)[-1].text == "␛red␛ ‹202e›abc ‹dcff›"
    assert "\x1b" not in sev.done("timeline", incident)
