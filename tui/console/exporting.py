"""Writing into the folder where the person is: the post-mortem, what was copied."""

import asyncio
from pathlib import Path

from tui.console.session import Session
from tui.errors import SevError
from tui.reports.postmortem import build, to_markdown


async def write_postmortem(session: Session, incident: int) -> Path:
    """The Markdown post-mortem in the current folder, in place of an earlier one. Raises SevError."""
    facts = await session.read(lambda conn: build(conn, incident))
    return await _write(f"INC-{incident}.md", to_markdown(facts, session.clock()))


async def write_copy(name: str, text: str) -> Path:
    """What was copied as a text file of its own, in place of an earlier one. Raises SevError."""
    return await _write(f"{name}.txt", text + "\n")


async def _write(name: str, text: str) -> Path:
    path = Path.cwd() / name
    try:
        await asyncio.to_thread(path.write_text, text, "utf-8")
    except OSError as error:
        raise SevError(f"cannot write {path}", error.strerror or str(error), "start sev in a folder you own") from error
    return path
