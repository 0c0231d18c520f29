"""Who may load what: proved by loading it, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scene import Scene
from tui.store.engine import Store

ROOT = Path(__file__).parents[2]
LOAD = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps([*sys.modules]))
"""
RUN = """
import json, sys
out = sys.stdout
from tui.__main__ import main
sys.argv[0] = "sev"
code = 0
try:
    main()
except SystemExit as stop:
    code = stop.code
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def modules_of(*rooms: str) -> list[str]:
    """The name of every module of these rooms of the package, of all without any."""
    files = sorted(file.relative_to(ROOT) for room in rooms or ("",) for file in (ROOT / "tui" / room).rglob("*.py"))
    return [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]


def loaded(names: list[str]) -> set[str]:
    """Every module in memory once these are loaded."""
    assert names
    done = python(LOAD, *names)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_nothing_but_the_console_loads_textual() -> None:
    modules = loaded([name for name in modules_of() if not name.startswith("tui.console")])
    assert {"tui.store.aio", "tui.desk.undo", "tui.triage.judge", "tui.config"} <= modules
    assert not {name for name in modules if name.startswith("tui.console")}
    assert not {"textual", "rich"} & tops(modules)


def test_the_console_is_where_textual_is() -> None:
    assert "textual" in tops(loaded(modules_of("console")))


def test_model_triage_and_formats_do_no_input_or_output() -> None:
    modules = loaded(modules_of("model", "triage", "formats"))
    assert not {name for name in modules if name.startswith(("tui.store", "tui.desk", "tui.config"))}
    outside = {
        "asyncio",
        "socket",
        "subprocess",
        "sqlite3",
        "pysqlite3",
        "aiosqlite",
        "aiohttp",
        "click",
        "platformdirs",
    }
    assert not outside & tops(modules)


def test_the_version_costs_nothing() -> None:
    done = python(
        "import sys; before = set(sys.modules); import tui; print(*set(sys.modules) - before, tui.__version__)"
    )
    name, version = done.stdout.split()
    assert name == "tui"
    assert version[0].isdigit()


@pytest.fixture
def filled(scene: Scene, store: Store) -> Path:
    """A store with something in it to tell."""
    scene.candidate_of("orders", "cards")
    scene.declare(candidate=1)
    return store.path


@pytest.mark.parametrize(
    "words",
    [
        ["alerts"],
        ["alerts", "--json"],
        ["incidents"],
        ["show", "INC-1"],
        ["timeline", "INC-1"],
        ["status"],
        ["ack", "A-1"],
        ["note", "INC-1", "so it is"],
    ],
)
def test_a_verb_starts_without_what_it_does_not_need(filled: Path, words: list[str]) -> None:
    done = python(RUN, "--store", str(filled), *words)
    lines = done.stderr.splitlines()
    code, modules = json.loads(lines[-1])
    assert code in (0, 1) if words == ["status"] else code == 0, done.stderr
    assert done.stdout
    assert not {"asyncio", "textual", "rich", "aiohttp", "aiosqlite"} & tops(set(modules))


def test_the_contracts_of_the_house_hold() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = python(code, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
