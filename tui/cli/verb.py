"""How a verb is made: the options that every verb takes, before it or after it, and its examples."""

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Concatenate, Final, ParamSpec

import click
import msgspec

from tui.cli.session import Given, Session

P = ParamSpec("P")

EXAMPLES_OF_ROOT: Final = (
    "sev",
    "sev demo",
    "sev alerts --sev 1",
    "sev ack A-12",
    "sev declare C-3",
    "sev note INC-7 'lag falls on 3 of 12'",
    "sev --json incidents --state open",
)
_KEPT: Final = "sev.given"
_PREFIX: Final = "given_"  # a verb's own parameters may be called store, name or source


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    """Note an option for the session; the one behind the verb wins over the one before it."""
    kept: dict[str, object] = context.meta.setdefault(_KEPT, {})
    if value is not None and value is not False:
        kept[str(parameter.name).removeprefix(_PREFIX)] = value


def _text(option: str, name: str, metavar: str, help_: str, env: str, hidden: bool) -> click.Option:
    return click.Option(
        [option, _PREFIX + name],
        metavar=metavar,
        help=help_,
        envvar=None if hidden else env,  # read once, by the root: an option before the verb wins over it
        show_envvar=True,
        expose_value=False,
        callback=_keep,
        hidden=hidden,
    )


def _flag(options: Sequence[str], help_: str, hidden: bool) -> click.Option:
    name = _PREFIX + options[-1].removeprefix("--").replace("-", "_")
    return click.Option([*options, name], is_flag=True, help=help_, expose_value=False, callback=_keep, hidden=hidden)


def common_options(*, hidden: bool) -> list[click.Option]:
    """The options of every verb; `hidden` where the help of one verb is not the place to explain them."""
    return [
        _text("--store", "store", "PATH", "The store, a SQLite file.", "SEV_STORE", hidden),
        _text(
            "--config", "config", "FILE", "The team's settings; else sev.toml beside the store.", "SEV_CONFIG", hidden
        ),
        _text("--as", "name", "NAME", "Who acts; else your login name.", "SEV_USER", hidden),
        _flag(["--read-only"], "Change nothing.", hidden),
        _flag(["--slow"], "For a slow link: paint less often.", hidden),
        _flag(["--ascii"], "Only ASCII signs.", hidden),
        _flag(["--json"], "JSON on standard output and nothing else.", hidden),
        _flag(["-v", "--verbose"], "Say which store and settings are used.", hidden),
    ]


class Verb(click.Command):
    """One verb. Its help ends with examples."""

    examples: tuple[str, ...] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        show_examples(formatter, self.examples)
        formatter.write_paragraph()
        formatter.write_text("Options of every verb, before it or after it: see `sev --help`.")


def show_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    """The last section of a help page."""
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def session_of(context: click.Context) -> Session:
    """The session that the options given on this command line make."""
    kept: dict[str, object] = context.meta.get(_KEPT, {})
    return Session(msgspec.convert(kept, Given))


def verb(*examples: str) -> Callable[[Callable[Concatenate[Session, P], int]], Verb]:
    """Make a verb of a function that takes the session and returns the exit code."""

    def make(function: Callable[Concatenate[Session, P], int]) -> Verb:
        def call(*args: P.args, **kwargs: P.kwargs) -> int:
            return function(session_of(click.get_current_context()), *args, **kwargs)

        update_wrapper(call, function)
        made = click.command(cls=Verb)(call)
        made.params.extend(common_options(hidden=True))
        made.examples = examples
        return made

    return make
