"""Verbs that look after store and settings: verify, config."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from tui.cli.output import say, say_json
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.collector.files import mode_for
from tui.errors import BrokenError, RefusedError, SevError
from tui.formats.decode import Json
from tui.model.moment import rfc3339, span

if TYPE_CHECKING:
    from tui.store.integrity import Verdict

TEMPLATE: Final = """\
# Settings of the team. They lie beside the store, so that everybody who works on it has the same clocks.
# Every line that is commented out shows the value in force without it.

# [severity]
# timezone = "UTC"             # business hours and due dates
# holidays = []                # ["2026-12-25"]

# [severity.sev1]
# acknowledge = "5m"
# first_update = "5m"
# update = "20m"
# rca_days = 3

# [severity.sev2]
# acknowledge = "30m"
# first_update = "1h"
# update = "1h"

# [collector]
# listen = ["127.0.0.1:9911"]  # "unix:/run/sev/sev.sock" too
# quiet_after = "6h"           # an alert not heard for so long is quiet, which is not recovered
# token_file = "sev.token"     # else one is made beside the store
# tls_cert = "cert.pem"        # needed beyond this machine
# tls_key = "key.pem"
# heartbeat_url = ""           # called every minute, so that somebody learns when sev itself is dead

# [catalog]                    # what there is, who owns it, when it is due, what is made from what
# file = "catalog.json"        # beside this file; lineage from tools is learned without it

# [[triage.maintenance]]       # what it touches, and all that is made from that, needs nobody until its end
# name = "warehouse upgrade"   # the reason that people read
# touches = ["warehouse"]      # names of the catalog, subjects or sources; "dbt*", "*"
# from = 2026-12-01T22:00:00Z
# to = 2026-12-02T02:30:00Z

# [[triage.maintenance]]       # … or again and again
# name = "nightly backup"
# touches = ["billing-db"]
# at = "02:00"
# for = "30m"
# days = ["mon", "thu"]        # left out: every day
# timezone = "UTC"

# [[triage.mute]]              # while one fires the other needs nobody; both stay counted
# when = { title = "*host is down*" }   # subject, title, key, source, labels = { alertname = "NodeDown" }
# mutes = { source = "cron" }
# equal = ["host"]             # labels that both must have alike; left out: the same node or subject; []: none

# [retention]                  # what the collector lets go for its age
# payloads = "30d"             # raw deliveries; never those of an incident that is not closed
# events = "forever"           # or "365d": closed history becomes a checkpoint, timelines keep their sentences

# [sources.am-eu]              # POST /v1/am-eu
# format = "alertmanager"
"""


@verb("sev verify", "sev verify --json", "sev verify --rebuild")
@click.option("--rebuild", is_flag=True, help="First fill every projection again from the log.")
def verify(session: Session, rebuild: bool) -> int:
    """Prove that the store is whole: SQLite's own check, the chain of hashes, and projections equal to a rebuild.

    A chain proves that nothing was corrupted. That nobody rewrote it whole, only the head
    hash kept elsewhere (in an export) can prove.
    """
    from tui.reports import shapes
    from tui.store import integrity

    with session.open(write=rebuild) as store:
        found = integrity.verify(store)
        if rebuild and found.chain_ok:
            integrity.rebuild(store)
            found = integrity.verify(store)
    if session.json:
        say_json([shapes.verdict(found)])
    else:
        say(f"chain        {'ok' if found.chain_ok else f'BROKEN at event {found.first_bad_seq}'}")
        differs = ", ".join(found.differs) or "not compared"
        say(f"projections  {'ok' if found.projections_ok else f'DIFFER: {differs}'}")
        say(f"integrity    {'ok' if found.integrity_ok else 'BROKEN'}")
        say(f"events       {found.events}")
        say(f"head         {found.head}")
    if not found.ok:
        raise _broken(found)
    return 0


def _broken(found: "Verdict") -> BrokenError:
    if not found.chain_ok:
        return BrokenError(
            "the store is not whole", f"the log is broken at event {found.first_bad_seq}", "restore a backup"
        )
    if not found.integrity_ok:
        return BrokenError("the store is not whole", "SQLite's own check fails", "restore a backup")
    return BrokenError(
        "the store is not whole", f"{', '.join(found.differs)} differ from the log", "sev verify --rebuild"
    )


@verb("sev config", "sev config --check", "sev config --init")
@click.option("--check", is_flag=True, help="Only say whether the settings are right.")
@click.option("--init", "begin", is_flag=True, help="Write a commented sev.toml beside the store.")
def config(session: Session, check: bool, begin: bool) -> int:
    """Show the settings in force, and which files they come from. Mistakes are listed all at once."""
    from tui.collector.team_catalog import team_facts
    from tui.triage.rules import until

    if begin:
        return _begin(session)
    settings = session.config
    if check:
        team_facts(settings.catalog_file)
        if session.json:
            say_json([{"ok": True, "files": [str(file) for file in settings.files]}])
        else:
            say(f"ok: {', '.join(str(file) for file in settings.files) or 'no settings file, all by default'}")
        return 0
    if session.json:
        shown: dict[str, Json] = dict(_flat("", settings))
        shown["triage.open"] = [window.name for window, _ in settings.triage.open_at(session.now)]
        say_json([shown])
    else:
        for name, value in _flat("", settings):
            say(f"{name} = {_word(value)}")
        for window, span in settings.triage.open_at(session.now):
            say(f"# open now: maintenance {window.name}, until {until(span.ends, session.now)}")
    return 0


def _begin(session: Session) -> int:
    path = session.store_path.parent / "sev.toml"
    if session.given.read_only:
        raise RefusedError(f"{path} was not written", "--read-only changes nothing", "leave it out")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_template(path)
    except FileExistsError:
        raise RefusedError(f"{path} is there already", "it is not overwritten", "edit it") from None
    except OSError as error:
        raise SevError(f"cannot write {path}", error.strerror or str(error), "give another --store PATH") from error
    if session.json:
        say_json([{"file": str(path)}])
    else:
        say(f"wrote {path}: every line is commented out and shows the value in force")
    return 0


def write_template(path: Path) -> None:
    """The commented settings in a new file that the whole team can change. Raises OSError."""
    with path.open("x", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode_for(path))
        file.write(TEMPLATE)


def _flat(prefix: str, value: object) -> Iterator[tuple[str, Json]]:
    """Settings as dotted names and plain values: lengths of time as `15m`, paths as text."""
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _flat(f"{prefix}.{field}" if prefix else field, getattr(value, field))
    elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
        for n, one in enumerate(value, 1):
            yield from _flat(f"{prefix}.{getattr(one, 'name', '') or n}", one)
    elif isinstance(value, tuple):
        yield prefix, [item if isinstance(item, int) else str(item) for item in value]
    elif isinstance(value, dict):
        yield from ((f"{prefix}.{name}", str(one)) for name, one in value.items())
    elif isinstance(value, timedelta):
        yield prefix, span(value)
    elif isinstance(value, datetime):
        yield prefix, rfc3339(value)
    else:
        yield prefix, value if isinstance(value, bool | int | str) or value is None else str(value)


def _word(value: Json) -> str:
    return "not set" if value is None else msgspec.json.encode(value).decode()
