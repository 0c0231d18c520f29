"""The long-running programs, console, demo and collector, and the one-line status."""

import sys

import click

from tui.cli.output import say, say_json, warn
from tui.cli.session import Session
from tui.cli.verb import session_of, verb


def open_console(context: click.Context) -> int:
    """The console, until it is left."""
    from tui.console.main import run

    session = session_of(context)
    given = session.given
    return run(session.config, session.actor, read_only=given.read_only, slow=given.slow, ascii_signs=given.ascii)


@verb("sev demo", "sev demo --speed 10")
@click.option("--speed", type=click.FloatRange(0.1, 1_000), default=1.0, show_default=True, help="How much faster.")
def demo(session: Session, speed: float) -> int:
    """The console on a throw-away store, with a simulated platform in an outage. No set-up, no network."""
    from tui.console.main import need_terminal, run
    from tui.drills.demo import demo as play

    need_terminal()
    with play(speed) as config:
        given = session.given
        return run(config, session.actor, slow=given.slow, ascii_signs=given.ascii, badge="DEMO")


@verb("sev serve", "sev serve --listen 127.0.0.1:9911 --listen unix:/run/sev/sev.sock", "sev serve --wait")
@click.option("--listen", multiple=True, metavar="ADDR", help="HOST:PORT or unix:PATH; several allowed.")
@click.option("--insecure", is_flag=True, help="Allow plain HTTP beyond this machine.")
@click.option("--wait", is_flag=True, help="Stand by while another one collects, and take over when it is gone.")
@click.option("--child", is_flag=True, hidden=True, help="End with the process that started this one.")
def serve(session: Session, listen: tuple[str, ...], insecure: bool, wait: bool, child: bool) -> int:
    """Collect alerts without a screen. Prints where it listens and where the token lies."""
    import asyncio

    from tui.cli.logfile import close_log, log_to_file
    from tui.collector.service import serve as run

    session.need_writing()
    log_to_file()

    def announce(line: str) -> None:
        if session.json:
            warn(line)
        else:
            say(line)
            sys.stdout.flush()  # a service's log shows it at once

    try:
        return asyncio.run(
            run(session.config, listen=listen or None, announce=announce, child=child, insecure=insecure, wait=wait)
        )
    finally:
        close_log()


@verb("sev status --line", "sev status --json", "tmux: set -g status-right '#(sev status --line)'")
@click.option("--line", "one_line", is_flag=True, help="One short line.")
def status(session: Session, one_line: bool) -> int:
    """What waits now. Exits 1 when something does: an alert, a candidate, or an update that is overdue."""
    from tui.cli.glance import glance, line, sentences, shape

    seen = glance(session.store_path, session.config.severity, session.now)
    if session.json:
        say_json([shape(seen)])
    elif one_line:
        say(line(seen, ascii_signs=session.ascii))
    else:
        for sentence in sentences(seen):
            say(sentence)
    return int(seen.waits)
