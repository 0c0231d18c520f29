"""Addresses and sockets: what may be listened on, who may reach it, and what is left behind."""

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from tui.collector import sockets
from tui.collector.sockets import Tcp, Unix, open_all, parse
from tui.config import CollectorSettings
from tui.errors import ConfigError, UsageError


def test_addresses_are_read_as_people_write_them() -> None:
    assert parse("127.0.0.1:9911") == Tcp("127.0.0.1", 9911)
    assert parse("[::1]:0") == Tcp("::1", 0)
    assert parse("localhost:80") == Tcp("localhost", 80)
    assert parse("unix:/run/sev.sock") == Unix(Path("/run/sev.sock"))


@pytest.mark.parametrize("text", ["", "unix:", "9911", ":9911", "host:", "host:x", "host:65536", "host:-1", "host:١"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        parse(text)


@pytest.mark.parametrize(
    ("host", "inside"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("::", False),
     ("10.0.0.1", False), ("example.org", False)],
)  # fmt: skip
def test_what_other_machines_can_reach(host: str, inside: bool) -> None:
    assert Tcp(host, 1).is_loopback is inside


def test_a_taken_port_is_refused_or_the_next_free_one() -> None:
    (first,) = open_all((Tcp("127.0.0.1", 0),), scheme="http", may_move=False)
    port = int(first.address.rpartition(":")[2])
    with pytest.raises(UsageError, match="in use"):
        open_all((Tcp("127.0.0.1", port),), scheme="http", may_move=False)
    (second,) = open_all((Tcp("127.0.0.1", port),), scheme="http", may_move=True)
    assert port < int(second.address.rpartition(":")[2]) < port + 50
    first.close()
    second.close()


@pytest.mark.parametrize(("folder_mode", "wanted"), [(0o755, 0o600), (0o2770, 0o660)])
def test_a_unix_socket_is_as_open_as_its_folder_says(tmp_path: Path, folder_mode: int, wanted: int) -> None:
    tmp_path.chmod(folder_mode)
    before = os.umask(0)
    try:
        (listener,) = open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == wanted
    listener.close()
    assert not (tmp_path / "s").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another group")
def test_a_teams_socket_is_the_teams_wherever_it_lies(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (listener,) = open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False, team=34_567)
    found = (tmp_path / "s").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, 34_567)
    listener.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux makes the file with the socket's own mode")
def test_not_even_for_a_moment_is_it_open_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    before = os.umask(0)
    try:
        (listener,) = open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600
    listener.close()


def test_a_socket_left_behind_is_replaced_a_living_one_and_a_file_are_not(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(tmp_path / "s"))
    (listener,) = open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False)
    with pytest.raises(UsageError, match="in use"):
        open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False)
    listener.close()
    (tmp_path / "s").write_text("somebody's")
    with pytest.raises(UsageError, match="in use"):
        open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False)
    assert (tmp_path / "s").read_text() == "somebody's"


def test_closing_leaves_a_successors_socket_alone(tmp_path: Path) -> None:
    (old,) = open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False)
    (tmp_path / "s").rename(tmp_path / "away")
    (new,) = open_all((Unix(tmp_path / "s"),), scheme="http", may_move=False)
    old.close()
    assert (tmp_path / "s").is_socket()
    new.close()


def test_of_several_places_all_or_none_are_opened(tmp_path: Path) -> None:
    places = (Unix(tmp_path / "s"), Unix(tmp_path / "nowhere" / "s"))
    with pytest.raises(UsageError, match="nowhere"):
        open_all(places, scheme="http", may_move=False)
    assert not (tmp_path / "s").exists()


def test_a_certificate_that_cannot_be_used_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "cert").write_text("no certificate")
    with pytest.raises(ConfigError, match="tls_cert"):
        sockets.tls_of(CollectorSettings(tls_cert=tmp_path / "cert"))
    assert sockets.tls_of(CollectorSettings()) is None
