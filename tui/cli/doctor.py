"""The verb that checks everything around a store: SQLite, files, collector, settings, terminal, clock."""

import os
import stat
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tui import __version__
from tui.cli import checks
from tui.cli.checks import Finding, State
from tui.cli.output import say, say_json
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.collector import lease
from tui.collector.files import beside
from tui.config import Config, default_store, personal_files
from tui.encoding import carries_signs, terminal_encoding
from tui.errors import BrokenError, ConfigError, SevError, StoreError
from tui.model.moment import rfc3339, short_span
from tui.model.text import clean
from tui.store.engine import Store, file_system
from tui.store.sqlite import has_wal_reset_bug, sqlite_version
from tui.triage.rules import Rules, until
from tui.trust import strangers_may_write

_SCARCE: Final = 100 << 20
_LOW: Final = 1 << 30
_SKEW: Final = timedelta(minutes=2)


@verb("sev doctor", "sev doctor --json")
def doctor(session: Session) -> int:
    """Check store, collector, settings and terminal. Changes nothing. Exits 1 when it finds a fault."""
    findings = list(_findings(session))
    if session.json:
        say_json({"check": one.check, "state": one.state.lower(), "text": one.text} for one in findings)
    else:
        for one in findings:
            say(f"{one.state:<5}  {one.check:<9}  {one.text}")
    faults = [one for one in findings if one.state is State.FAULT]
    if faults:
        raise BrokenError(
            f"{len(faults)} of {len(findings)} checks found a fault", faults[0].check, "see the lines that say FAULT"
        )
    return 0


def _findings(session: Session) -> Iterator[Finding]:
    yield Finding(State.OK, "sev", f"{__version__}, Python {sys.version.split()[0]}")
    yield _sqlite()
    config: Config | None = None
    try:
        config = session.config
        files = ", ".join(str(file) for file in config.files)
        yield Finding(State.OK, "settings", files or "no file, all by default")
        path = config.store
        yield from _changeable(config)
    except ConfigError as error:
        yield from (Finding(State.FAULT, "settings", mistake) for mistake in error.mistakes)
        path = Path(session.given.store).expanduser() if session.given.store else default_store()
    except StoreError as error:
        yield Finding(State.FAULT, "store", str(error))
        yield from _terminal()
        return
    yield from _store(path, config, session.now)
    yield _disk(path)
    yield checks.room(path, collected=lease.is_held(lease.lease_path(path)))
    yield _collector(path, session.now)
    yield _token(path, config)
    if config is not None:
        yield from checks.sockets(config)
    if config is not None and (config.triage.maintenance or config.triage.mute):
        yield _triage(config.triage, session.now)
    yield from _terminal()
    yield from checks.clipboard()


def _changeable(config: Config) -> Iterator[Finding]:
    """Settings of the team that people outside of it may change."""
    for file in set(config.files) - set(personal_files()):
        if who := strangers_may_write(file, config.store):
            yield Finding(State.WARN, "settings", f"{file} can be changed by others: {who}: chmod o-w {file}")


def _sqlite() -> Finding:
    version = sqlite_version()
    if has_wal_reset_bug(version):
        return Finding(
            State.WARN,
            "sqlite",
            f"{version} can corrupt a write-ahead log; the slower rollback journal is used instead",
        )
    return Finding(State.OK, "sqlite", f"{version}, write-ahead log")


def _store(path: Path, config: Config | None, now: datetime) -> Iterator[Finding]:
    if not path.exists():
        yield Finding(State.WARN, "store", f"{path} is not there yet; `sev`, `sev serve` or `sev ingest` begin it")
        return
    yield _permissions(path)
    yield checks.group(path)
    yield from checks.kept(path)
    try:
        with Store(path, read_only=True, still=True) as store:
            yield from _content(store, path, now)
            yield from checks.sources(store, now)
            yield checks.retention(store, config)
    except SevError as error:
        yield Finding(State.FAULT, "store", str(error))


