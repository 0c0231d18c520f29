"""The verb that takes an incident away: the post-mortem as Markdown, or everything as JSON."""

from pathlib import Path

import click

from tui.cli.output import say
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id
from tui.errors import SevError
from tui.model.ids import Ref


@verb("sev export INC-7", "sev export INC-7 -o INC-7.md", "sev export INC-7 --format json | jq .rca")
@click.argument("incident", type=an_id("INC"), metavar="INC")
@click.option("--format", "format_name", type=click.Choice(["md", "json"]), help="md (default) or json.")
@click.option("-o", "--output", metavar="PATH", help="Write there instead of standard output.")
def export(session: Session, incident: Ref, format_name: str | None, output: str | None) -> int:
    """Write the post-mortem of an incident, or with --format json all that is known of it."""
    as_json = format_name == "json" or (format_name is None and session.json)
    document = _json(session, incident.number) if as_json else _markdown(session, incident.number)
    if output is None or output == "-":
        say(document.rstrip("\n"))
        return 0
    try:
        Path(output).expanduser().write_text(document, "utf-8")
    except OSError as error:
        raise SevError(f"cannot write {output}", error.strerror or str(error), "give another -o PATH") from error
    if not session.json:
        say(f"wrote {output}")
    return 0


def _markdown(session: Session, number: int) -> str:
    from tui.reports.postmortem import build, to_markdown

    return to_markdown(session.read(lambda conn: build(conn, number)), session.now)


def _json(session: Session, number: int) -> str:
    import msgspec

    from tui.reports.exports import build

    rules = session.config.severity
    whole = msgspec.json.encode(session.read(lambda conn: build(conn, number, rules)))
    return (whole if session.json else msgspec.json.format(whole)).decode() + "\n"
