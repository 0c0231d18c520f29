"""A change in words: who, what it touches, and whether it was told before."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tui.model.change import Change, Suspect, actor_of, known, suspected, told, touches_of
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe

AT = datetime(2026, 11, 24, 14, tzinfo=UTC)
NAMES = (Safe("card-scoring"), Safe("fraud"))


def signal(what: str = "v812", subject: str = "card-scoring", at: datetime | None = None, **labels: str) -> Signal:
    return Signal(
        source=Safe("ci"),
        format="generic",
        key=Safe("ci:card-scoring change"),
        status=SignalStatus.INFO,
        kind=Kind.CHANGE,
        title=Safe(what),
        subject=Safe(subject),
        at=at,
        labels={name: Safe(value) for name, value in labels.items()},
    )


def change(
    what: str = "v812", at: datetime = AT, *, dated: bool = True, number: int = 1, touches: tuple[Safe, ...] = NAMES
) -> Change:
    return Change(
        id=number, seq=number, at=at, key=Safe("k"), source=Safe("ci"), actor=Safe("ann"), what=Safe(what),
        touches=touches, links=Links(), payload="", dated=dated,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "touches", "text"),
    [
        ("v812", NAMES, "v812 of card-scoring by ann"),
        ("deploy Card-Scoring v812", NAMES, "deploy Card-Scoring v812 by ann"),
        ("v812", (), "v812 by ann"),
    ],
)
def test_a_change_in_one_line(what: str, touches: tuple[str, ...], text: str) -> None:
    assert told(what, touches, "ann") == text


def test_the_answer_to_what_changed_before() -> None:
    assert suspected(Suspect(change=change(), entry=4), AT + timedelta(minutes=2)) == (
        "v812 of card-scoring by ann, 2m before it failed"
    )
    above = Suspect(change=change(), entry=4, upstream=Safe("fraud"))
    assert suspected(above, AT + timedelta(hours=3)) == ("v812 of fraud by ann, 3h before it failed, one step upstream")


@pytest.mark.parametrize(
    ("labels", "who"),
    [
        ({"by": "ann"}, "ann"),
        ({"Author": "bo", "user": "ci-bot"}, "bo"),
        ({"sender": "cy"}, "cy"),
        ({"by": "", "user": "dee"}, "dee"),
        ({"team": "risk"}, "ci"),
    ],
)
def test_who_made_it(labels: dict[str, str], who: str) -> None:
    said = msgspec.structs.replace(signal(), labels={name: Safe(value) for name, value in labels.items()})
    assert actor_of(said) == who


def test_what_it_touches_is_its_subject_and_what_its_labels_name_each_once() -> None:
    found = touches_of(
        signal(touches='["fct_orders", "card-scoring"]', Repository="acme/scoring-app", dataset="card_scores", team="x")
    )
    assert found == ("card-scoring", "fct_orders", "card_scores", "acme/scoring-app", "scoring-app")
    assert touches_of(signal("apply", "apply", service="pg")) == ("pg",), "a title is no name"
    assert touches_of(signal("apply", "apply", touches="a, b ,c")) == ("a", "b", "c")
    assert touches_of(signal("apply", "apply")) == ()
    many = ",".join(f"t{n}" for n in range(90))
    assert len(touches_of(signal(touches=many))) == 20


def hours(length: float) -> datetime:
    return AT + timedelta(hours=length)


@pytest.mark.parametrize(
    ("told_at", "received", "earlier", "again"),
    [
        (AT, hours(90), [change()], True),  # the same time: the same change, however late it is told again
        (AT, hours(90), [change("v811", hours(1)), change()], True),
        (hours(0.5), hours(0.5), [change()], True),  # the same deploy tells of its end
        (hours(2), hours(2), [change()], False),
        (hours(0.5), hours(0.5), [change("v811", hours(0.2)), change()], False),  # back, and forth again
        (hours(0.5), hours(0.5), [change("v811")], False),
        (None, hours(20), [change()], True),
        (None, hours(20), [change(dated=False)], True),
        (None, hours(25), [change(dated=False)], False),
        (hours(1), hours(1), [change(dated=False)], True),
        (AT, AT, [], False),
    ],
)
def test_whether_it_was_told_before(
    told_at: datetime | None, received: datetime, earlier: list[Change], again: bool
) -> None:
    assert (known(signal(at=told_at), received, earlier) is not None) is again


def test_a_time_ahead_of_its_receipt_is_the_receipt() -> None:
    assert known(signal(at=hours(50)), AT, [change()]) == change()
