"""Who may get in, and who wins a claim: wrong tokens, other logins at the socket, two who take command at once."""

import asyncio
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import aiohttp
import pytest

from tests.collector.hand import TOKEN, running
from tests.faults.conftest import Figure, Size
from tests.support.logins import Login, common_ground, need_root
from tests.support.scene import Scene
from tui.model.severity import Severity
from tui.store.engine import Store
from tui.store.integrity import verify
from tui.store.log import since

pytestmark = pytest.mark.real

TEAM = 34_567

KNOCK = """
import http.client, socket
refused = taken = 0
for n in range(int(sys.argv[3])):
    door = socket.socket(socket.AF_UNIX)
    try:
        door.connect(sys.argv[2])
    except PermissionError:
        refused += 1
        continue
    line = http.client.HTTPConnection("localhost")
    line.sock = door
    line.request("POST", "/v1/cron", json.dumps({"key": f"job-{os.getuid()}-{n}", "status": "failed"}))
    taken += line.getresponse().status == 202
    line.close()
print(refused, taken)
"""


def bad_tokens(chance: Random) -> Iterator[tuple[str, dict[str, str]]]:
    """Paths and headers that show a wrong token, each in another way."""
    while True:
        near = TOKEN[: chance.randrange(len(TOKEN))]
        wrong = chance.choice((near, TOKEN + "x", TOKEN.upper(), secrets.token_urlsafe(24), "", " ", "null", "é" * 8))
        basic = b64encode(f"x:{wrong}".encode()).decode()
        header = chance.choice((f"Bearer {wrong}", f"GenieKey {wrong}", f"Basic {basic}", wrong, f"Token {TOKEN}"))
        if chance.random() < 0.2 and wrong.strip():
            yield f"/v1/cron/{wrong}", {}
        elif chance.random() < 0.1:
            yield "/v1/cron", {"X-Sev-Timestamp": "1", "X-Sev-Signature": f"sha256={secrets.token_hex(32)}"}
        else:
            yield "/v1/cron", {"Authorization": header.encode("utf-8").decode("latin-1")}


async def test_every_wrong_token_is_refused(tmp_path: Path, size: Size, figure: Figure) -> None:
    count, answers = size(300, 10_000), Counter[int]()
    tries = bad_tokens(Random(7))
    async with running(tmp_path) as collector, aiohttp.ClientSession() as session:

        async def knock(times: int) -> None:
            for _ in range(times):
                path, headers = next(tries)
                async with session.post(collector.url + path, data=b'{"key":"x"}', headers=headers) as answer:
                    answers[answer.status] += 1

        await asyncio.gather(*(knock(count // 10) for _ in range(10)))
        assert answers == {401: count}
        status, _, _ = await collector.call("/v1/cron", b'{"key":"y","status":"failed"}')
        assert status == 202
        with collector.look() as hand:
            assert [alert.key for alert in hand.alerts()] == ["cron:y"]
            assert all(b'"x"' not in body for body in hand.kept())
    figure("wrong tokens", f"{count:,} tried, {count:,} refused")


def test_a_login_outside_the_group_does_not_reach_the_socket(size: Size, figure: Figure) -> None:
    need_root()
    times = size(20, 500)
    with common_ground() as ground:
        folder = ground / "team"
        folder.mkdir()
        os.chown(folder, 0, TEAM)
        folder.chmod(0o2770)
        store, socket = folder / "sev.db", folder / "sev.sock"
        open_door = ground / "sev.sock"  # the folder lets everybody pass: the socket's own mode must do
        listen = ["--listen", f"unix:{socket}", "--listen", f"unix:{open_door}"]
        argv = [sys.executable, "-m", "tui", "--store", str(store), "serve", *listen]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("listening")
            inside = Login(uid=34_001, home=ground / "in", groups=(TEAM,))
            outside = Login(uid=34_003, home=ground / "out")
            for door, login, wanted in (
                (socket, inside, f"0 {times}"),
                (socket, outside, f"{times} 0"),
                (open_door, outside, f"{times} 0"),
                (open_door, inside, f"0 {times}"),
            ):
                said = login.python(KNOCK, str(door), str(times))
                assert (said.code, said.out.strip()) == (0, wanted), (door, login.uid, said)
        finally:
            process.terminate()
            process.communicate(timeout=30)
        with Store(store) as opened:
            events = opened.read(lambda conn: since(conn, 0, 100_000))
            assert {event.uid for event in events if event.alert} == {inside.uid}
            assert verify(opened).ok
    figure("other logins at the socket", f"{2 * times:,} tried, {2 * times:,} refused")


def test_of_two_who_take_command_one_wins_and_the_other_is_told_who(scene: Scene, size: Size, figure: Figure) -> None:
    rounds, wins = size(20, 1_000), Counter[str]()
    for _ in range(rounds):
        incident = scene.declare(title="x", severity=Severity.SEV2)
        argv = [sys.executable, "-m", "tui", "--store", str(scene.store.path)]
        rivals = {
            who: subprocess.Popen(
                [*argv, "--as", who, "role", f"INC-{incident}", "commander"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for who in ("li", "kim")
        }
        said = {who: process.communicate(timeout=60) for who, process in rivals.items()}
        codes = {who: process.returncode for who, process in rivals.items()}
        assert sorted(codes.values()) == [0, 4], (codes, said)
        winner, loser = sorted(codes, key=lambda who: codes[who])
        assert f"{winner} holds it" in said[loser][1]
        assert said[loser][1].count("\n") == 1
        assert scene.incident(incident).commander == winner
        assert len(scene.incident(incident).roles) == 1
        wins[winner] += 1
    assert verify(scene.store).ok
    figure("two take command at once", f"{rounds:,} times, one won and the other was told who each time")
