"""Nagios, which sends no JSON of its own: check results pushed to its NRDP, and a command's macros as JSON."""

import re
from typing import Final

from tui.formats.base import Payload, as_list, as_object, first_text, plain, rendered, web
from tui.formats.decode import Json
from tui.formats.icinga_states import NOTICES, Check, first_line, signal_of, word_of
from tui.model.signal import Signal, SignalStatus

_MACROS: Final = frozenset({"notificationtype", "hostname"})


def reason(body: dict[str, Json]) -> str | None:
    """Why a body is taken for Nagios', or None."""
    if isinstance(body.get("checkresults"), list):
        return "check results as Nagios' NRDP takes them"
    return "Nagios' macros, its notification type among them" if {_macro(name) for name in body} >= _MACROS else None


def read(body: dict[str, Json], payload: Payload) -> list[Signal]:
    """The signals of a body that `reason` takes."""
    if "checkresults" not in body:
        return [signal_of(_notified(body), payload)]
    items = as_list(body["checkresults"], "checkresults")
    return [signal_of(_pushed(item, f"checkresults[{n}]"), payload) for n, item in enumerate(items)]


def _pushed(item: Json, path: str) -> Check:
    result = as_object(item, path)
    service = first_text(result, "servicename")
    output = first_line(result.get("output"))
    word = word_of(result.get("state"), service)
    return Check(
        host=first_text(result, "hostname"),
        service=service,
        word=word,
        routine=True,
        title=output,
        at=result.get("time"),
    )


def _macro(name: str) -> str:
    return re.sub(r"^(?:nagios|icinga)", "", re.sub(r"[^a-z]", "", name.lower()))


def _notified(body: dict[str, Json]) -> Check:
    """A notification command's macros, under whatever spelling of their names."""
    told = {_macro(name): plain(value) for name, value in body.items()}

    def macro(*names: str) -> str:
        return rendered(*(told.get(name, "") for name in names))

    service = macro("servicedesc", "servicename", "servicedisplayname")
    number = macro("servicestateid" if service else "hoststateid")
    word = macro("servicestate" if service else "hoststate").upper() or word_of(number, service)
    notice = macro("notificationtype").upper()
    remark = macro("notificationcomment", "serviceackcomment", "hostackcomment", "ackcomment")
    return Check(
        host=macro("hostname"),
        service=service,
        word=word,
        soft=macro("servicestatetype" if service else "hoststatetype").upper() == "SOFT",
        status=NOTICES.get(notice, SignalStatus.INFO),
        title=first_line(macro("serviceoutput") if service else macro("hostoutput")),
        at=macro("timet") or None,
        labels={"by": macro("notificationauthor", "ackauthor", "serviceackauthor", "hostackauthor"), "remark": remark},
        runbook=web(macro("servicenotesurl", "hostnotesurl")),
        page=web(macro("serviceactionurl", "hostactionurl")),
    )
