"""Taking an incident away."""

from pathlib import Path

import msgspec
import pytest

from tests.cli.hand import Hand
from tests.support.scene import Scene


@pytest.fixture
def incident(scene: Scene) -> str:
    return f"INC-{scene.declare(scene.fire('scores'))}"


def test_markdown_on_standard_output(sev: Hand, scene: Scene, incident: str) -> None:
    sev.at(scene.now)
    told = sev.done("export", incident)
    assert told.startswith(f"# Post-mortem {incident}: ")
    assert sev("export", incident, "-o", "-").out == told


def test_a_file_is_written(sev: Hand, incident: str, tmp_path: Path) -> None:
    place = tmp_path / "out.md"
    assert sev.done("export", incident, "-o", str(place)) == f"wrote {place}\n"
    assert place.read_text("utf-8").startswith("# Post-mortem")


def test_json_is_one_object(sev: Hand, incident: str) -> None:
    (one_line,) = sev.json("export", incident)
    pretty = sev.done("export", incident, "--format", "json")
    assert msgspec.json.decode(pretty) == one_line
    assert pretty.count("\n") > 10
    assert list(one_line) == ["incident", "timeline", "rca", "actions", "updates", "head"]


def test_markdown_can_be_asked_for_with_json(sev: Hand, incident: str, tmp_path: Path) -> None:
    place = tmp_path / "out.md"
    said = sev("--json", "export", incident, "--format", "md", "-o", str(place))
    assert (said.code, said.out) == (0, "")
    assert place.exists()


def test_what_cannot_be_exported(sev: Hand, incident: str) -> None:
    sev.refused(1, "export", "INC-9")
    assert "cannot write" in sev.refused(1, "export", incident, "-o", "/nowhere/out.md")
    sev.refused(2, "export", incident, "--format", "docx")
