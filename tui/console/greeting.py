"""What a console says as it opens and closes: that nothing collects without it, and which drafts wait."""

from tui.console.session import Session


def greeting(session: Session) -> str:
    """One line, empty where there is nothing to say."""
    waiting = session.drafts.waiting()
    drafts = f"{'a draft waits' if len(waiting) == 1 else f'{len(waiting)} drafts wait'}: {', '.join(waiting[:3])}"
    return "   ".join(part for part in (collecting(session), drafts if waiting else "") if part)


def collecting(session: Session) -> str:
    """What this console has to do with the collector; empty where another process collects."""
    collector = session.collector
    if collector is None:
        return ""
    if collector.trouble:
        return f"this console cannot collect: {collector.trouble}"
    return "nothing collects once this console closes: `sev setup` makes a service" if collector.runs else ""


def collects_no_more(session: Session) -> str:
    """What quitting means for everybody, behind a remark: the collector of this console ends with it."""
    return "; its collector ends with it" if session.collector is not None and session.collector.runs else ""
