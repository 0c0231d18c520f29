"""The doctor finds what is wrong, and changes nothing."""

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.collector.lease import Holder, Lease, lease_path
from tui.model.catalog import Node
from tui.model.text import Safe
from tui.reports.shapes import Shape
from tui.store import ballast, sources


def by_check(objects: list[Shape]) -> dict[str, tuple[str, str]]:
    return {str(one["check"]): (str(one["state"]), str(one["text"])) for one in objects}


def test_a_sound_store(sev: Hand, scene: Scene) -> None:
    scene.fire()
    sev.at(scene.now)
    found = by_check(sev.json("doctor"))
    for check in (
        "sev",
        "sqlite",
        "settings",
        "store",
        "content",
        "clock",
        "disk",
        "token",
        "locale",
        "group",
        "ballast",
        "sources",
        "retention",
    ):
        assert found[check][0] in ("ok", "warn"), found[check]
    assert found["content"][1].startswith("2 events")
    assert found["collector"][0] == "warn"
    assert sev.done("doctor").splitlines()[0].startswith("ok     sev")


def test_no_store_yet_is_no_fault_and_none_is_made(sev: Hand, tmp_path: Path) -> None:
    place = tmp_path / "none" / "sev.db"
    said = sev.bare("--store", str(place), "doctor", "--json")
    assert said.code == 0
    assert by_check(said.objects)["store"][0] == "warn"
    assert not place.parent.exists()


def test_a_foreign_file_is_a_fault(sev: Hand, tmp_path: Path) -> None:
    place = tmp_path / "letter.db"
    place.write_text("not a database " * 1_000)
    said = sev.bare("--store", str(place), "doctor", "--json")
    assert said.code == 1
    assert [one["state"] for one in said.objects if one["check"] == "store"][-1] == "fault"
    assert said.err.count("\n") == 1


def test_a_damaged_store_is_a_fault(sev: Hand, scene: Scene, tmp_path: Path) -> None:
    for n in range(60):
        scene.fire(f"job_{n}", title="x" * 200)
    copy = tmp_path / "copy.db"
    scene.store.close()
    whole = bytearray(scene.store.path.read_bytes())
    whole[8192:40960] = b"\xa5" * (40960 - 8192)
    copy.write_bytes(whole)
    said = sev.bare("--store", str(copy), "doctor", "--json")
    assert said.code == 1
    assert "fault" in [one["state"] for one in said.objects if one["check"] in ("content", "store")]


def test_mistakes_of_the_settings_are_faults(sev: Hand, scene: Scene) -> None:
    scene.store.path.with_name("sev.toml").write_text("[nonsense]\n")
    said = sev("doctor", "--json")
    assert said.code == 1
    assert by_check(said.objects)["settings"][0] == "fault"
    assert "store" in by_check(said.objects)


def test_a_clock_behind_the_log_is_a_fault(sev: Hand, scene: Scene) -> None:
    scene.fire()
    sev.at(scene.now - timedelta(hours=3))
    said = sev("doctor", "--json")
    assert said.code == 1
    assert by_check(said.objects)["clock"] == (
        "fault",
        "the newest event is 3h00m ahead of this machine's clock: set the clock",
    )


def test_a_token_that_everybody_can_read_is_a_fault(sev: Hand, scene: Scene) -> None:
    token = scene.store.path.with_name(scene.store.path.name + ".token")
    token.write_text("secret\n")
    token.chmod(0o644)
    sev.at(scene.now)
    said = sev("doctor", "--json")
    assert by_check(said.objects)["token"][0] == "fault"
    assert "secret" not in said.out
    token.chmod(0o600)
    assert by_check(sev.json("doctor"))["token"][0] == "ok"


def test_a_living_collector_is_named_and_a_hanging_one_is_a_fault(sev: Hand, scene: Scene) -> None:
    lease = Lease(lease_path(scene.store.path))
    me = Holder(pid=os.getpid(), host="jump1", started_at=datetime.now(UTC), listen=("http://127.0.0.1:9911",))
    assert lease.try_take(me)
    try:
        now = datetime.now(UTC)
        sev.at(now)
        state, text = by_check(sev.json("doctor"))["collector"]
        assert state == "ok"
        assert f"process {os.getpid()} on jump1, listening on http://127.0.0.1:9911" in text
        sev.at(now + timedelta(minutes=5))
        assert by_check(sev("doctor", "--json").objects)["collector"][0] == "fault"
    finally:
        lease.release()


def test_a_store_that_everybody_can_open_is_a_warning(sev: Hand, scene: Scene) -> None:
    scene.store.path.chmod(0o644)
    assert by_check(sev.json("doctor"))["store"][0] == "warn"


def test_what_the_catalog_does_not_know_is_worth_a_look(sev: Hand, scene: Scene) -> None:
    scene.fire("mart")
    scene.fire("lake")
    sev.at(scene.now)
    assert by_check(sev.json("doctor"))["catalog"] == (
        "ok",
        "nothing in it: name a [catalog] file, or send lineage",
    )
    scene.know(Node(name=Safe("mart")))
    assert by_check(sev.json("doctor"))["catalog"] == (
        "warn",
        "1 nodes; 1 of 2 subjects heard in 7 days are not in it: lake (1 alert): see `sev sources`",
    )
    scene.know(Node(name=Safe("lake")))
    assert by_check(sev.json("doctor"))["catalog"] == ("ok", "2 nodes; it knows all that was heard in 7 days")


