"""What a console says once it is open: that nothing collects when it closes, and which drafts wait."""

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
