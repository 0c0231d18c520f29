"""Which verb lives where. A verb's module is imported when that verb is called, and not before."""

from importlib import import_module
from typing import Final, NamedTuple

import click

from tui import __version__
from tui.cli.verb import EXAMPLES_OF_ROOT, common_options, show_examples
from tui.errors import UsageError
from tui.model.text import clean


class Place(NamedTuple):
    """Where a verb's command is, as `module:name` in this package, and what it does in one line."""

    where: str
    help: str


SECTIONS: Final[dict[str, dict[str, Place]]] = {
    "Programs": {
        "demo": Place("programs:demo", "Try it: a simulated outage, no set-up"),
        "serve": Place("programs:serve", "Collect alerts without a screen"),
        "status": Place("programs:status", "One line for tmux and prompts"),
    },
    "Read": {
        "alerts": Place("alerts:alerts", "Alerts, what waits for a person first"),
        "candidates": Place("alerts:candidates", "Alerts that belong together, not declared yet"),
        "incidents": Place("incidents:incidents", "Incidents, newest first"),
        "board": Place("reading:board", "Incidents and candidates by severity, with their clocks"),
        "show": Place("reading:show", "Everything about one ID"),
        "timeline": Place("reading:timeline", "What happened, in order"),
        "sources": Place("sources:sources", "Where alerts come from, and how that goes"),
        "changes": Place("changes:changes", "Deploys, new schemas and settings, newest first"),
        "impact": Place("assess:impact", "Who is hit or will be, what changed, who owns it"),
        "similar": Place("assess:similar", "Earlier incidents alike, and what fixed them"),
        "actions": Place("learning:actions", "Changes that were promised"),
        "rejected": Place("reading:rejected", "Payloads that could not be read"),
    },
    "Alerts and candidates": {
        "ack": Place("alerts:ack", "Acknowledge: you are looking at it"),
        "unack": Place("alerts:unack", "Give an acknowledgement up"),
        "snooze": Place("alerts:snooze", "Hide for a while, or wake"),
        "move": Place("alerts:move", "Put alerts into an incident or candidate, or out"),
        "verdict": Place("alerts:verdict", "Overrule triage: what an alert means"),
        "split": Place("alerts:split", "Take alerts out of a candidate"),
        "ingest": Place("ingest:ingest", "Read payloads from files or standard input"),
    },
    "Incidents": {
        "declare": Place("incidents:declare", "Declare an incident"),
        "link": Place("incidents:link", "Add alerts to an incident"),
        "merge": Place("incidents:merge", "Put one incident into another"),
        "severity": Place("incidents:severity", "Change the severity"),
        "phase": Place("phases:phase", "Go to a phase by name"),
        "mitigate": Place("phases:mitigate", "The bleeding has stopped"),
        "resolve": Place("phases:resolve", "The trouble is over"),
        "close": Place("phases:close", "What it teaches is written down"),
        "reopen": Place("phases:reopen", "It was not over"),
        "undo": Place("incidents:undo", "Take back your own latest act"),
    },
    "People and learning": {
        "role": Place("people:role", "Take, give or end a role"),
        "note": Place("people:note", "Write into the timeline"),
        "rca": Place("learning:rca", "The root-cause analysis"),
        "action": Place("learning:action", "Promise a change, or settle it"),
        "export": Place("export:export", "The post-mortem, or everything as JSON"),
    },
    "Train and test": {
        "replay": Place("replay:replay", "Play a recorded outage and see what triage makes of it"),
    },
    "Care": {
        "doctor": Place("doctor:doctor", "Check store, collector, settings and terminal"),
        "verify": Place("care:verify", "Prove that the store is whole"),
        "backup": Place("copies:backup", "Copy the store while others write"),
        "restore": Place("copies:restore", "Put a backup in the store's place"),
        "redact": Place("redact:redact", "Erase what an entry or a rejected payload says"),
        "setup": Place("setup:setup", "Begin a store, for oneself or for a team"),
        "config": Place("care:config", "Show, check or begin the settings"),
    },
}
VERBS: Final[dict[str, Place]] = {name: place for verbs in SECTIONS.values() for name, place in verbs.items()}


class Verbs(click.Group):
    """The group of all verbs, known by name before any of them is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = VERBS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.where.partition(":")
        found: object = getattr(import_module(f"tui.cli.{module}"), name)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise UsageError(f"there is no verb {clean(args[0], 40)!r}", _nearest(args[0]), "see `sev --help`")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, verbs in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, place.help) for name, place in verbs.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        show_examples(formatter, EXAMPLES_OF_ROOT)


def _nearest(word: str) -> str:
    """The verbs that somebody may have meant."""
    from difflib import get_close_matches

    near = get_close_matches(word, VERBS, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else ""


def _open(context: click.Context) -> int:
    """Drive a data-pipeline incident from one screen: detect, assess, respond, resolve, learn.

    Without a verb the console opens. Everything it does is also a verb.
    """
    if context.invoked_subcommand is not None:
        return 0
    from tui.cli.programs import open_console

    return open_console(context)


root: Final = Verbs(
    "sev",
    callback=click.pass_context(_open),
    invoke_without_command=True,
    help=_open.__doc__,
    params=[*common_options(hidden=False)],
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(__version__, prog_name="sev", message="%(prog)s %(version)s")(root)
