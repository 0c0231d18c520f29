"""From a list of arguments to an exit code: the one place where errors become a line on stderr."""

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from tui.encoding import terminal_encoding
from tui.errors import ConfigError, SevError

if TYPE_CHECKING:
    import click

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run `sev` with `arguments`; returns its exit code. Never raises, never shows a traceback."""
    _be_lenient()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python flushes once more at exit; that must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except SevError as error:
        _complain(error)
        return error.exit_code
    except Exception as error:
        import logging

        from tui.cli.logfile import close_log, log_to_file

        log = log_to_file()
        logging.getLogger("sev").exception("sev %s", " ".join(arguments))
        close_log()
        from tui.model.text import clean

        _say(f"something went wrong: {clean(f'{type(error).__name__}: {error}')}: {log}")
        return 1
    return code


def _run(arguments: list[str]) -> int:
    if "--line" in arguments:
        from tui.cli.glance import asked_line, print_line

        asked = asked_line(arguments)
        if asked is not None:
            return print_line(asked)
    return _click(arguments)


def _click(arguments: list[str]) -> int:
    import click

    from tui.cli.root import root

    try:
        with root.make_context("sev", list(arguments)) as context:
            code: object = root.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        _say(_usage(error))
        return error.exit_code
    return code if isinstance(code, int) else 0


def _usage(error: "click.ClickException") -> str:
    """Click's complaint in the form of ours."""
    import click

    from tui.model.text import clean

    message = clean(error.format_message()).rstrip(".")
    what = message[:1].lower() + message[1:]
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "sev"
    return f"{what}: see `{path} --help`"


def _complain(error: SevError) -> None:
    for line in error.mistakes if isinstance(error, ConfigError) else [str(error)]:
        _say(line)


def _say(line: str) -> None:
    from tui.model.text import visible

    with suppress(OSError):  # nobody reads stderr; the exit code still tells
        sys.stderr.write("sev: " + visible(line.replace("\n", " ")) + "\n")


def _be_lenient() -> None:
    """A sign that the terminal's encoding lacks is shown as `?` and ends nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = terminal_encoding() if stream.isatty() else None
            stream.reconfigure(encoding=encoding, errors="replace")
