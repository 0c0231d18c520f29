"""The root-cause analysis, full screen: write answers, tie evidence, promise changes, write it out, close."""

from collections.abc import Callable
from datetime import date
from typing import ClassVar, Concatenate, ParamSpec

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from tui.console.commands import BY_ID, COMMANDS, Scope, shown_key
from tui.console.conflict import do_or_ask
from tui.console.deeds import begin
from tui.console.exporting import write_postmortem
from tui.console.ink import Ink, Piece, line
from tui.console.render import rootcause as drawn
from tui.console.render.checklist import SHORT_CATEGORIES
from tui.console.render.look import Look
from tui.console.screens.form import Answers, Field, FormScreen, fill_in
from tui.console.screens.panel import confirm
from tui.console.session import Session
from tui.console.widgets.lines import LineView
from tui.console.widgets.listed import Listed
from tui.console.widgets.prompt import Bottom
from tui.desk import learn, phases
from tui.desk.act import Outcome, Pen
from tui.desk.undo import undo
from tui.errors import SevError
from tui.model.ids import Ref
from tui.model.learn import QUESTIONS, ActionType, Category, ItemState
from tui.model.moment import parse_when
from tui.model.text import NOTHING, clean, lines
from tui.store.engine import Connection
from tui.store.entries import timeline
from tui.store.incidents import get_incident, get_rca
from tui.store.log import head

P = ParamSpec("P")


