"""What the README says is what the program does."""

import tomllib
from pathlib import Path

from tui.console.commands import markdown_table

ROOT = Path(__file__).parents[1]


def test_the_key_table_is_the_command_table() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    told = readme.split("<!-- keys -->\n")[1].split("\n<!-- /keys -->")[0]
    assert told == markdown_table()


def test_the_pictures_are_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = [part.split(")")[0] for part in readme.split("](") if part.startswith("screenshots/")]
    assert named
    assert all((ROOT / name).is_file() for name in named)


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    for requirement in project["dependencies"]:
        line = next(line for line in text.splitlines() if requirement in line)
        assert "# " in line, f"{requirement} does not say why it is needed"
