"""IDs as people type and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.errors import UsageError
from tui.model.ids import KINDS, Ref, parse


@given(st.sampled_from(sorted(KINDS)), st.integers(1, 10**18 - 1), st.booleans(), st.booleans())
def test_what_is_written_is_read(prefix: str, number: int, lower: bool, hyphen: bool) -> None:
    text = str(Ref(prefix, number))
    text = text if hyphen else text.replace("-", "")
    assert parse(f" {text.lower() if lower else text} ") == Ref(prefix, number)


@pytest.mark.parametrize("text", ["", "A", "A-", "A-0", "A-01", "12", "X-1", "A--1", "A-1 C-2", "INC", "A-" + "9" * 19])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(UsageError, match="is not an ID of this kind"):
        parse(text)


def test_only_the_wanted_kinds() -> None:
    assert parse("c3", "A", "C") == Ref("C", 3)
    with pytest.raises(UsageError, match="expected A-n or C-n"):
        parse("INC-3", "A", "C")
