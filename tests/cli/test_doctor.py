"""The doctor finds what is wrong, and changes nothing."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.hand import Hand
from tests.support.scene import Scene
from tui.collector.lease import Holder, Lease, lease_path
from tui.reports.shapes import Shape


def by_check(objects: list[Shape]) -> dict[str, tuple[str, str]]:
    return {str(one["check"]): (str(one["state"]), str(one["text"])) for one in objects}


def test_a_sound_store(sev: Hand, scene: Scene) -> None:
    scene.fire()
    sev.at(scene.now)
    found = by_check(sev.json("doctor"))
    for check in ("sev", "sqlite", "settings", "store", "content", "clock", "disk", "token", "locale"):
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
