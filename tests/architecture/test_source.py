"""What holds for every file of the package: explained, small, and nothing waved through."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "tui"
FILES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 350
LONGEST_FUNCTION = 60
WAVED_THROUGH = re.compile(r"#.*\b(type:\s*ignore|noqa|pragma|pylint)|#\s*(TODO|FIXME|XXX|HACK)\b")
STATEMENT = re.compile(r"\s*(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|PRAGMA)\s")


def name(file: Path) -> str:
    return str(file.relative_to(PACKAGE.parent))


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in FILES:
        yield file, ast.parse(file.read_text("utf-8"), str(file))


def comments(file: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_there_is_something_to_look_at() -> None:
    assert len(FILES) > 40


def test_every_module_says_what_lives_in_it() -> None:
    assert [name(file) for file, tree in trees() if not ast.get_docstring(tree)] == []


def test_every_public_class_and_function_of_the_lower_rooms_says_what_it_is_for() -> None:
    silent = [
        f"{name(file)}:{node.lineno} {node.name}"
        for file, tree in trees()
        if file.relative_to(PACKAGE).parts[0] in ("model", "desk", "triage")
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not (isinstance(node, ast.ClassDef) and node.bases and ast.unparse(node.bases[0]) == "StrEnum")
    ]
    assert silent == []


def test_no_warning_is_waved_through() -> None:
    found = [
        f"{name(file)}:{line} {text}" for file in FILES for line, text in comments(file) if WAVED_THROUGH.search(text)
    ]
    assert found == []


def test_files_stay_small() -> None:
    sizes = {name(file): len(file.read_text("utf-8").splitlines()) for file in FILES}
    assert {file: lines for file, lines in sizes.items() if lines > LONGEST_FILE} == {}


def test_functions_stay_small() -> None:
    long = [
        f"{name(file)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for file, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_sql_is_spoken_in_the_store_only() -> None:
    spoken = [
        f"{name(file)}:{node.lineno} {node.value[:50]!r}"
        for file, tree in trees()
        if file.relative_to(PACKAGE).parts[0] != "store"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value)
    ]
    assert spoken == []


def test_only_one_file_chooses_the_sqlite() -> None:
    choosing = {
        name(file)
        for file, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in ("sqlite3", "pysqlite3")
    }
    assert choosing == {"tui/store/sqlite.py"}
