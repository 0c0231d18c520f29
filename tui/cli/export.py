"""The verb that takes an incident away: the post-mortem as Markdown, everything as JSON, a scenario to play again."""

from pathlib import Path

import click

from tui.cli.output import say, say_json
from tui.cli.session import Session
from tui.cli.verb import verb
from tui.cli.words import an_id
from tui.errors import SevError, UsageError
from tui.model.ids import Ref


@verb(
    "sev export INC-7",
    "sev export INC-7 -o INC-7.md",
    "sev export INC-7 --format json | jq .rca",
    "sev export INC-7 --format scenario -o drills/inc-7",
)
@click.argument("incident", type=an_id("INC"), metavar="INC")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["md", "json", "scenario"]),
    help="md (default), json, or a folder to replay.",
)
@click.option("-o", "--output", metavar="PATH", help="Write there instead of standard output.")
def export(session: Session, incident: Ref, format_name: str | None, output: str | None) -> int:
    """Write the post-mortem of an incident, or with --format json all that is known of it.

    Passwords, keys and tokens in it are replaced where their shape or their name is known. --format scenario
    writes a folder that `sev replay` plays. It holds payloads: the names in it are listed, look at them before
    you give it away.
    """
    if format_name == "scenario":
        return _scenario(session, incident.number, output)
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


def _scenario(session: Session, number: int, output: str | None) -> int:
    from tui.drills.recording import record_incident

    if output is None or output == "-":
        raise UsageError("a scenario is a folder", "none was named", "say where: -o DIR")
    folder = Path(output).expanduser()
    recorded = session.read(lambda conn: record_incident(conn, number))
    recorded.write(folder)
    if session.json:
        say_json([{"folder": str(folder), "lines": len(recorded.lines), "names": list(recorded.names)}])
        return 0
    say(f"wrote {folder}: {len(recorded.lines)} payloads, {len(recorded.catalog.facts.nodes)} nodes of the catalog")
    say("names in it:")
    for name in recorded.names:
        say(f"  {name}")
    return 0


def _markdown(session: Session, number: int) -> str:
    from tui.reports.postmortem import build, to_markdown

    return to_markdown(session.read(lambda conn: build(conn, number)), session.now)


def _json(session: Session, number: int) -> str:
    import msgspec

    from tui.model.text import escaped
    from tui.reports.exports import build

    rules = session.config.severity
    whole = msgspec.json.encode(session.read(lambda conn: build(conn, number, rules)))
    return escaped((whole if session.json else msgspec.json.format(whole)).decode()) + "\n"
