"""THE table of commands: one row makes a command's key binding, palette entry, key line, help and README row."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from tui.model.alert import Alert, AlertStatus
from tui.model.incident import Incident, Phase
from tui.model.text import clean


class Scope(StrEnum):
    """Which object a command is about, and so on which key line it stands."""

    ROW = "the row under the cursor"
    INCIDENT = "the open incident"
    SCREEN = "the screen"
    ROOT_CAUSE = "the root-cause screen"


Legal: TypeAlias = Callable[[Alert | None, Incident | None], bool]


def _always(_alert: Alert | None, _incident: Incident | None) -> bool:
    return True


def _row(alert: Alert | None, _incident: Incident | None) -> bool:
    return alert is not None


def _waiting(alert: Alert | None, _incident: Incident | None) -> bool:
    return alert is not None and alert.acknowledged_at is None


def _acknowledged(alert: Alert | None, _incident: Incident | None) -> bool:
    return alert is not None and alert.acknowledged_at is not None


def _free(alert: Alert | None, _incident: Incident | None) -> bool:
    return alert is None or alert.incident is None


def _linked(alert: Alert | None, _incident: Incident | None) -> bool:
    return alert is not None and bool(alert.links.runbook or alert.links.source or alert.links.log)


def _fires(alert: Alert | None, _incident: Incident | None) -> bool:
    return alert is not None and alert.status is not AlertStatus.RESOLVED


def _incident(_alert: Alert | None, incident: Incident | None) -> bool:
    return incident is not None


def _open(_alert: Alert | None, incident: Incident | None) -> bool:
    return incident is not None and incident.is_open


def _over(_alert: Alert | None, incident: Incident | None) -> bool:
    return incident is not None and not incident.is_open and incident.merged_into is None


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a key does. `keys`: the first is shown; empty: reachable by name only.

    `label` is the word on the key line, `help` the sentence everywhere else, `verb` the
    same act on the command line. `lined`: it stands on a key line when it is legal.
    """

    id: str
    keys: tuple[str, ...] = ()
    label: str
    help: str
    scope: Scope
    legal: Legal = _always
    verb: str = ""
    lined: bool = False
    quick: bool = False
    """It acts at once and opens nothing: other keys may follow on its heels."""
    confirms: bool = False
    """It may ask for a `y`; so it cannot lie on that key itself, where holding the key down would confirm."""


