"""The verb that begins a store: its folder with the right modes, token, settings, a service, and what tools need."""

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from tui.cli.output import say, say_json
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.errors import RefusedError, SevError, UsageError
from tui.logins import own_name

if TYPE_CHECKING:
    from tui.config import Config

SHARED: Final = 0o2770
_FILE: Final = 0o660


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What there is now. `group` None: the store is one person's; `unit` None: this machine has no systemd."""

    store: Path
    settings: Path
    token_file: Path
    unit: Path | None
    group: str | None
    url: str


@verb("sev setup", "sudo sev setup --shared /srv/sev --group data-oncall")
@click.option("--shared", metavar="DIR", help="A folder that a team shares; made where it is not there.")
@click.option("--group", metavar="G", help="The group of the team: its members read and write everything in DIR.")
def setup(session: Session, shared: str | None, group: str | None) -> int:
    """Begin a store: folder, token, settings, a systemd unit for `sev serve`; print what to paste into each tool.

    Alone it is for one person. Run again it changes nothing that is right already.
    """
    if (shared is None) != (group is None):
        raise UsageError("a team has a folder and a group", "one of them was not given", "--shared DIR --group G")
    session.need_writing()
    try:
        store = _shared_folder(Path(shared).expanduser().absolute(), group) if shared and group else session.store_path
        begun = _begin(store.absolute(), group, os.environ.get("SUDO_USER") or own_name(os.getuid()))
    except OSError as error:
        raise SevError(
            f"cannot set up {error.filename or shared}", error.strerror or str(error), _mend(group)
        ) from error
    if session.json:
        say_json(
            [{name: None if value is None else str(value) for name, value in msgspec.structs.asdict(begun).items()}]
        )
        return 0
    from tui.cli.paste import pages

    for line in pages(begun, " ".join(_program())):
        say(line)
    return 0


def _mend(group: str | None) -> str:
    return f"run it as root, or as a member of {group} who may write there" if group else "give another --store PATH"


def _shared_folder(folder: Path, group: str) -> Path:
    """The folder, open to its group alone; the path of the store in it. Raises UsageError, RefusedError, OSError."""
    gid = _gid_of(group)
    if folder.exists() and any(folder.iterdir()) and not (folder / "sev.db").exists():
        raise RefusedError(
            f"{folder} is not empty", "there is no store in it, and its mode would change", "name a new one"
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chown(folder, -1, gid)
    folder.chmod(SHARED)
    found = folder.stat()
    if stat.S_IMODE(found.st_mode) != SHARED:  # the kernel takes set-group-id away from who is no member
        raise PermissionError(1, "you are not a member of the group", str(folder))
    for file in folder.iterdir():
        if file.is_file() and not file.is_symlink() and os.geteuid() in (0, file.stat().st_uid):
            os.chown(file, -1, gid)
            file.chmod(_FILE)
    return folder / "sev.db"


def _gid_of(group: str) -> int:
    """Raises UsageError."""
    import grp

    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        if group.isascii() and group.isdigit():
            return int(group)
        raise UsageError(f"there is no group {group}", "", f"make it first: groupadd {group}") from None


def _begin(store: Path, group: str | None, user: str) -> Begun:
    """Everything in its place. Raises SevError, OSError."""
    from tui.cli.care import write_template
    from tui.collector.tokens import load_or_make
    from tui.config import load
    from tui.store.engine import Store

    Store(store).close()
    settings = store.with_name("sev.toml")
    if not settings.exists():
        write_template(settings)
    config = load(store=store)
    token = load_or_make(config, {})
    unit = _unit_place(store, group)
    if unit is not None and not unit.exists():
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.write_text(_unit(store, group, user), "utf-8")
        unit.chmod(_FILE if group else 0o644)
    return Begun(
        store=store, settings=settings, token_file=Path(token.place), unit=unit, group=group, url=_address(config)
    )


def _address(config: "Config") -> str:
    """Where tools reach the collector."""
    scheme = "https" if config.collector.tls_cert else "http"
    place = next((one for one in config.collector.listen if not one.startswith("unix:")), "127.0.0.1:9911")
    return f"{scheme}://{place}"


def _unit_place(store: Path, group: str | None) -> Path | None:
    if sys.platform != "linux":
        return None
    if group:
        return store.with_name("sev.service")
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "systemd" / "user" / "sev.service"


def _program() -> list[str]:
    """How this very sev is started, whatever the PATH of others is."""
    script = Path(sys.executable).with_name("sev")
    return [str(script)] if script.exists() else [sys.executable, "-m", "tui"]


def _unit(store: Path, group: str | None, user: str) -> str:
    whose = [f"User={user}", f"Group={group}", "UMask=0007"] if group else []
    start = " ".join(map(_quoted, [*_program(), "--store", str(store), "serve"]))
    return "\n".join([
        "[Unit]",
        f"Description=sev collector of {store}".replace("%", "%%"),
        "After=network.target",
        "",
        "[Service]",
        *whose,
        f"ExecStart={start}",
        "Restart=always",
        "RestartSec=5",
        "NoNewPrivileges=true",
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if group else 'default.target'}",
        "",
    ])  # fmt: skip


def _quoted(word: str) -> str:
    """A word of a command line as systemd reads it."""
    safe = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{safe}"' if any(sign in word for sign in " \t\"'\\;") else safe
