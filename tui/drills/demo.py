"""The demo: a throw-away store, a past told through the real receiver, a present played while one looks on."""

import asyncio
import json
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from tui.collector.service import serve
from tui.config import Config, load
from tui.drills import story
from tui.drills.colleagues import act_out
from tui.errors import StoreError
from tui.store.engine import Store

_SETTINGS: Final = '[collector]\nlisten = ["unix:{socket}"]\n'
_PATIENCE: Final = 10.0


class Stage:
    """Where the story plays: a store, the collector's socket, and the story's zero."""

    def __init__(self, folder: Path, zero: datetime, speed: float) -> None:
        self.store_path = folder / "sev.db"
        self.socket = folder / "sev.sock"
        self._zero = zero
        self._speed = speed
        (folder / "sev.toml").write_text(_SETTINGS.format(socket=self.socket), "utf-8")

    def clock(self, seconds: float) -> datetime:
        """When a moment of the story is; a faster one has its future nearer."""
        return self._zero + timedelta(seconds=seconds if seconds < 0 else seconds / self._speed)

    def play(self, beat: story.Beat) -> None:
        """One beat: a payload to the receiver, or a colleague's act. Raises StoreError when no collector answers."""
        if isinstance(beat, story.Told):
            self._post(beat.source, json.dumps(beat.body(self.clock)).encode())
        else:
            with Store(self.store_path) as store:
                act_out(store, beat, self.clock(beat.at))

    def _post(self, source: str, body: bytes) -> None:
        connection = _UnixConnection(self.socket)
        try:
            connection.request("POST", f"/v1/{source}", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            raise StoreError("the demo's collector does not answer", str(error), "start sev demo again") from error
        finally:
            connection.close()
        if answer.status >= 300:
            raise StoreError(f"the demo's collector refused a payload of {source}", str(answer.status))


class _UnixConnection(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(str(self._path))


async def _tell_before(stage: Stage, config: Config) -> None:
    """The past, payload by payload, through a collector whose clock is the story's."""
    moment = stage.clock(story.BEFORE[0].at)
    listening = asyncio.Event()
    collector = asyncio.create_task(
        serve(config, announce=lambda _: listening.set(), clock=lambda: moment, environment={})
    )
    try:
        waiting = asyncio.create_task(listening.wait())
        await asyncio.wait({collector, waiting}, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for beat in sorted(story.BEFORE, key=lambda beat: beat.at):
            moment = stage.clock(beat.at)
            await asyncio.to_thread(stage.play, beat)
    finally:
        collector.cancel()
        await asyncio.wait({collector})


class Player(threading.Thread):
    """Plays the present in the background, until it is over or `stop` is called."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(name="demo", daemon=True)
        self._stage = stage
        self._over = threading.Event()

    def run(self) -> None:
        for beat in sorted(story.LIVE, key=lambda beat: beat.at):
            left = (self._stage.clock(beat.at) - datetime.now(UTC)).total_seconds()
            if self._over.wait(max(0.0, left)):
                return
            self._play(beat)

    def _play(self, beat: story.Beat) -> None:
        """The console's collector may still come up, or be taken over: a payload waits for it, as a sender would."""
        for _ in range(40):
            try:
                self._stage.play(beat)
            except StoreError:
                if self._over.wait(0.25):
                    return
            else:
                return

    def stop(self) -> None:
        """End it."""
        self._over.set()
        self.join(_PATIENCE)


@contextmanager
def demo(speed: float = 1.0) -> Iterator[Config]:
    """A running demo; gives the settings a console needs to look at it. Its store is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sev-demo-"))
    try:
        stage = Stage(folder, datetime.now(UTC), speed)
        config = load(store=stage.store_path)
        asyncio.run(_tell_before(stage, config))
        player = Player(stage)
        player.start()
        try:
            yield config
        finally:
            player.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
