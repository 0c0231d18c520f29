"""The login behind a name: shown where it is another one, and only there."""

import os
import pwd

import pytest

from tui.logins import ELSEWHERE, name_of, other_login

NO_SUCH_UID = 3_999_999_998


def test_a_login_under_its_own_name_says_nothing_more() -> None:
    own = pwd.getpwuid(os.getuid()).pw_name
    assert name_of(os.getuid()) == own
    assert other_login(own, os.getuid()) is None
    assert other_login("maya", os.getuid()) == own


def test_a_uid_that_nobody_lists_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOGNAME", raising=False)
    assert other_login("maya", NO_SUCH_UID) == f"uid {NO_SUCH_UID}"
    assert other_login(f"uid{NO_SUCH_UID}", NO_SUCH_UID) is None


def test_people_of_no_machine_go_by_their_names() -> None:
    assert other_login("maya", ELSEWHERE) is None