def found_by(sev: Hand, check: str) -> tuple[str, str]:
    return by_check(sev("doctor", "--json").objects)[check]


def test_it_leaves_no_trace(sev: Hand, scene: Scene) -> None:
    scene.fire()
    scene.store.close()
    before = sorted(scene.store.path.parent.iterdir())
    sev("doctor")
    assert sorted(scene.store.path.parent.iterdir()) == before


def test_a_groups_folder_whose_store_the_group_cannot_write_is_a_fault(sev: Hand, scene: Scene) -> None:
    assert found_by(sev, "group")[0] == "ok"
    scene.store.path.parent.chmod(0o2770)
    state, text = found_by(sev, "group")
    assert state == "fault"
    assert "cannot write sev.db" in text
    for file in scene.store.path.parent.iterdir():
        file.chmod(0o660)
    assert found_by(sev, "group")[0] == "ok"


def test_a_socket_is_looked_at(sev: Hand, scene: Scene) -> None:
    place = scene.store.path.with_name("in.sock")
    scene.store.path.with_name("sev.toml").write_text(f'[collector]\nlisten = ["unix:{place}"]\n')
    assert found_by(sev, "socket") == ("ok", f"{place} is made when a collector starts")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        place.chmod(0o666)
        assert found_by(sev, "socket")[0] == "fault"
        place.chmod(0o660)
        assert found_by(sev, "socket") == ("ok", f"{place}, mode 0660")
    place.unlink()
    place.touch()
    assert "is no socket" in found_by(sev, "socket")[1]


def test_ballast_copies_and_retention_are_told(sev: Hand, scene: Scene) -> None:
    path = scene.store.path
    path.with_name("sev.toml").write_text('[retention]\npayloads = "7d"\n')
    assert found_by(sev, "ballast")[1].endswith("made when a collector runs")
    assert ballast.make(path)
    assert "given up when the disk is full" in found_by(sev, "ballast")[1]
    assert found_by(sev, "retention")[1] == "payloads 7d, events forever; the log begins at event 1"
    path.with_name(f"{path.name}.layout-1-20261101T000000Z").write_bytes(bytes(2_000_000))
    assert found_by(sev, "copies")[1].startswith("sev.db.layout-1-20261101T000000Z, 2.0 MB")


def test_a_source_that_cannot_be_read_is_told_with_its_error(sev: Hand, scene: Scene) -> None:
    pulled = [sources.Pulled(name="airflow", kind="airflow", every=timedelta(minutes=1))]
    scene.store.tx(lambda conn: sources.begin(conn, pulled, scene.now))
    sev.at(scene.now)
    assert found_by(sev, "sources") == ("ok", "1 pulled, all can be read")
    for _ in range(3):
        scene.store.tx(lambda conn: sources.failed(conn, "airflow", Safe("401 from airflow"), scene.now))
    sev.at(scene.now + timedelta(minutes=5))
    assert found_by(sev, "sources") == ("warn", "airflow silent 5m: 401 from airflow")


def test_a_collector_that_takes_nothing_in_is_a_fault(sev: Hand, scene: Scene) -> None:
    lease = Lease(lease_path(scene.store.path))
    assert lease.try_take(Holder(pid=1, host="jump1", started_at=datetime.now(UTC)))
    try:
        sev.at(datetime.now(UTC))
        lease.say("the disk is full")
        state, text = found_by(sev, "collector")
        assert (state, text.endswith("takes nothing in: the disk is full")) == ("fault", True)
        assert found_by(sev, "ballast")[0] == "warn"
    finally:
        lease.release()


def test_the_doctor_warns_of_one_that_fails(sev: Hand) -> None:
    lease = Lease(lease_path(sev.store.path))
    me = Holder(pid=1, host="h", started_at=datetime.now(UTC))
    assert lease.try_take(me)
    try:
        sev.at(datetime.now(UTC))
        assert {one["check"]: one["state"] for one in sev.json("doctor")}["collector"] == "ok"
        lease.tell_heartbeat("hc.example answers 404")
        found = next(one for one in sev.json("doctor") if one["check"] == "collector")
        assert found["state"] == "warn"
        assert str(found["text"]).endswith("its heartbeat fails: hc.example answers 404")
    finally:
        lease.release()


def test_a_tmux_that_keeps_copies_is_a_warning(sev: Hand, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/nowhere/socket,1,0")
    assert "set-clipboard unknown" in found_by(sev, "clipboard")[1]


def test_a_store_of_a_later_sev_is_told(sev: Hand, scene: Scene) -> None:
    scene.store.tx(lambda conn: conn.execute("PRAGMA user_version = 99"))
    scene.store.close()
    said = sev("doctor", "--json")
    assert said.code == 1
    assert any("has layout 99" in str(one["text"]) for one in said.objects)


def test_settings_that_others_may_change_are_worth_a_look(sev: Hand, scene: Scene) -> None:
    scene.fire()
    sev.at(scene.now)
    file = scene.store.path.with_name("sev.toml")
    file.write_text("[severity]\n")
    file.chmod(0o666)
    (found,) = (one for one in sev.json("doctor") if one["check"] == "settings" and one["state"] == "warn")
    assert str(found["text"]).startswith(f"{file} can be changed by others: everybody may write {file}")
    file.chmod(0o640)
    assert by_check(sev.json("doctor"))["settings"][0] == "ok"
