"""Where the collector listens: addresses from text, and sockets opened with care."""

import errno
import ipaddress
import os
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from tui.collector.files import mode_for
from tui.config import CollectorSettings
from tui.errors import ConfigError, UsageError

_TRIES: Final = 50
BACKLOG: Final = 1_024
"""Connections that the kernel keeps until we take them: what it can't keep believes that it is connected."""


class Tcp(msgspec.Struct, frozen=True):
    """`HOST:PORT`; port 0 lets the kernel choose."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


class Unix(msgspec.Struct, frozen=True):
    """`unix:PATH`."""

    path: Path


class Listener(msgspec.Struct, frozen=True):
    """An open socket, and the address to tell people."""

    sock: socket.socket
    address: str
    path: Path | None = None
    inode: int = 0

    def close(self) -> None:
        """Close it; the file of a unix socket goes with it, unless somebody else's lies there by now."""
        self.sock.close()
        if self.path is not None:
            with suppress(OSError):
                if self.path.stat().st_ino == self.inode:
                    self.path.unlink()


def parse(text: str) -> Tcp | Unix:
    """An address as `--listen` and the settings give it. Raises UsageError."""
    if text.startswith("unix:") and text != "unix:":
        return Unix(Path(text.removeprefix("unix:")).expanduser())
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65_536 and host):
        raise UsageError(f"{text!r} is no address to listen on", "", "write 127.0.0.1:9911 or unix:/run/sev.sock")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    return Tcp(bare, int(port))


def tls_of(settings: CollectorSettings) -> ssl.SSLContext | None:
    """The settings' certificate and key, ready for use; None where there are none. Raises ConfigError."""
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            [f"collector.tls_cert: cannot be used: {error}: check the certificate and its key"]
        ) from error
    return context


def open_all(places: tuple[Tcp | Unix, ...], *, scheme: str, may_move: bool, team: int | None = None) -> list[Listener]:
    """Open every place, or none. `may_move`: a taken port may be the next free one. Raises UsageError.

    `team`: the group that may use a unix socket wherever it lies; without one its folder says who may.
    """
    opened: list[Listener] = []
    try:
        opened.extend(
            _open_unix(place, team) if isinstance(place, Unix) else _open_tcp(place, scheme, may_move)
            for place in places
        )
    except UsageError:
        for listener in opened:
            listener.close()
        raise
    return opened


def _open_tcp(place: Tcp, scheme: str, may_move: bool) -> Listener:
    tries = _TRIES if may_move else 1
    for port in range(place.port, min(place.port + tries, 65_536)):
        try:
            sock = _bound(place.host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port + 1 < place.port + tries:
                continue
            raise _cannot(f"{place.host}:{port}", error) from error
        host = f"[{place.host}]" if ":" in place.host else place.host
        return Listener(sock, f"{scheme}://{host}:{sock.getsockname()[1]}")
    raise UsageError(f"cannot listen on {place.host}:{place.port}", "no free port above it", "give another --listen")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _open_unix(place: Unix, team: int | None) -> Listener:
    """Never open to more than its mode says, not even for the moment between making it and protecting it."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(place.path)
        mode = mode_for(place.path) if team is None else 0o660
        with suppress(OSError):  # Linux makes the file with the socket's own mode
            os.fchmod(sock.fileno(), mode if team is None else 0o600)
        sock.bind(str(place.path))
        if team is not None:
            os.chown(place.path, -1, team)
        place.path.chmod(mode)
        sock.listen(BACKLOG)
        return Listener(sock, f"unix:{place.path}", place.path, place.path.stat().st_ino)
    except OSError as error:
        sock.close()
        raise _cannot(f"unix:{place.path}", error) from error


def _clear(path: Path) -> None:
    """Remove the socket of a collector that is gone; one that answers, and any other file, stays."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()


def _cannot(where: str, error: OSError) -> UsageError:
    return UsageError(f"cannot listen on {where}", error.strerror or str(error), "give another --listen")
