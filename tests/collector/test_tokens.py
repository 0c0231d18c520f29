"""The token: where it comes from, how a request may show it, and our own signature."""

import base64
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.collector.tokens import Token, admits, is_signed, load_or_make, sign, signature_holds
from tui.config import CollectorSettings, Config
from tui.errors import ConfigError, StoreError

TOKEN = Token(value="s3cret-é", place="test")


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_the_first_start_makes_one_and_the_next_finds_it(tmp_path: Path) -> None:
    config = Config(store=tmp_path / "sev.db")
    made, found = load_or_make(config, {}), load_or_make(config, {})
    assert (made.made, found.made) == (True, False)
    assert made.value == found.value
    assert len(made.value) >= 32
    assert made.place == str(tmp_path / "sev.db.token")
    assert stat.S_IMODE(Path(made.place).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["sev.db.token"]


def test_in_a_shared_folder_the_group_may_read_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    place = Path(load_or_make(Config(store=tmp_path / "sev.db"), {}).place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o660


def test_the_environment_wins_over_the_settings_and_they_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "named").write_text(" from-a-file \n")
    config = Config(store=tmp_path / "sev.db", collector=CollectorSettings(token_file=tmp_path / "named"))
    assert load_or_make(config, {"SEV_TOKEN": "from-outside"}).value == "from-outside"
    assert load_or_make(config, {"SEV_TOKEN": "  "}).value == "from-a-file"
    assert not (tmp_path / "sev.db.token").exists()


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"])
def test_a_token_file_without_a_token_is_a_mistake_of_the_settings(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "named").write_bytes(content)
    config = Config(store=tmp_path / "sev.db", collector=CollectorSettings(token_file=tmp_path / "named"))
    with pytest.raises(ConfigError, match="named"):
        load_or_make(config, {})


def test_a_folder_that_takes_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="SEV_TOKEN"):
        load_or_make(Config(store=tmp_path / "nowhere" / "sev.db"), {})


def test_its_value_is_in_no_print() -> None:
    assert "s3cret" not in f"{TOKEN} {TOKEN!r} {[TOKEN]}"


@pytest.mark.parametrize(
    "shown",
    [
        f"Bearer {TOKEN.value}",
        f"bearer   {TOKEN.value} ",
        f"GenieKey {TOKEN.value}",
        basic("anybody", TOKEN.value),
        basic("", TOKEN.value),
    ],
)
def test_a_header_may_show_it(shown: str) -> None:
    assert admits(TOKEN, {"authorization": shown})


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Bearer",
        "Bearer wrong",
        f"Bearer {TOKEN.value}x",
        f"Digest {TOKEN.value}",
        TOKEN.value,
        basic(TOKEN.value, ""),
        basic(TOKEN.value, "wrong"),
        "Basic ====",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic é",
        "Bearer \udcff",
    ],
)
def test_nothing_else_is_taken_for_it(shown: str) -> None:
    assert not admits(TOKEN, {"authorization": shown})


def test_the_address_may_end_in_it() -> None:
    assert admits(TOKEN, {}, TOKEN.value)
    assert not admits(TOKEN, {}, "wrong")
    assert not admits(TOKEN, {}, "")


@given(st.binary(max_size=40), st.integers(-300, 300))
def test_a_signature_over_time_and_body_holds_within_its_minutes(body: bytes, off: int) -> None:
    now = datetime.fromisoformat("2026-11-24T14:00:00Z")
    at = str(int((now + timedelta(seconds=off)).timestamp()))
    headers = {"x-sev-timestamp": at, "x-sev-signature": sign(TOKEN, at, body)}
    assert is_signed(headers)
    assert signature_holds(TOKEN, headers, body, now)
    assert not signature_holds(TOKEN, headers, body + b" ", now)
    assert not signature_holds(Token(value="other", place=""), headers, body, now)
    assert not signature_holds(TOKEN, {**headers, "x-sev-timestamp": str(int(at) + 1)}, body, now)
    assert not signature_holds(TOKEN, headers, body, now + timedelta(seconds=601 + off))


@pytest.mark.parametrize("stamp", ["", "now", "-5", "١٢٣", "1" * 13, "1.5"])
def test_a_signature_needs_a_plain_time(now: datetime, stamp: str) -> None:
    headers = {"x-sev-timestamp": stamp, "x-sev-signature": sign(TOKEN, stamp, b"x")}
    assert not signature_holds(TOKEN, headers, b"x", now)
