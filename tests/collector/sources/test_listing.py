"""What a poll of an Alertmanager means, taken into a real store."""

from datetime import datetime, timedelta

import pytest

from tests.collector.hand import Hand
from tui.collector.intake import Delivery, prepare
from tui.collector.sources.alertmanager import FORMATS
from tui.collector.sources.haul import encode
from tui.collector.sources.listing import RESOLVE_TIMEOUT, Book, Item, Listing, Meaning, listing, weigh
from tui.collector.sources.marks import went_quiet, were_heard
from tui.errors import SevError
from tui.formats.decode import Json
from tui.model.alert import Alert, AlertStatus
from tui.model.text import Safe
from tui.store.alerts import alert_by_key
from tui.store.sources import unresolved_of

SOURCE = Safe("am")
REMIND = timedelta(hours=1)
LONG_AGO = timedelta(hours=5)


class Watch:
    """Polls: each one weighed, and what it means taken in, as the puller does."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.book = Book()
        self.up_since: datetime | None = hand.now - LONG_AGO

    def poll(self, *items: Item, seconds: float = 30, timeout: timedelta = RESOLVE_TIMEOUT) -> Meaning:
        self.hand.later(seconds=seconds)
        now = self.hand.now
        found = Listing(
            at=now,
            alerts={str(item["fingerprint"]): item for item in items},
            up_since=self.up_since,
            resolve_timeout=timeout,
        )
        held = self.hand.store.read(lambda conn: unresolved_of(conn, SOURCE, FORMATS))
        meaning = weigh(self.book, found, held, SOURCE, REMIND)
        bodies: list[Json] = [*meaning.handed, *meaning.over]
        if bodies:
            self.push(bodies)
        self.hand.store.tx(lambda conn: went_quiet(conn, now, meaning.quiet))
        self.hand.store.tx(lambda conn: were_heard(conn, now, meaning.still))
        self.book = meaning.book
        return meaning

    def fail(self, seconds: float = 30) -> None:
        self.hand.later(seconds=seconds)
        self.book = self.book.broken()

    def push(self, body: Json) -> None:
        delivery = Delivery(body=encode(body), received_at=self.hand.now, uid=1, source=SOURCE, format="alertmanager")
        self.hand.send_all([prepare(delivery)])

    def alert(self, name: str = "f1") -> Alert:
        found = self.hand.store.read(lambda conn: alert_by_key(conn, f"am:{name}", self.hand.now))
        assert found is not None
        return found

    def status(self, name: str = "f1") -> AlertStatus:
        return self.alert(name).status


@pytest.fixture
def watch(hand: Hand) -> Watch:
    return Watch(hand)


def item(name: str = "f1", *, severity: str = "critical", starts: str = "2026-11-24T13:59:00Z") -> Item:
    return {
        "fingerprint": name,
        "labels": {"alertname": "LoadFailed", "severity": severity, "job_name": f"load-{name}"},
        "annotations": {"summary": f"{name} failed"},
        "startsAt": starts,
        "endsAt": "2026-11-24T14:05:00Z",
        "updatedAt": "2026-11-24T14:00:00Z",
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }


def test_two_complete_polls_without_it_resolve_an_alert(watch: Watch) -> None:
    watch.poll(item(), item("f2"))
    watch.poll(item("f2"))
    first_missed = watch.hand.now
    assert watch.status() is AlertStatus.FIRING, "one poll proves nothing"
    watch.poll(item("f2"))
    alert = watch.alert()
    assert alert.status is AlertStatus.RESOLVED
    assert alert.ended_at == first_missed
    assert alert.title == "f1 failed"
    assert watch.status("f2") is AlertStatus.FIRING
    assert watch.hand.is_whole()


def test_what_comes_back_in_between_begins_anew(watch: Watch) -> None:
    watch.poll(item())
    watch.poll()
    watch.poll(item())
    watch.poll()
    assert watch.status() is AlertStatus.FIRING
    watch.poll()
    assert watch.status() is AlertStatus.RESOLVED


def test_a_poll_that_failed_breaks_the_two(watch: Watch) -> None:
    watch.poll(item())
    watch.poll()
    watch.fail()
    watch.poll()
    assert watch.status() is AlertStatus.FIRING
    watch.poll()
    assert watch.status() is AlertStatus.QUIET, "it went away while nobody looked: nobody saw how it ended"
    for _ in range(4):
        watch.poll()
    assert watch.status() is AlertStatus.QUIET
    assert [entry.text for entry in watch.hand.entries()][-1].startswith("quiet: ")


def test_what_was_listed_again_after_a_failure_resolves_as_ever(watch: Watch) -> None:
    watch.poll(item())
    watch.fail()
    watch.poll(item())
    watch.poll()
    watch.poll()
    assert watch.status() is AlertStatus.RESOLVED


def test_a_quiet_alert_that_is_listed_again_fires(watch: Watch) -> None:
    watch.poll(item())
    watch.fail()
    watch.poll()
    watch.poll()
    assert watch.status() is AlertStatus.QUIET
    watch.poll(item())
    assert watch.status() is AlertStatus.FIRING
    assert watch.alert().episode == 2


def test_a_restarted_instance_resolves_nothing_it_never_saw(watch: Watch) -> None:
    watch.poll(item(), item("f2"))
    watch.up_since = watch.hand.now + timedelta(seconds=1)
    for _ in range(10):
        watch.poll(item("f2"))
        assert watch.status() is AlertStatus.FIRING, "its senders may not have told it again yet"
    watch.poll(item("f2"))
    assert watch.status() is AlertStatus.QUIET
    watch.poll()
    watch.poll()
    assert watch.status("f2") is AlertStatus.RESOLVED, "this one it saw itself"


def test_an_instance_up_for_less_than_its_timeout_proves_nothing_yet(watch: Watch) -> None:
    watch.up_since = watch.hand.now
    watch.poll(item(), timeout=timedelta(minutes=3))
    for _ in range(5):
        watch.poll(timeout=timedelta(minutes=3))
        assert watch.status() is AlertStatus.FIRING
    first_missed = watch.hand.now - timedelta(seconds=4 * 30)
    watch.poll(timeout=timedelta(minutes=3))
    assert watch.status() is AlertStatus.RESOLVED
    assert watch.alert().ended_at == first_missed


def test_an_instance_that_does_not_say_since_when_it_is_up(watch: Watch) -> None:
    watch.up_since = None
    watch.poll(item(), timeout=timedelta(seconds=70))
    watch.poll(timeout=timedelta(seconds=70))
    watch.poll(timeout=timedelta(seconds=70))
    assert watch.status() is AlertStatus.FIRING
    watch.poll(timeout=timedelta(seconds=70))
    assert watch.status() is AlertStatus.RESOLVED, "we have seen it up for that long ourselves"


def test_after_a_restart_of_ours_an_absent_alert_is_quiet(watch: Watch) -> None:
    watch.poll(item())
    watch.book = Book()
    watch.poll()
    watch.poll()
    assert watch.status() is AlertStatus.QUIET


def test_an_alert_that_was_pushed_shares_its_key_and_is_resolved_by_the_list(watch: Watch) -> None:
    watch.poll()
    watch.hand.later(seconds=5)
    pushed = {name: value for name, value in item().items() if name != "status"} | {"status": "firing"}
    watch.push({"receiver": "sev", "version": "4", "alerts": [{**pushed, "endsAt": "0001-01-01T00:00:00Z"}]})
    watch.poll(item())
    assert len(watch.hand.alerts()) == 1
    watch.poll()
    watch.poll()
    assert watch.status() is AlertStatus.RESOLVED


def test_what_was_pushed_while_the_list_was_on_its_way_is_not_missing(watch: Watch) -> None:
    watch.poll()
    before = watch.hand.now
    watch.hand.later(seconds=1)
    watch.push([item()])
    watch.hand.now = before
    assert watch.poll(seconds=1).book.missing == {}


def test_what_says_nothing_new_is_not_handed_over_again(watch: Watch) -> None:
    assert len(watch.poll(item()).handed) == 1
    moved = {**item(), "updatedAt": "2026-11-24T14:01:00Z", "endsAt": "2026-11-24T14:06:00Z"}
    assert watch.poll(moved).handed == ()
    assert watch.alert().count == 1
    watch.poll(item(severity="warning"))
    assert watch.alert().severity_word == "warning"
    silenced: Item = {
        **item(severity="warning"),
        "status": {"state": "suppressed", "silencedBy": ["s"], "inhibitedBy": []},
    }
    assert len(watch.poll(silenced).handed) == 1


def test_what_stands_for_long_is_heard_of_now_and_then(watch: Watch) -> None:
    watch.poll(item())
    for _ in range(60):
        watch.poll(item(), seconds=120)
    assert watch.alert().count == 3
    assert watch.hand.now - watch.alert().last_seen <= REMIND
    assert watch.hand.is_whole()


def test_an_alert_of_another_format_under_the_same_name_is_let_be(watch: Watch) -> None:
    watch.hand.send({"key": "own", "title": "from a script"}, source="am")
    watch.poll()
    watch.poll()
    watch.poll()
    assert watch.status("own") is AlertStatus.FIRING


STATUS: Json = {"uptime": "2026-11-24T09:00:00.000Z", "config": {"original": "global:\n  resolve_timeout: 1m30s\n"}}


def test_a_complete_poll(now: datetime) -> None:
    found = listing([{**item()}], STATUS, now)
    assert found.alerts == {"f1": item()}
    assert found.up_since == datetime.fromisoformat("2026-11-24T09:00:00Z")
    assert found.resolve_timeout == timedelta(seconds=90)


@pytest.mark.parametrize(
    "status", [None, [], {}, {"config": None}, {"config": {"original": 3}}, {"config": {"original": "global: {}"}},
               {"config": {"original": "  resolve_timeout: 500ms\n"}}],
)  # fmt: skip
def test_without_a_timeout_its_own_default_holds(status: Json, now: datetime) -> None:
    assert listing([], status, now).resolve_timeout == RESOLVE_TIMEOUT


@pytest.mark.parametrize("body", [None, {}, {"alerts": []}, [3], [{"labels": {}}], [{"fingerprint": "x"}]])
def test_what_is_no_complete_poll(body: Json, now: datetime) -> None:
    with pytest.raises(SevError, match="check the url"):
        listing(body, STATUS, now)
