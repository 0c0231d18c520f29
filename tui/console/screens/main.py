"""The main screen: four panes over the store. Wires slices to panes and keys to commands; decides nothing."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from time import monotonic
from typing import ClassVar, Concatenate, ParamSpec

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from tui.console.acts import ACTS
from tui.console.commands import BY_ID, COMMANDS, Command, Scope, shown_key
from tui.console.conflict import do_or_ask
from tui.console.deeds import begin, refusal
from tui.console.greeting import collecting, greeting
from tui.console.ink import Ink, Piece, line, wrap
from tui.console.motion import MOTIONS
from tui.console.panes.board import BoardPane
from tui.console.panes.checklist import ChecklistPane
from tui.console.panes.feed import FeedPane
from tui.console.panes.header import HeaderBar
from tui.console.panes.keyline import KeyLines
from tui.console.panes.timeline import TimelinePane
from tui.console.presence import LOOKED_FOR_EVERY, Here
from tui.console.render.look import Look
from tui.console.session import Session
from tui.console.terminal import PLAIN, Terminal
from tui.console.view import Ask, Screenful, load
from tui.console.widgets.lines import LineView, Pane
from tui.console.widgets.prompt import Bottom
from tui.desk.act import Outcome, Pen
from tui.errors import SevError
from tui.model.alert import Alert
from tui.model.incident import Incident
from tui.triage.guide import Next, next_step

P = ParamSpec("P")

SMALL_COLUMNS, SMALL_ROWS = 100, 30
SLIM_COLUMNS = 80
LEAST_COLUMNS, LEAST_ROWS = 40, 10


class MainScreen(Screen[None]):
    """Feed, timeline, board, checklist; header above, message and key lines below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(command.keys), f"command('{command.id}')", command.label, id=command.id, show=False)
        for command in COMMANDS
        if command.keys and command.scope is not Scope.ROOT_CAUSE
    ]

    def __init__(
        self,
        session: Session,
        terminal: Terminal = PLAIN,
        *,
        local_time: bool = False,
        ascii_signs: bool = False,
    ) -> None:
        super().__init__(classes="ascii" if ascii_signs else None)
        self.session = session
        self.terminal = terminal
        self.wanted = Ask()
        self.local_time = local_time
        self.ascii_signs = ascii_signs
        self.shown: Screenful | None = None
        self.advice: Next | None = None
        self.came_from: tuple[str, int | None] | None = None
        self.quit_asked_at: datetime | None = None
        self.others: tuple[Here, ...] = ()
        self.copied = ""  # what went to the clipboard last
        self._stale = True
        self._loading = False
        self._news_at = 0.0
        self._opening: str | None = None
        """The command that opens something right now: a key typed ahead must not act on the screen behind it."""
        self.header = HeaderBar(session.actor.name, session.badge)
        self.feed = FeedPane()
        self.board = BoardPane(session.config.severity)
        self.timeline = TimelinePane()
        self.checklist = ChecklistPane()
        self.bottom = Bottom(session.drafts)
        self.keys = KeyLines()
        self.too_small = LineView("too-small")

    def compose(self) -> ComposeResult:
        yield self.too_small
        yield self.header
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield self.feed
                yield self.board
            with Vertical(id="right"):
                yield self.timeline
                yield self.checklist
        yield self.bottom
        yield self.keys

    def on_mount(self) -> None:
        self.feed.focus()
        self.set_interval(self.session.news_every, self._look_for_news)
        self.set_interval(1.0, self.redraw)
        self.set_interval(LOOKED_FOR_EVERY, self._look_around)
        self.set_interval(1.0, self._keep_collecting)
        self.others = self.session.presence.others()
        self.reload()
        if said := greeting(self.session):
            self.call_after_refresh(self.say, said, Ink.DUE)  # before it the line has no width

    # What is seen

    def _look_for_news(self) -> None:
        now = monotonic()
        if now - self._news_at >= self.session.paint_every and self.session.moved():
            self._news_at = now
            self.reload()

    def _look_around(self) -> None:
        """Who else is here."""
        self.others = self.session.presence.others()

    def _keep_collecting(self) -> None:
        """When the collector of another console ended with it, or was killed, ours takes over."""
        collector = self.session.collector
        if collector is not None and self.session.health().missed_a_beat:
            before = collecting(self.session)
            collector.ensure()
            if (said := collecting(self.session)) != before:
                self.say(said, Ink.DUE)

    def reload(self) -> None:
        """Read the store again. While a reading is under way another one follows it, never two at once."""
        self._stale = True
        if not self._loading:
            self._loading = True
            self.run_worker(self._load(), group="view", exit_on_error=True)

    async def _load(self) -> None:
        try:
            while self._stale:
                self._stale = False
                self.put(await self._read(self.wanted))
        except SevError as error:
            self.say(str(error), Ink.LATE)
        finally:
            self._loading = False

    async def _read(self, wanted: Ask) -> Screenful:
        now, rules = self.session.clock(), self.session.config.severity
        return await self.session.read(lambda conn: load(conn, wanted, now, rules))

    def put(self, shown: Screenful) -> None:
        """Hand each pane its slice, if it is another one than it has."""
        before, self.shown = self.shown, shown
        if shown.header.incident is not None and not self.wanted.incident:
            self.wanted = msgspec.structs.replace(self.wanted, incident=shown.header.incident.id)
        look = self.look
        if before is None or shown.feed != before.feed:
            self.feed.put(shown.feed, look)
        if before is None or shown.timeline != before.timeline:
            self.timeline.put(shown.timeline, look, self._elsewhere())
        if before is None or shown.board != before.board:
            self.board.put(shown.board, look)
        if before is None or shown.checklist != before.checklist:
            self.checklist.put(shown.checklist, look)
        self.redraw()

    def redraw(self) -> None:
        """Draw for this moment: clocks step, nothing is read."""
        if self.shown is None:
            return
        look = self.look
        self._put_header(look)
        self.feed.redraw(look)
        self.timeline.redraw(look, self._elsewhere())
        self.board.redraw(look)
        self.checklist.redraw(look)
        self.keys.put(self.row, self.incident)

    def _put_header(self, look: Look) -> None:
        if self.shown is None:
            return
        health = self.session.health()
        situation = msgspec.structs.replace(
            self.shown.header.situation, now=look.now, collector_age=health.age, watched=not health.starting
        )
        self.advice = next_step(situation)
        where = self.advice.where
        here = where is not None and self.row is not None and where.prefix == "A" and where.number == self.row.id
        self.feed.set_class(health.is_dead, "dimmed")
        self.session.presence.at(self.incident.id if self.incident else None)
        self.header.put(self.shown.header, look, self.advice, health, here=here, others=self.others)

    def _elsewhere(self) -> str:
        """On a small screen: what the panes that are not in sight hold."""
        if self.shown is None or not self.has_class("small"):
            return ""
        cards = len(self.shown.board.incidents) + len(self.shown.board.candidates)
        rca = self.shown.checklist.rca
        done = f"  4 root cause {rca.done} of 9" if rca else "  4 proposed"
        return f"   3 board {cards}{done}"

    @property
    def look(self) -> Look:
        """How things are written now."""
        return Look(now=self.session.clock(), local=self.local_time, ascii=self.ascii_signs)

    @property
    def row(self) -> Alert | None:
        """The alert under the cursor."""
        return self.feed.row

    @property
    def incident(self) -> Incident | None:
        """The open incident."""
        return self.shown.header.incident if self.shown else None

    def on_resize(self) -> None:
        small = self.size.width < SMALL_COLUMNS or self.size.height < SMALL_ROWS
        self.set_class(small, "small")
        self.feed.set_class(self.size.width < SLIM_COLUMNS, "slim")
        tiny = self.size.width < LEAST_COLUMNS or self.size.height < LEAST_ROWS
        self.set_class(tiny, "tiny")
        here = f"{self.size.width} by {self.size.height}"
        said = f"sev needs a window of {LEAST_COLUMNS} by {LEAST_ROWS}, this one is {here}"
        self.too_small.show([line(Piece(part)) for part in wrap(said, self.size.width)])
        self.set_class(self.size.height < 38, "short")
        for pane in self.query(Pane):
            pane.set_class(small, "frameless")
        self.call_after_refresh(self.redraw)

    # What is done

    async def do(
        self, deed: "Callable[Concatenate[Pen, P], Outcome]", *args: P.args, **kwargs: P.kwargs
    ) -> Outcome | None:
        """Let the person act; one line says what was done and how to take it back, or why not."""
        return await self.do_since(None, deed, *args, **kwargs)

    async def do_since(
        self, seen: int | None, deed: "Callable[Concatenate[Pen, P], Outcome]", *args: P.args, **kwargs: P.kwargs
    ) -> Outcome | None:
        """The same for what was decided on what was on the screen at event `seen`; see `conflict`."""
        self.say("saving…")
        self._opening = None  # what was opened was answered: the next key need not wait for the store
        try:
            outcome = await do_or_ask(self.app, self.session, seen, deed, *args, **kwargs)
        except SevError as error:
            self.say(str(error), Ink.LATE)
            return None
        self.say(outcome.said + ("   U takes it back" if outcome.seq else ""), Ink.TEXT)
        self.reload()
        return outcome

    def say(self, text: str, ink: Ink = Ink.DIM) -> None:
        """One line at the bottom."""
        self.bottom.say(self.look.sign(text), ink)

    @property
    def seen(self) -> int | None:
        """The newest event on the screen."""
        return self.shown.seq if self.shown else None

    async def ask(self, question: str, value: str = "", *, draft: str = "") -> str | None:
        """One line of answer, None when the person leaves; see `Bottom.ask`."""
        return await self.bottom.ask(question, value, draft=draft, seen=self.seen)

    def want(self, wanted: Ask) -> None:
        """Ask the store for something else."""
        self.wanted = wanted
        self.reload()

    def open_incident(self, number: int) -> None:
        """Make an incident the open one."""
        self.want(msgspec.structs.replace(self.wanted, incident=number))

    def on_feed_pane_row_changed(self) -> None:
        """Keys and NEXT follow the cursor at once; the panes about the row follow when they were read."""
        row = self.row
        self.redraw()
        if row is None or row.id != self.wanted.row:
            self.wanted = msgspec.structs.replace(self.wanted, row=row.id if row else None)
            if self.incident is None:
                self.reload()

    def on_feed_pane_window_wanted(self) -> None:
        self.want(msgspec.structs.replace(self.wanted, rows=self.wanted.rows + 400))

    async def action_command(self, name: str) -> None:
        """Do what the table says, if it is legal now."""
        self.session.presence.key()
        command = BY_ID[name]
        asking = self.bottom.is_asking
        if asking and name != "back":
            return
        if self._opening is not None and not asking:
            self.say(f"{shown_key(command)} was not taken: {self._opening} was opening", Ink.DUE)
            return
        if why_not := refusal(self, command):
            self.say(why_not)
        elif name in MOTIONS:
            MOTIONS[name](self)
        else:
            on = self._objects
            self._opening = None if command.quick else command.label
            await begin(self, self._guarded(self._on_the_same(on, ACTS[name](self), command)))

    @property
    def _objects(self) -> tuple[int | None, int | None]:
        return self.row.id if self.row else None, self.incident.id if self.incident else None

    async def _on_the_same(
        self, on: tuple[int | None, int | None], deed: Coroutine[None, None, None], command: Command
    ) -> None:
        """Do it, unless between the key and this step another row or incident took the place of `on`."""
        if command.scope is not Scope.SCREEN and self._objects != on:
            deed.close()
            self.say(f"{shown_key(command)} {command.label} did nothing: the row changed as the key came", Ink.DUE)
            return
        await deed

    def start(self, deed: Coroutine[None, None, None], opening: str | None) -> None:
        """Run `deed` beside the event loop. `opening` names what it opens, None where it opens nothing."""
        self._opening = opening
        self.run_worker(self._guarded(deed), group="act")

    async def _guarded(self, deed: Coroutine[None, None, None]) -> None:
        opening = self._opening
        try:
            await deed
        except SevError as error:
            self.say(str(error), Ink.LATE)
        finally:
            if self._opening is opening:
                self._opening = None