def _permissions(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    told = f"{path}, mode {mode:04o}, on {file_system(path) or 'an unknown file system'}"
    if not os.access(path, os.R_OK | os.W_OK):
        return Finding(State.WARN, "store", f"{told}; you cannot write it")
    if mode & 0o007:
        return Finding(State.WARN, "store", f"{told}; everybody on this machine can open it")
    return Finding(State.OK, "store", told)


def _content(store: Store, path: Path, now: datetime) -> Iterator[Finding]:
    from tui.store.health import quick_check
    from tui.store.log import head, head_time

    fault = store.read(quick_check)
    if fault:
        yield Finding(State.FAULT, "content", f"{path} is damaged: {clean(fault)}: restore a backup")
        return
    yield _catalog(store, now)
    events, latest = store.read(lambda conn: (head(conn)[0], head_time(conn)))
    yield Finding(State.OK, "content", f"{events} events, {path.stat().st_size / 1e6:.1f} MB")
    if latest is not None and latest > now + _SKEW:
        ahead = short_span(latest - now)
        yield Finding(State.FAULT, "clock", f"the newest event is {ahead} ahead of this machine's clock: set the clock")
    else:
        yield Finding(State.OK, "clock", f"{rfc3339(now)}, not behind the newest event")


def _catalog(store: Store, now: datetime) -> Finding:
    """Whether the catalog knows what the alerts of late speak of: else nobody can tell what hangs on it."""
    from tui.store.placing import coverage, told

    found = store.read(lambda conn: coverage(conn, now))
    if not found.nodes:
        return Finding(State.OK, "catalog", "nothing in it: name a [catalog] file, or send lineage")
    if not found.unknown:
        return Finding(State.OK, "catalog", f"{found.nodes} nodes; it knows all that was heard in 7 days")
    missing = f"{len(found.unknown)} of {found.subjects} subjects heard in 7 days are not in it"
    return Finding(
        State.WARN, "catalog", f"{found.nodes} nodes; {missing}: {told(found.unknown, 3)}: see `sev sources`"
    )


def _disk(path: Path) -> Finding:
    folder = path.parent
    while not folder.exists():
        folder = folder.parent
    usage = os.statvfs(folder)
    free = usage.f_bavail * usage.f_frsize
    told = f"{free / 1e9:.1f} GB free for {folder}"
    if free < _SCARCE:
        return Finding(State.FAULT, "disk", f"{told}: free some space")
    return Finding(State.WARN if free < _LOW else State.OK, "disk", told)


def _collector(path: Path, now: datetime) -> Finding:
    place = lease.lease_path(path)
    silence, holder = lease.age(place, now), lease.holder(place)
    if not lease.is_held(place) or silence is None or lease.is_passing(place):
        return Finding(State.WARN, "collector", "none runs: no new alert can arrive; start `sev serve` or `sev`")
    who = f"process {holder.pid} on {clean(holder.host)}" if holder else "a process"
    where = ", ".join(clean(address) for address in holder.listen) if holder else ""
    told = f"{who}, listening on {where or 'nothing'}, heard {short_span(silence)} ago"
    if holder and holder.trouble:
        return Finding(State.FAULT, "collector", f"{told}; takes nothing in: {clean(holder.trouble)}")
    if silence > lease.FRESH:
        return Finding(State.FAULT, "collector", told)
    if holder and holder.heartbeat:
        return Finding(State.WARN, "collector", f"{told}; its heartbeat fails: {clean(holder.heartbeat)}")
    return Finding(State.OK, "collector", told)


def _token(path: Path, config: Config | None) -> Finding:
    named = config.collector.token_file if config else None
    place = named or beside(path, ".token")
    if os.environ.get("SEV_TOKEN"):
        return Finding(State.OK, "token", "from SEV_TOKEN")
    try:
        mode = stat.S_IMODE(place.stat().st_mode)
    except OSError as error:
        if named is None:
            return Finding(State.OK, "token", f"{place} is made when a collector first starts")
        return Finding(State.FAULT, "token", f"{place} cannot be read: {error.strerror}")
    if mode & 0o007:
        return Finding(State.FAULT, "token", f"{place} has mode {mode:04o}, everybody can read it: chmod o= {place}")
    return Finding(State.OK, "token", f"{place}, mode {mode:04o}")


def _triage(rules: Rules, now: datetime) -> Finding:
    """How many rules the team has set, and which windows are open now."""
    windows, mutes = len(rules.maintenance), len(rules.mute)
    told = f"{windows} maintenance window{'' if windows == 1 else 's'}, {mutes} mute{'' if mutes == 1 else 's'}"
    opened = ", ".join(f"{window.name} until {until(span.ends, now)}" for window, span in rules.open_at(now))
    return Finding(State.OK, "triage", f"{told}; open now: {opened or 'none'}")


def _terminal() -> Iterator[Finding]:
    term, encoding = os.environ.get("TERM", ""), terminal_encoding()
    if not sys.stdout.isatty():
        yield Finding(State.OK, "terminal", "standard output is none")
    elif term in ("", "dumb"):
        yield Finding(State.WARN, "terminal", f"TERM={term or 'not set'}: the console cannot draw here")
    else:
        size = os.get_terminal_size(sys.stdout.fileno())
        colours = "16 million colours" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "few colours"
        small = size.columns < 40 or size.lines < 10
        told = f"{term}, {size.columns}×{size.lines}, {colours}"
        yield Finding(State.WARN if small else State.OK, "terminal", f"{told}{'; too small' if small else ''}")
    signs = carries_signs(encoding)
    hint = "" if signs else "; signs are shown in ASCII, LANG=C.UTF-8 shows them all"
    yield Finding(State.OK if signs else State.WARN, "locale", f"{encoding}{hint}")