COMMANDS: Final[tuple[Command, ...]] = (
    # The row under the cursor.
    Command(id="acknowledge", keys=("a",), label="acknowledge", scope=Scope.ROW, legal=_waiting, verb="ack", lined=True,
            quick=True, help="Acknowledge at once; on a candidate's root the whole candidate"),
    Command(id="declare", keys=("d",), label="declare", scope=Scope.ROW, legal=_free, verb="declare", lined=True,
            help="Declare an incident, filled in by triage; on an empty feed a report of your own"),
    Command(id="verdict", keys=("v",), label="verdict", scope=Scope.ROW, legal=_row, verb="verdict", lined=True,
            help="Overrule triage: another verdict, with a reason; triage keeps to it"),
    Command(id="impact", keys=("i",), label="impact", scope=Scope.ROW, legal=_row, verb="impact", lined=True,
            help="Who is hit and who will be, what changed before, who owns the root"),
    Command(id="move", keys=("m",), label="move", scope=Scope.ROW, legal=_row, verb="move", lined=True,
            help="Move the alert to an incident, a candidate, or out on its own"),
    Command(id="snooze", keys=("w",), label="snooze", scope=Scope.ROW, legal=_fires, verb="snooze", lined=True,
            help="Hide the alert for a while, or wake it; it still fires for the resolve gate"),
    Command(id="links", keys=("o",), label="links", scope=Scope.ROW, legal=_linked, lined=True,
            help="Show the row's links in full; open or copy one"),
    Command(id="copy", keys=("y",), label="copy", scope=Scope.ROW, legal=_row, lined=True,
            help="Send the row to the terminal's clipboard (OSC 52); again: write it to a file"),
    Command(id="similar", label="seen before", scope=Scope.ROW, legal=_row, verb="similar",
            help="Earlier incidents alike, and what fixed them"),
    Command(id="unacknowledge", label="give up acknowledgement", scope=Scope.ROW, legal=_acknowledged, verb="unack",
            help="Give up the acknowledgement: the alert waits again"),
    # The open incident.
    Command(id="note", keys=("n",), label="note", scope=Scope.INCIDENT, legal=_incident, verb="note", lined=True,
            help="Write into the timeline"),
    Command(id="severity", keys=("s",), label="severity", scope=Scope.INCIDENT, legal=_incident, verb="severity",
            lined=True, help="Change the severity; lowering needs a reason"),
    Command(id="next_phase", keys=("p",), label="next phase", scope=Scope.INCIDENT, legal=_incident, verb="phase",
            lined=True, confirms=True, help="Take the incident to its next phase, by name; reopen a closed one"),
    Command(id="resolve", keys=("r",), label="resolve", scope=Scope.INCIDENT, legal=_open, verb="resolve", lined=True,
            confirms=True, help="The resolve gate: what still forbids it, or resolve"),
    Command(id="root_cause", label="root cause", scope=Scope.INCIDENT, legal=_incident, verb="rca",
            help="The nine items of the root-cause analysis, full screen (enter in pane 4)"),
    Command(id="commander", label="take command", scope=Scope.INCIDENT, legal=_open, verb="role",
            help="Become the incident's commander"),
    Command(id="reopen", label="reopen", scope=Scope.INCIDENT, legal=_over, verb="reopen",
            help="Take a resolved or closed incident back to respond, with a reason"),
    Command(id="merge", label="merge", scope=Scope.INCIDENT, legal=_open, verb="merge", confirms=True,
            help="Put this incident into another one"),
    Command(id="export", label="export post-mortem", scope=Scope.INCIDENT, legal=_incident, verb="export",
            help="Write the post-mortem as Markdown beside you"),
    # The screen.
    Command(id="pane_1", keys=("1",), label="alerts", scope=Scope.SCREEN, help="Go to the alert feed"),
    Command(id="pane_2", keys=("2",), label="timeline", scope=Scope.SCREEN, help="Go to the timeline"),
    Command(id="pane_3", keys=("3",), label="board", scope=Scope.SCREEN, help="Go to the severity board"),
    Command(id="pane_4", keys=("4",), label="root cause", scope=Scope.SCREEN, help="Go to the checklist"),
    Command(id="next_pane", keys=("tab",), label="next pane", scope=Scope.SCREEN, help="Go to the next pane"),
    Command(id="up", keys=("up", "k"), label="up", scope=Scope.SCREEN, help="One up"),
    Command(id="down", keys=("down", "j"), label="down", scope=Scope.SCREEN, help="One down"),
    Command(id="page_up", keys=("pageup",), label="page up", scope=Scope.SCREEN, help="A page up"),
    Command(id="page_down", keys=("pagedown",), label="page down", scope=Scope.SCREEN, help="A page down"),
    Command(id="top", keys=("g", "home"), label="top", scope=Scope.SCREEN, help="To the first"),
    Command(id="bottom", keys=("G", "end"), label="bottom", scope=Scope.SCREEN, help="To the last"),
    Command(id="unfold", keys=("right", "f", "l"), label="unfold", scope=Scope.SCREEN,
            help="Show what is folded, on a root its group; on the board one column right"),
    Command(id="fold", keys=("left", "h"), label="fold", scope=Scope.SCREEN,
            help="Fold again; on the board one column left"),
    Command(id="open", keys=("enter",), label="more", scope=Scope.SCREEN,
            help="The row's detail; on a card: open that incident; in pane 4: the root-cause screen"),
    Command(id="order", keys=("=",), label="order", scope=Scope.SCREEN,
            help="Feed by what waits for a person, or by time"),
    Command(id="everything", keys=("e",), label="all entries", scope=Scope.SCREEN,
            help="Timeline of people, or of everything"),
    Command(id="go_there", keys=(".",), label="go there", scope=Scope.SCREEN,
            help="Go to what NEXT names; again: back"),
    Command(id="zoom", keys=("z",), label="zoom", scope=Scope.SCREEN, help="The pane alone, or all panes"),
    Command(id="filter", keys=("/",), label="filter", scope=Scope.SCREEN, help="Show only alerts with these words"),
    Command(id="palette", keys=(":", "ctrl+p"), label="all", scope=Scope.SCREEN, help="Every command by name"),
    Command(id="help", keys=("?",), label="help", scope=Scope.SCREEN, help="What the keys do"),
    Command(id="local_time", keys=("T",), label="UTC or local", scope=Scope.SCREEN,
            help="Clock times in UTC, or in this machine's zone"),
    Command(id="undo", keys=("U",), label="take back", scope=Scope.SCREEN, verb="undo", quick=True,
            help="Take back your own latest act; it is named"),
    Command(id="mouse", label="mouse on or off", scope=Scope.SCREEN, quick=True,
            help="Let the mouse work in the console, or leave it the terminal for selecting text"),
    Command(id="stop", keys=("ctrl+z",), label="stop", scope=Scope.SCREEN, quick=True,
            help="Stop the console like any program; the shell's fg brings it back"),
    Command(id="back", keys=("escape",), label="back", scope=Scope.SCREEN, help="Back, out of a filter or a zoom"),
    Command(id="quit", keys=("q",), label="quit", scope=Scope.SCREEN, help="Quit; asks for a second q"),
    # The root-cause screen.
    Command(id="rca_edit", keys=("enter",), label="write", scope=Scope.ROOT_CAUSE, verb="rca", lined=True,
            help="Write the answer, or confirm the one proposed"),
    Command(id="rca_evidence", keys=("space",), label="evidence", scope=Scope.ROOT_CAUSE, verb="rca", lined=True,
            help="Tie a timeline entry to the item as evidence"),
    Command(id="rca_category", keys=("c",), label="category", scope=Scope.ROOT_CAUSE, verb="rca", lined=True,
            help="Name the kinds of cause"),
    Command(id="rca_action", keys=("+",), label="action", scope=Scope.ROOT_CAUSE, verb="action", lined=True,
            help="Promise a change with owner and due date"),
    Command(id="rca_export", keys=("P",), label="post-mortem", scope=Scope.ROOT_CAUSE, verb="export", lined=True,
            help="Write the post-mortem as Markdown"),
    Command(id="rca_close", keys=("K",), label="close", scope=Scope.ROOT_CAUSE, verb="close", lined=True,
            confirms=True, help="Close the incident, or say what is missing"),
)  # fmt: skip

