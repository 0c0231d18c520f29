"""Writing the post-mortem where the person is."""

import asyncio
from pathlib import Path

from tui.console.session import Session
from tui.errors import SevError
from tui.reports.postmortem import build, to_markdown


async def write_postmortem(session: Session, incident: int) -> Path:
    """The Markdown post-mortem in the current folder, in place of an earlier one. Raises SevError."""
    facts = await session.read(lambda conn: build(conn, incident))
    path = Path.cwd() / f"INC-{incident}.md"
    try:
        await asyncio.to_thread(path.write_text, to_markdown(facts, session.clock()), "utf-8")
    except OSError as error:
        raise SevError(f"cannot write {path}", error.strerror or str(error), "start sev in a folder you own") from error
    return path
