"""What goes with a redaction and what stays, for every kind of event there is."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.model.test_sentence import SEEN, TOLD
from tui.model import events as ev
from tui.model.entry import EntryKind
from tui.model.signal import Links
from tui.model.text import Safe
from tui.model.words import ERASED, references_of, without_words, words_of

AT = datetime(2026, 11, 24, 14, tzinfo=UTC)
_decode = msgspec.json.Decoder(ev.AnyBody).decode


@pytest.mark.parametrize("body", [body for body, _, _ in TOLD], ids=lambda body: type(body).__name__)
def test_every_body_without_its_words_is_a_body_of_its_kind(body: ev.AnyBody) -> None:
    left = without_words(body)
    assert type(left) is type(body)
    assert _decode(msgspec.json.encode(left)) == left
    assert words_of(left) == ()
    assert without_words(left) == left
    shown = msgspec.json.encode(left).decode()
    for word in words_of(body):
        assert msgspec.json.encode(word).decode() not in shown


def test_the_words_of_a_person_go_and_what_kind_of_words_they_were_stays() -> None:
    left = without_words(ev.Noted(text=Safe("the password is swordfish"), kind_of=EntryKind.DECISION, pinned=True))
    assert left == ev.Noted(text=ERASED, kind_of=EntryKind.DECISION, pinned=True)


def test_of_a_signal_its_title_links_labels_and_payload_go_and_its_name_stays() -> None:
    links = Links(runbook=Safe("https://wiki/1"), log=Safe("https://log/2"))
    body = msgspec.structs.replace(SEEN, links=links, labels="ab" * 16, payload="cd" * 32)
    assert words_of(body) == ("exit 1", "https://wiki/1", "https://log/2")
    assert references_of(body) == {"labels": "ab" * 16, "payload": "cd" * 32}
    left = without_words(body)
    assert left == msgspec.structs.replace(SEEN, title=ERASED)
    assert references_of(left) == {}


def test_numbers_and_names_alone_are_no_words() -> None:
    assert words_of(ev.Acknowledged(alerts=(1, 2))) == ()
    assert words_of(ev.RoleTaken(role=Safe("scribe"), name=Safe("bo"), before=Safe("li"))) == ()
