"""The envelope of Amazon EventBridge, and what its account, region and time give to every signal out of it."""

import re
from typing import Final

import msgspec

from tui.formats.base import as_object, filled, first_text, key_of, labels_of, when
from tui.formats.decode import Json
from tui.model.severity import Severity
from tui.model.signal import Kind, Links, Signal, SignalStatus
from tui.model.text import Safe, clean

NAME: Final = "cloudwatch"
"""The format's name: alarms and events come from the same service, over the same address."""

_NO_LINKS: Final = Links()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event: its whole body, its `detail-type` and its detail."""

    source: Safe
    body: dict[str, Json]
    kind: str
    detail: dict[str, Json]

    @property
    def change(self) -> str:
        """The identity of a change: each is its own, and only the same event sent again is the same."""
        return f"change {first_text(self.body, 'id', 'time')}"

    def signal(
        self,
        identity: str,
        status: SignalStatus,
        title: str,
        subject: str,
        *,
        kind: Kind,
        word: str = "",
        severity: Severity | None = None,
        run: str = "",
        attempts: tuple[int | None, int | None] = (None, None),
        labels: dict[str, Json],
        links: Links = _NO_LINKS,
    ) -> Signal:
        """A signal of this event from raw text: account and region belong to its identity, its time is the event's."""
        account, region = first_text(self.body, "account"), first_text(self.body, "region")
        at = when(self.body.get("time"))
        over = status in (SignalStatus.SUCCEEDED, SignalStatus.RESOLVED)
        where: dict[str, Json] = {"account": account, "region": region, "event": self.kind}
        return Signal(
            source=self.source,
            format=NAME,
            key=key_of(self.source, f"{account}:{region}:{identity}"),
            status=status,
            kind=kind,
            title=clean(title),
            subject=clean(subject),
            run=clean(run) if run else None,
            attempt=attempts[0],
            max_attempts=attempts[1],
            severity_word=clean(word, 40) if word else None,
            severity_hint=severity,
            at=at,
            starts=at if status is SignalStatus.STARTED else None,
            ended_at=at if over else None,
            labels=labels_of(filled({**where, **labels})),
            links=links,
        )


def is_event(body: Json) -> bool:
    """Whether a body has the envelope of EventBridge."""
    if not isinstance(body, dict) or not isinstance(body.get("detail"), dict):
        return False
    return isinstance(body.get("detail-type"), str) and isinstance(body.get("source"), str)


def event_of(body: dict[str, Json], source: Safe) -> Event:
    """The event in a body. Raises RejectedError where `detail` is no object."""
    detail = as_object(body.get("detail"), "detail")
    return Event(source=source, body=body, kind=first_text(body, "detail-type"), detail=detail)


def last_part(arn: str) -> str:
    """The name at the end of an ARN; any other text as it is."""
    return re.split(r"[:/]", arn)[-1] if arn.startswith("arn:") else arn
