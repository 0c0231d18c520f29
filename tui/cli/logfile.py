"""The log file: where tracebacks go, which no person at a terminal is shown."""

import logging
from pathlib import Path

import platformdirs

from tui.model.text import visible


def _plain(record: logging.LogRecord) -> bool:
    """Make what a record quotes visible: it can't act on the terminal that shows the log, nor begin a line in it."""
    record.msg, record.args = visible(record.getMessage()), None
    return True


class _Traceback(logging.Formatter):
    """The usual form, its tracebacks without a control character."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(visible(line) for line in super().format(record).split("\n"))


def log_to_file() -> str:
    """Point the log at its file; returns what to tell the person about it."""
    path = Path(platformdirs.user_state_dir("sev", appauthor=False)) / "sev.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        logging.getLogger("sev").addHandler(logging.NullHandler())
        return f"its log {path} cannot be written: {error.strerror}"
    handler.addFilter(_plain)
    handler.setFormatter(_Traceback("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("sev")
    logger.handlers[:] = [handler]
    logger.propagate = False
    return f"the details are in {path}"


def close_log() -> None:
    """Give the log file back."""
    logger = logging.getLogger("sev")
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
