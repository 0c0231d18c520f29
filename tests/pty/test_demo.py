"""`sev demo` as a newcomer meets it: nothing to set up, it plays by itself, it can be driven."""

import os
import sys

import pytest

from tests.support.terminal import Terminal
from tui.logins import own_name

pytestmark = pytest.mark.real

SIZES = ((160, 42), (120, 36), (80, 24))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_it_opens_in_the_middle_of_an_outage(size: tuple[int, int]) -> None:
    cols, rows = size
    with Terminal([sys.executable, "-m", "tui", "demo"], cols=cols, rows=rows) as demo:
        demo.wait_for(lambda screen: "INC-1" in screen and "card-scoring" in screen and "DEMO" in screen)
        screen = demo.wait_for(lambda screen: " ok" in screen.splitlines()[0])
        assert "acknowledge" in screen.splitlines()[2]
        assert "folded: 3 retries that recovered" in screen
        demo.press("q")
        demo.wait_for("q again quits")
        demo.press("q")
        assert demo.wait_exit() == 0


def test_it_plays_to_its_end_by_itself() -> None:
    with Terminal([sys.executable, "-m", "tui", "demo", "--speed", "60"], cols=160, rows=42) as demo:
        demo.wait_for("INC-3")
        demo.wait_for(lambda screen: "INC-3 learn" in screen and "INC-1 learn" in screen)
        assert "INC-2 respond" in demo.text()


def test_who_drives_is_not_overtaken() -> None:
    with Terminal([sys.executable, "-m", "tui", "--as", "kim", "demo"], cols=160, rows=42) as demo:
        demo.wait_for("card-scoring")
        demo.press("a")
        demo.wait_for("acknowledged C-3")
        demo.press("d")
        demo.wait_for("Declare an incident from C-3")
        demo.press("enter")
        demo.wait_for("INC-3  card-scoring")
        demo.press("n")
        demo.wait_for("note INC-3:")
        demo.type("rolling v812 back\r")
        demo.wait_for(f"kim (as {own_name(os.getuid())}): rolling v812 back")
