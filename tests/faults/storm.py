"""A storm: senders over real connections that retry as Alertmanager does, and remember what they were told."""

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from tests.faults.serving import AUTHORITY, PATIENCE

SOURCE: Final = "storm"
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")
_FIRST_WAIT: Final = 0.02
_LONGEST_WAIT: Final = 0.3


def _word(name: str, n: int) -> str:
    """A job's name that has no word in common with another one's: here triage's own work is not what is tried."""
    return hashlib.sha256(f"{name} {n}".encode()).hexdigest()[:12].translate(_LETTERS)


def webhook(name: str, alerts: int) -> bytes:
    """What an Alertmanager posts of so many alerts that nobody told of before."""
    told = [
        {
            "status": "firing",
            "labels": {"alertname": "Storm", "job": _word(name, n)},
            "annotations": {"summary": _word(name, n)},
            "startsAt": "2026-11-24T13:40:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": f"{name}-{n}",
        }
        for n in range(alerts)
    ]
    return json.dumps(
        {"version": "4", "groupKey": "{}", "status": "firing", "receiver": "sev", "alerts": told}
    ).encode()


def keys_of(name: str, alerts: int) -> set[str]:
    """The keys of the alerts in that body."""
    return {f"{SOURCE}:{name}-{n}" for n in range(alerts)}


class Storm:
    """Posts bodies of its own, each until it is told 2xx, then the next one.

    `acknowledged` and `sent` are names of bodies; `statuses` counts the answers, `refused` is how long each 5xx took.
    """

    def __init__(self, url: str, *, senders: int = 8, alerts: int = 5, name: str = "s") -> None:
        self.url = url
        self.alerts = alerts
        self.name = name
        self.acknowledged: list[str] = []
        self.sent: set[str] = set()
        self.statuses: Counter[int] = Counter()
        self.refused: list[float] = []
        self.answered: list[float] = []
        self._senders = senders
        self._going = True

    @property
    def signals(self) -> int:
        """How many were acknowledged."""
        return len(self.acknowledged) * self.alerts

    async def until(self, signals: int, seconds: float = 120.0) -> None:
        """Wait until so many signals are acknowledged."""
        deadline = time.monotonic() + seconds
        while self.signals < signals:
            assert time.monotonic() < deadline, f"{self.signals} of {signals} acknowledged, answers {self.statuses}"
            await asyncio.sleep(0.005)

    async def until_told(self, status: int, seconds: float = PATIENCE) -> None:
        """Wait until another answer of this status came."""
        before, deadline = self.statuses[status], time.monotonic() + seconds
        while self.statuses[status] == before:
            assert time.monotonic() < deadline, f"no {status} came, answers {self.statuses}"
            await asyncio.sleep(0.005)

    def give_up(self) -> None:
        """Send nothing any more, also not what was refused."""
        self._going = False

    async def _send(self, sender: int) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
            n = 0
            while self._going:
                await self._post(session, f"{self.name}{sender}-{n}")
                n += 1

    async def _post(self, session: aiohttp.ClientSession, name: str) -> None:
        body, wait = webhook(name, self.alerts), _FIRST_WAIT
        self.sent.add(name)
        while self._going:
            began = time.monotonic()
            try:
                async with session.post(f"{self.url}/v1/{SOURCE}", data=body, headers=AUTHORITY) as answer:
                    await answer.read()
                    status = answer.status
            except (aiohttp.ClientError, TimeoutError, OSError):
                status = 0
            took = time.monotonic() - began
            self.statuses[status] += 1
            if 200 <= status < 300:
                self.acknowledged.append(name)
                self.answered.append(took)
                return
            if status:
                self.refused.append(took)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    @asynccontextmanager
    async def blowing(self) -> AsyncIterator["Storm"]:
        """The senders at work; when this ends each has had its last answer."""
        tasks = [asyncio.create_task(self._send(sender)) for sender in range(self._senders)]
        try:
            yield self
        finally:
            self.give_up()
            await asyncio.gather(*tasks)


def lost(storm: Storm, kept: dict[str, int]) -> list[str]:
    """Keys that were acknowledged and are not there."""
    wanted = {key for name in storm.acknowledged for key in keys_of(name, storm.alerts)}
    return sorted(wanted - kept.keys())


def torn(storm: Storm, kept: dict[str, int]) -> list[str]:
    """Bodies of which only a part is there."""
    return sorted(name for name in storm.sent if 0 < len(keys_of(name, storm.alerts) & kept.keys()) < storm.alerts)
