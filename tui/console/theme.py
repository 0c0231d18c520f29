"""Colours: which style each ink has, in full colour and in the terminal's own sixteen.

Severities use the Okabe-Ito palette, lightened for a dark ground; a shape and a word always stand beside them.
"""

from typing import Final

from rich.style import Style
from textual.theme import Theme

from tui.console.ink import Ink

GROUND: Final = "#0d1117"
BAND: Final = "#161b22"
CURSOR: Final = "#1f2b3a"
EDGE: Final = "#30363d"
FOCUS: Final = "#58a6e0"

_SEV1, _SEV2, _SEV3 = "#ff6a5a", "#f2a93b", "#58a6e0"
_TEXT, _BRIGHT, _DIM, _GOOD = "#d6dde5", "#f4f7fa", "#7d8894", "#46b35a"

_FULL: Final[dict[Ink, Style]] = {
    Ink.TEXT: Style(color=_TEXT),
    Ink.BRIGHT: Style(color=_BRIGHT, bold=True),
    Ink.DIM: Style(color=_DIM),
    Ink.ACCENT: Style(color=FOCUS),
    Ink.GOOD: Style(color=_GOOD),
    Ink.DUE: Style(color=_SEV2),
    Ink.LATE: Style(color=_SEV1, bold=True),
    Ink.SEV1: Style(color=_SEV1, bold=True),
    Ink.SEV2: Style(color=_SEV2, bold=True),
    Ink.SEV3: Style(color=_SEV3),
    Ink.SEV1_CHIP: Style(color=GROUND, bgcolor=_SEV1, bold=True),
    Ink.SEV2_CHIP: Style(color=GROUND, bgcolor=_SEV2, bold=True),
    Ink.SEV3_CHIP: Style(color=GROUND, bgcolor=_SEV3, bold=True),
    Ink.LATE_CHIP: Style(color=GROUND, bgcolor=_SEV1, bold=True),
    Ink.DUE_CHIP: Style(color=GROUND, bgcolor=_SEV2, bold=True),
    Ink.ADVICE_CHIP: Style(color=GROUND, bgcolor=FOCUS, bold=True),
    Ink.QUIET_CHIP: Style(color=_TEXT, bgcolor=EDGE),
    Ink.COMMAND: Style(color="#c59af0"),
}
_SIXTEEN: Final[dict[Ink, Style]] = {
    Ink.TEXT: Style(),
    Ink.BRIGHT: Style(bold=True),
    Ink.DIM: Style(color="bright_black"),
    Ink.ACCENT: Style(color="bright_blue"),
    Ink.GOOD: Style(color="green"),
    Ink.DUE: Style(color="yellow"),
    Ink.LATE: Style(color="bright_red", bold=True),
    Ink.SEV1: Style(color="bright_red", bold=True),
    Ink.SEV2: Style(color="yellow", bold=True),
    Ink.SEV3: Style(color="bright_blue"),
    Ink.SEV1_CHIP: Style(color="black", bgcolor="bright_red", bold=True),
    Ink.SEV2_CHIP: Style(color="black", bgcolor="yellow", bold=True),
    Ink.SEV3_CHIP: Style(color="black", bgcolor="bright_blue", bold=True),
    Ink.LATE_CHIP: Style(color="black", bgcolor="bright_red", bold=True),
    Ink.DUE_CHIP: Style(color="black", bgcolor="yellow", bold=True),
    Ink.ADVICE_CHIP: Style(color="black", bgcolor="bright_blue", bold=True),
    Ink.QUIET_CHIP: Style(reverse=True),
    Ink.COMMAND: Style(color="magenta"),
}
_NONE: Final[dict[Ink, Style]] = {
    ink: Style(bold=style.bold, dim=ink is Ink.DIM, reverse=style.bgcolor is not None)
    for ink, style in _SIXTEEN.items()
} | {Ink.QUIET_CHIP: Style(), Ink.ACCENT: Style(underline=True)}

DARK: Final = Theme(
    name="sev-dark",
    primary=FOCUS,
    secondary=_DIM,
    accent=FOCUS,
    warning=_SEV2,
    error=_SEV1,
    success=_GOOD,
    foreground=_TEXT,
    background=GROUND,
    surface=GROUND,
    panel=BAND,
    dark=True,
    variables={
        "band": BAND,
        "edge": EDGE,
        "block-cursor-background": FOCUS,
        "input-cursor-background": _TEXT,
        "input-cursor-foreground": GROUND,
        "input-selection-background": f"{FOCUS} 40%",
    },
)

SIXTEEN: Final = Theme(
    name="ansi-sev",
    ansi=True,
    primary="ansi_bright_blue",
    secondary="ansi_bright_black",
    accent="ansi_bright_blue",
    warning="ansi_yellow",
    error="ansi_bright_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "band": "ansi_default",
        "edge": "ansi_bright_black",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_bright_black",
        "screen-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_bright_blue",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_bright_blue",
        "input-cursor-foreground": "ansi_black",
        "input-cursor-background": "ansi_white",
        "input-selection-foreground": "ansi_black",
        "input-selection-background": "ansi_bright_blue",
    },
)
"""For terminals that have sixteen colours or none of their own: the colours are theirs."""

VARIABLES: Final = {"band": BAND, "edge": EDGE}
"""Variables of our style sheet that another theme may not have."""


def styles(*, sixteen: bool, none: bool = False) -> dict[Ink, Style]:
    """The style of every ink; `sixteen`: only the terminal's own colours, `none`: no colour at all."""
    if none:
        return _NONE
    return _SIXTEEN if sixteen else _FULL