class RootCauseScreen(Screen[None]):
    """Nine items, and the incident's timeline to tie to them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(command.keys), f"command('{command.id}')", command.label, id=command.id, show=False)
            for command in COMMANDS
            if command.scope is Scope.ROOT_CAUSE
        ),
        Binding("up,k", "step(-1)", show=False),
        Binding("down,j", "step(1)", show=False),
        Binding("g,home", "step(-9999)", show=False),
        Binding("G,end", "step(9999)", show=False),
        Binding("tab,left,right", "other_side", show=False),
        Binding("escape,q", "leave", show=False),
        Binding("U", "undo", show=False),
    ]
    DEFAULT_CSS = """
    RootCauseScreen #rca-title { height: 1; background: $panel; }
    RootCauseScreen #rca-keys { height: 1; background: $panel; }
    RootCauseScreen #items { width: 62%; }
    RootCauseScreen #evidence { width: 38%; }
    RootCauseScreen.narrow #evidence { display: none; }
    RootCauseScreen.narrow.choosing #evidence { display: block; width: 100%; }
    RootCauseScreen.narrow.choosing #items { display: none; }
    RootCauseScreen.narrow #items { width: 100%; }
    """

    def __init__(self, session: Session, incident: int, look: Look) -> None:
        super().__init__()
        self._session, self._incident, self._look = session, incident, look
        self._shown: drawn.RootCause | None = None
        self._seen: int | None = None

    def compose(self) -> ComposeResult:
        yield LineView("rca-title")
        with Horizontal():
            yield Listed("items")
            yield Listed("evidence")
        yield Bottom(self._session.drafts)
        yield LineView("rca-keys")

    def on_mount(self) -> None:
        self.set_class(self.size.width < 100, "narrow")
        self._items.name_border("Nine items")
        self._items.focus()
        self.run_worker(self._load(), group="view")

    def on_resize(self) -> None:
        self.set_class(self.size.width < 100, "narrow")
        self.call_after_refresh(self._draw)

    @property
    def _items(self) -> Listed:
        return self.query_one("#items", Listed)

    @property
    def _evidence(self) -> Listed:
        return self.query_one("#evidence", Listed)

    async def _load(self) -> None:
        def read(conn: Connection) -> tuple[drawn.RootCause, int]:
            incident, rca = get_incident(conn, self._incident), get_rca(conn, self._incident)
            missing = rca.missing(incident.severity)
            told = tuple(entry for entry in timeline(conn, self._incident) if entry.kind != "rca")
            return drawn.RootCause(incident=incident, rca=rca, missing=missing, entries=told), head(conn)[0]

        self._shown, self._seen = await self._session.read(read)
        self._draw()

    def _draw(self) -> None:
        shown = self._shown
        if shown is None:
            return
        self.query_one("#rca-title", LineView).show([drawn.title(shown, self._look, self._session.config.severity)])
        self._items.put(drawn.items(shown, self._items.size.width))
        self._draw_evidence(shown)
        keys: list[Piece] = [Piece(" ")]
        for command in COMMANDS:
            if command.scope is Scope.ROOT_CAUSE:
                keys += [Piece(f"{shown_key(command)} ", Ink.BRIGHT), Piece(f"{command.label}   ", Ink.DIM)]
        keys += [
            Piece("tab ", Ink.BRIGHT),
            Piece("other side   ", Ink.DIM),
            Piece("esc ", Ink.BRIGHT),
            Piece("back", Ink.DIM),
        ]
        self.query_one("#rca-keys", LineView).show([tuple(keys)])

    def _draw_evidence(self, shown: drawn.RootCause) -> None:
        tied = shown.rca.items[max(1, self._items.cursor) - 1].evidence
        self._evidence.name_border(f"Evidence for item {max(1, self._items.cursor)}")
        self._evidence.put([(e.id, drawn.evidence(e, e.id in tied, self._look)) for e in shown.entries])

    def action_step(self, lines: int) -> None:
        side = self._evidence if self._evidence.has_focus else self._items
        side.step(lines)
        if self._shown is not None and side is self._items:
            self._draw_evidence(self._shown)

    def action_other_side(self) -> None:
        choosing = not self.has_class("choosing") if self.has_class("narrow") else self._items.has_focus
        self.set_class(choosing, "choosing")
        (self._evidence if choosing else self._items).focus()
        self.call_after_refresh(self._draw)

    def action_leave(self) -> None:
        bottom = self.query_one(Bottom)
        if bottom.is_asking:
            bottom.cancel()
        elif self.has_class("choosing") and self.has_class("narrow"):
            self.action_other_side()
        else:
            self.dismiss(None)

    def action_undo(self) -> None:
        self.run_worker(self._do(undo, self._incident), group="act")

    async def action_command(self, name: str) -> None:
        """Do what the table says."""
        if not self.query_one(Bottom).is_asking:
            deeds = {
                "rca_edit": self._edit,
                "rca_evidence": self._tie,
                "rca_category": self._categorise,
                "rca_action": self._promise,
                "rca_export": self._export,
                "rca_close": self._close,
            }
            await begin(self, deeds[BY_ID[name].id]())

    def say(self, text: str, ink: Ink = Ink.DIM) -> None:
        """One line at the bottom."""
        self.query_one(Bottom).say(text, ink)

    async def _do(
        self, deed: "Callable[Concatenate[Pen, P], Outcome]", *args: P.args, **kwargs: P.kwargs
    ) -> Outcome | None:
        return await self._do_since(None, deed, *args, **kwargs)

    async def _do_since(
        self, seen: int | None, deed: "Callable[Concatenate[Pen, P], Outcome]", *args: P.args, **kwargs: P.kwargs
    ) -> Outcome | None:
        bottom = self.query_one(Bottom)
        try:
            outcome = await do_or_ask(self.app, self._session, seen, deed, *args, **kwargs)
        except SevError as error:
            await self._load()
            bottom.say(str(error), Ink.LATE)
            return None
        await self._load()  # first: who reads that it is done may press the next key
        bottom.say(outcome.said, Ink.TEXT)
        return outcome

    async def _edit(self) -> None:
        n = self._items.cursor
        if self._shown is None or n == 0:
            return
        if n == 9:
            await self._promise()
            return
        kept = self._shown.rca.items[n - 1]
        bottom, draft = self.query_one(Bottom), f"INC-{self._incident} item {n}"
        answer = await bottom.ask(f"{n} {QUESTIONS[n]}", kept.text, draft=draft, seen=self._seen)
        if answer is not None and answer.strip():
            await self._do_since(bottom.seen, learn.answer, self._incident, n, lines(answer), ())

    async def _tie(self) -> None:
        """Tie the entry under the right cursor to the item under the left one."""
        n, entry = self._items.cursor, self._evidence.cursor
        if self._shown is None or not n or not entry:
            return
        item = self._shown.rca.items[n - 1]
        if item.state is ItemState.OPEN:
            self.say(f"item {n} has no answer yet: enter writes it", Ink.DUE)
            return
        await self._do(learn.answer, self._incident, n, None, (entry,))

    async def _categorise(self) -> None:
        numbered = list(SHORT_CATEGORIES)
        seen = self._seen
        words = ", ".join(f"{n} {SHORT_CATEGORIES[kind]}" for n, kind in enumerate(numbered, 1))
        answer = await self.query_one(Bottom).ask(f"cause ({words}):")
        if not answer:
            return
        chosen = tuple(numbered[int(digit) - 1] for digit in dict.fromkeys(answer) if digit in "12345")
        reason = NOTHING
        if Category.UNKNOWN in chosen:
            reason = clean(await self.query_one(Bottom).ask("unknown because:") or "")
        await self._do_since(seen, learn.categorise, self._incident, chosen, reason)

    async def _promise(self) -> None:
        answers = await fill_in(
            FormScreen(
                line(Piece(f"A change so that INC-{self._incident} does not happen again", Ink.BRIGHT)),
                [
                    Field(name="text", label="change", hint="what will be different"),
                    Field(name="type", label="type", value="preventive", hint="preventive, detective, corrective"),
                    Field(name="owner", label="owner", hint="one person"),
                    Field(name="due", label="due", hint="2026-12-24"),
                ],
                "promises it",
                self._check_action,
                drafts=self._session.drafts,
                draft=f"action INC-{self._incident}",
            ),
            self.app,
        )
        if answers is None:
            return
        due = parse_when(answers["due"], self._session.clock()).date() if answers["due"] else None
        owner = clean(answers["owner"], 40) or None
        kind = ActionType(_type_of(answers["type"]))
        await self._do(learn.promise, self._incident, clean(answers["text"]), kind, owner, due)

    def _check_action(self, answers: Answers) -> str | None:
        if not answers["text"]:
            return "say what will change"
        if not _type_of(answers["type"]):
            return "type is preventive, detective or corrective"
        try:
            if answers["due"]:
                date.fromisoformat(answers["due"])
        except ValueError:
            return "due is a day like 2026-12-24"
        return None

    async def _export(self) -> None:
        try:
            path = await write_postmortem(self._session, self._incident)
            self.say(f"post-mortem written to {path}", Ink.GOOD)
        except SevError as error:
            self.say(str(error), Ink.LATE)

    async def _close(self) -> None:
        gaps = await self._session.read(lambda conn: phases.close_gate(conn, self._incident))
        if gaps:
            self.say(f"cannot close: {'; '.join(gaps[:2])}", Ink.LATE)
            return
        if self._shown is None:
            return
        told = "the analysis is complete, every change has owner and date"
        if await confirm(self.app, Ref("INC", self._incident), self._shown.incident.title, "closed", told):
            outcome = await self._do(phases.close, self._incident)
            if outcome is not None:
                self.dismiss(None)


def _type_of(word: str) -> str:
    """The action type that begins with `word`, empty for none."""
    return next((kind for kind in ActionType if word and kind.startswith(word.lower())), "")
