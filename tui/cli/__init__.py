"""The verbs. One file for each family of them; what a verb needs is imported inside it, so that `sev ack` starts fast.

`main` runs a command line and turns every error into one line, `root` knows which verb lives
where, `session` is what a verb works with.
"""

import sys


def run() -> None:
    """Run this process's command line and exit with its code."""
    from tui.cli.main import main

    if "--line" not in sys.argv:
        sys.exit(main(sys.argv[1:]))
    _run_for_a_prompt()


def _run_for_a_prompt() -> None:
    """A prompt waits for `sev status --line`: no collecting of garbage, no tidying up of modules at the end."""
    import gc
    import os

    from tui.cli.main import main

    gc.disable()
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)
