"""Settings that name what to run don't count from a file that people outside the team may change."""

import os
from pathlib import Path

import pytest

from tui.config import load
from tui.errors import ConfigError
from tui.trust import strangers_may_write

COMMANDS = '[commands.lag]\nrun = ["kafka-lag", "{subject}"]\n'
CHANNEL = '[channels.page]\ncommand = ["page-me"]\n'
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another group")


def written(tmp_path: Path, text: str, mode: int) -> Path:
    file = tmp_path / "sev.toml"
    file.write_text(text)
    file.chmod(mode)
    return file


@pytest.mark.parametrize("text", [COMMANDS, CHANNEL])
@pytest.mark.parametrize("mode", [0o602, 0o666, 0o646])
def test_everybodys_file_is_refused_where_it_names_commands(tmp_path: Path, text: str, mode: int) -> None:
    file = written(tmp_path, text, mode)
    with pytest.raises(ConfigError) as caught:
        load(store=tmp_path / "sev.db")
    (mistake,) = caught.value.mistakes
    assert mistake.startswith(f"{file}:{text[1:].partition('.')[0]}: names what to run, and everybody may write {file}")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o660, 0o664])
def test_the_owners_and_the_teams_file_counts(tmp_path: Path, mode: int) -> None:
    written(tmp_path, COMMANDS, mode)
    assert load(store=tmp_path / "sev.db").files


def test_a_file_without_commands_is_read_all_the_same(tmp_path: Path) -> None:
    written(tmp_path, '[severity]\ntimezone = "UTC"\n', 0o666)
    assert load(store=tmp_path / "sev.db").files


def test_a_folder_that_everybody_may_write_counts_as_the_file(tmp_path: Path) -> None:
    written(tmp_path, COMMANDS, 0o600)
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigError, match="everybody may write"):
        load(store=tmp_path / "sev.db")
    tmp_path.chmod(0o1777)  # there nobody can put another file in its place
    assert load(store=tmp_path / "sev.db").files


@needs_root
def test_another_group_than_the_stores_is_outside(tmp_path: Path) -> None:
    file = written(tmp_path, COMMANDS, 0o660)
    os.chown(file, 0, 34_567)
    with pytest.raises(ConfigError, match="a group that is not the store's may write"):
        load(store=tmp_path / "sev.db")
    os.chown(tmp_path, 0, 34_567)
    assert load(store=tmp_path / "sev.db").files


def test_a_file_that_is_not_there_can_be_changed_by_anybody_for_all_we_know(tmp_path: Path) -> None:
    assert "cannot be looked at" in strangers_may_write(tmp_path / "none" / "sev.toml", tmp_path / "sev.db")


def test_a_store_that_is_not_there_yet_has_no_group(tmp_path: Path) -> None:
    file = written(tmp_path, COMMANDS, 0o644)
    assert load(store=tmp_path / "new" / "sev.db", team_file=file).files
    file.chmod(0o664)
    with pytest.raises(ConfigError, match="a group that is not the store's may write"):
        load(store=tmp_path / "new" / "sev.db", team_file=file)
