"""What lies in a body: JSON in forms, names of deliveries, and keys that must not stay."""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.collector.bodies import HIDDEN, KEY_FIELDS, json_in, key_in, named_in, without_keys

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
SECRET = "R0UT1NGK3Y"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 60), 1 << 60) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


@pytest.mark.parametrize("name", ["payload", "json", "data", "body"])
def test_the_json_in_a_field_is_what_is_read(name: str) -> None:
    inner = '{"key": "a&b=é", "title": "100 % +"}'
    assert json_in(form(token="x", **{name: inner}), FORM) == inner.encode()


def test_a_lone_field_of_any_name_may_hold_it() -> None:
    assert json_in(form(mensaje="[1]"), FORM) == b"[1]"
    assert json_in(quote('{"a": 1}').encode(), FORM) == b'{"a": 1}'


def test_fields_without_such_a_one_are_an_object_of_their_own() -> None:
    body = form(id="5", title="Late: é", tags='["x"]', broken="{")
    assert json.loads(json_in(body, FORM)) == {"id": "5", "title": "Late: é", "tags": ["x"], "broken": "{"}


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"a=1", b"\xff\xfe=1&b=2", b'{"key": "a=b&c"}', b" [1]", "é".encode(), b"&".join([b"a=1"] * 300)],
)
def test_what_is_no_form_stays_as_it_is(body: bytes) -> None:
    assert json_in(body, FORM) == body


@pytest.mark.parametrize("kind", ["text/plain; charset=UTF-8", "application/json", "", "multipart/form-data"])
def test_any_other_content_type_changes_nothing(kind: str) -> None:
    body = form(payload="{}")
    assert json_in(body, {"content-type": kind}) == body
    assert json_in(body, {}) == body


@given(VALUES.map(lambda value: {"v": value}))
def test_whatever_json_is_put_into_a_form_comes_out(value: dict[str, object]) -> None:
    assert json.loads(json_in(form(payload=json.dumps(value), other="x"), FORM)) == value


@given(st.binary(max_size=60))
def test_any_bytes_go_through_a_form(body: bytes) -> None:
    assert isinstance(json_in(body, FORM), bytes)


EVENT = {"specversion": "1.0", "id": "7", "source": "/etl", "type": "job.failed"}
SNS = {"Type": "Notification", "MessageId": "m-1", "TopicArn": "arn:aws:sns:eu-central-1:1:t", "Message": "x"}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (EVENT, "ce /etl 7"),
        ([EVENT], "ce /etl 7"),
        ([EVENT, {**EVENT, "id": "8"}], "ce /etl 7\nce /etl 8"),
        ([EVENT, {**EVENT, "id": ""}], None),
        ([EVENT, 5], None),
        ([], None),
        ({**EVENT, "id": None}, None),
        ({**EVENT, "specversion": {}}, None),
        (SNS, "x-amz-sns-message-id m-1"),
        ({**SNS, "MessageId": ["m"]}, None),
        ({"MessageId": "m-1", "Type": "Notification"}, None),
        ({"note": "MessageId specversion"}, None),
        ("MessageId", None),
    ],
)
def test_a_body_may_name_its_delivery(body: object, wanted: str | None) -> None:
    assert named_in(json.dumps(body).encode()) == wanted


def test_a_body_that_is_not_json_names_nothing() -> None:
    assert named_in(b'{"MessageId": "m", "TopicArn": ') is None


@pytest.mark.parametrize("field", KEY_FIELDS)
@pytest.mark.parametrize(
    "written",
    [
        '{"%s":"R0UT1NGK3Y","event_action":"trigger"}',
        '{ "a": [1.50, 1e3], "%s" :\n "R0UT1NGK3Y" }',
        '{"b": {"%s": "R0UT1NGK3Y"}}',
        '[{"%s": "R0UT1NGK3Y"}, 1]',
        '{"%s": "old", "%s": "R0UT1NGK3Y"}',
    ],
)
def test_a_key_is_cut_out_and_the_rest_stays_byte_for_byte(field: str, written: str) -> None:
    body = written.replace("%s", field).encode()
    kept = without_keys(body, body)
    assert kept == body.replace(b"R0UT1NGK3Y", HIDDEN.encode()).replace(b"old", HIDDEN.encode())
    assert SECRET.encode() not in kept


@pytest.mark.parametrize(
    "body",
    [
        rb'{"routing\u005fkey": "R0UT1NGK3Y", "a": 1}',
        b'{"routing_key": ["R0UT1NGK3Y"], "a": 1}',
        b'{"routing_key": {"x": "R0UT1NGK3Y"}, "a": 1}',
    ],
)
def test_a_key_that_cannot_be_cut_out_costs_the_spelling_of_the_rest(body: bytes) -> None:
    assert json.loads(without_keys(body, body)) == {"routing_key": HIDDEN, "a": 1}


@pytest.mark.parametrize(
    "body", [b'{"routing_key": "R0UT1NGK3Y"', b'{"routing_key": "R0UT1N', b'x "service_key": 12345 x']
)
def test_a_key_in_something_broken_is_cut_out_too(body: bytes) -> None:
    kept = without_keys(body, body)
    assert HIDDEN.encode() in kept
    assert b"R0UT1N" not in kept
    assert b"12345" not in kept


def test_a_key_in_a_form_costs_the_form() -> None:
    body = form(payload='{"routing_key": "R0UT1NGK3Y", "a": 1}')
    assert json.loads(without_keys(body, json_in(body, FORM))) == {"routing_key": HIDDEN, "a": 1}


@pytest.mark.parametrize("body", [b'{"title": "no \\"routing_key\\": \\"x\\" here"}', b"{}", b'"routing_key"', b"7"])
def test_a_body_without_a_key_is_kept_as_it_is(body: bytes) -> None:
    assert without_keys(body, body) == body


@given(VALUES, st.sampled_from(KEY_FIELDS), st.text(min_size=1, max_size=12), st.booleans())
def test_no_key_of_any_spelling_stays(value: object, field: str, key: str, ascii_only: bool) -> None:
    body = json.dumps({"first": value, field: key, "last": value}, ensure_ascii=ascii_only).encode("utf-8", "replace")
    read = json.loads(body)
    kept = json.loads(without_keys(body, body))
    assert kept == {**read, field: HIDDEN}
    assert key_in(body) == read[field].strip()


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"routing_key": "R0", "service_key": "S0"}', "R0"),
        (b'{"service_key": "S0"}', "S0"),
        (rb'{"routing_key": "R\"0\u00e9", "cut', 'R"0é'),
        (b'{"routing_key": "R0', ""),
        (rb'"routing_key": "\ud', ""),
        (b'{"routing_key": "\xff"', ""),
        (b'{"routing_key": 12', ""),
        (b'{"routing_key": {"a": 1}}', ""),
        (b"[]", ""),
        (b"", ""),
    ],
)
def test_the_key_that_is_shown(body: bytes, wanted: str) -> None:
    assert key_in(body) == wanted