BY_ID: Final = {command.id: command for command in COMMANDS}

NEXT_PHASES: Final = {
    Phase.RESPOND: "mitigated",
    Phase.RESOLVE: "resolved",
    Phase.LEARN: "close",
    Phase.CLOSED: "reopen",
}
"""What `p` does, by the phase the incident is in."""


CONFIRM_KEY: Final = "y"
"""The one key that confirms."""


def wrong_keys(keys: Mapping[str, str]) -> list[str]:
    """What is wrong with a person's `[keys]`, as lines of a settings error.

    A name that is no command; the confirming key on a command that asks for it.
    """
    mistakes: list[str] = []
    for name, key in keys.items():
        if name not in BY_ID:
            mistakes.append(f"keys.{clean(name, 40)}: is not a command: one of {', '.join(sorted(BY_ID))}")
        elif BY_ID[name].confirms and CONFIRM_KEY in [one.strip() for one in key.split(",")]:
            mistakes.append(f"keys.{name}: {CONFIRM_KEY} is what confirms it: choose another key")
    return mistakes


def shown_key(command: Command) -> str:
    """How the key is written on a key line; `:` for a command that has none."""
    if not command.keys:
        return ":"
    return {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn"}.get(command.keys[0], command.keys[0])


def label_of(command: Command, incident: Incident | None) -> str:
    """The word on the key line; the next phase goes by its name."""
    if command.id == "next_phase" and incident is not None:
        return NEXT_PHASES[incident.phase]
    return command.label


def lined(scope: Scope, alert: Alert | None, incident: Incident | None) -> list[Command]:
    """The commands of a key line that are legal now."""
    return [c for c in COMMANDS if c.scope is scope and c.lined and c.legal(alert, incident)]


def markdown_table() -> str:
    """The README's key table, made from this table."""
    rows = ["| key | what it does | verb |", "|---|---|---|"]
    for scope in Scope:
        rows.append(f"| | **{scope.value}** | |")
        for command in COMMANDS:
            if command.scope is scope and command.keys:
                keys = " ".join(f"`{shown_key(command) if n == 0 else key}`" for n, key in enumerate(command.keys))
                rows.append(f"| {keys} | {command.help} | {f'`sev {command.verb}`' if command.verb else ''} |")
    return "\n".join(rows)
