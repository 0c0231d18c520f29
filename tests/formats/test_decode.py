"""Bytes to JSON, and files to single payloads."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.errors import NotJsonError, RejectedError
from tui.formats.decode import MAX_DEPTH, documents, parse_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b" \n\xef\xbb\xbf", "Expecting value"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"hello", "Expecting value"),
        (b'{"a": 1} {"b": 2}', "Extra data"),
        (b'{"a": "caf\xe9"}', "byte 10 is not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        ("\ufeff{}".encode("utf-16-le"), "not UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b"[1e999]", "too large"),
        (b'["raw \x1b control"]', "Invalid control character"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deeper than 64"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "deeper than 64"),
        (b"[" * 300_000, "deeper than 64"),
        (b'{"a":[' * 300_000, "deeper than 64"),
    ],
)
def test_what_is_not_json_is_refused_with_its_reason(body: bytes, why: str) -> None:
    with pytest.raises(NotJsonError, match=why) as caught:
        parse_json(body)
    assert isinstance(caught.value, RejectedError)
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)


def test_the_last_allowed_depth_is_read() -> None:
    body = b"[" * MAX_DEPTH + b'"x"' + b"]" * MAX_DEPTH
    assert json.dumps(parse_json(body)).encode() == body


def test_many_shallow_lists_are_not_deep() -> None:
    assert parse_json(b"[" + b"[[]]," * 500 + b"1]") == [[[]]] * 500 + [1]


def test_a_byte_order_mark_is_forgiven() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_of_a_repeated_key_the_last_value_counts() -> None:
    assert parse_json(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("digits", ["9" * 5000, "-" + "9" * 5000, str(2**63), str(-(2**63) - 1)])
def test_numbers_beyond_64_bits_become_text(digits: str) -> None:
    assert parse_json(digits.encode()) == digits


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0])
def test_numbers_of_64_bits_stay_numbers(number: int) -> None:
    assert parse_json(str(number).encode()) == number


def test_a_fraction_of_5000_digits_is_a_number() -> None:
    assert parse_json(b"0." + b"3" * 5000) == pytest.approx(1 / 3)


def test_lone_surrogates_do_not_stop_the_reader() -> None:
    assert parse_json(b'"\\ud800"') == "\ud800"


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    with contextlib.suppress(NotJsonError):
        assert str(parse_json(body)) == str(json.loads(body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b" \r\n\n", []),
        (b'{"a": 1}\n{"a": 2}\n', [b'{"a": 1}', b'{"a": 2}']),
        (b'{"a": 1}\r\n\r\n{"a": 2}\r\n', [b'{"a": 1}', b'{"a": 2}']),
        (b'{"a": 1}{"a": 2} [3]', [b'{"a": 1}', b'{"a": 2}', b"[3]"]),
        (b'\xef\xbb\xbf{"a": 1}\n\xef\xbb\xbf{"a": 2}', [b'{"a": 1}', b'{"a": 2}']),
        (b'\x1e{"a": 1}\n\x1e{"a": 2}\n', [b'{"a": 1}', b'{"a": 2}']),
        (b'{\n  "a": [\n    {"b": 1}\n  ]\n}\n', [b'{\n  "a": [\n    {"b": 1}\n  ]\n}']),
        (b'[{"a": 1}, {"a": 2}]', [b'[{"a": 1}, {"a": 2}]']),
    ],
)
def test_a_file_is_cut_into_its_payloads(body: bytes, expected: list[bytes]) -> None:
    assert documents(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1}\n{"a": 2', [b'{"a": 1}', b'{"a": 2']),
        (b'{"a": 1}\n{"a": \n{"a": 3}\n', [b'{"a": 1}', b'{"a":', b'{"a": 3}']),
        (b'{\n  "a": [\n    {"b": 1}\n  ],\n  "c', [b'{\n  "a": [\n    {"b": 1}\n  ],\n  "c']),
        (b"not json at all\nand more", [b"not json at all\nand more"]),
        (b'{"a": 1} tail', [b'{"a": 1}', b"tail"]),
        (b'{"a": "\xff"}\n{"a": 2}', [b'{"a": "\xff"}', b'{"a": 2}']),
    ],
)
def test_what_is_broken_becomes_a_payload_of_its_own(body: bytes, expected: list[bytes]) -> None:
    assert documents(body) == expected


def test_numbers_and_depth_no_reader_takes_do_not_stop_the_cutting() -> None:
    deep = b"[" * 5000 + b"]" * 5000
    assert documents(b"9" * 6000 + b"\n" + deep + b'\n{"a": 1}') == [b"9" * 6000, deep, b'{"a": 1}']


@given(
    st.lists(JSON.filter(lambda value: isinstance(value, dict | list)), min_size=1, max_size=5),
    st.sampled_from([None, 2]),
)
@settings(max_examples=50, deadline=None)
def test_documents_in_a_row_are_found_again(values: list[object], indent: int | None) -> None:
    cut = documents("\n".join(json.dumps(value, indent=indent) for value in values).encode())
    assert [parse_json(body) for body in cut] == values


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_cutting_loses_nothing_but_white_space(body: bytes) -> None:
    blank = b" \t\r\n\x1e"
    left = b"".join(documents(body)).replace("\ufeff".encode(), b"")
    whole = body.replace("\ufeff".encode(), b"")
    assert left.translate(None, blank) == whole.translate(None, blank)
