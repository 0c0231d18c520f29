"""Which characters the terminal takes: said by the locale, never by Python's own UTF-8 mode."""

import subprocess
import sys

import pytest

from tui.encoding import carries_signs, terminal_encoding


@pytest.mark.parametrize(
    ("environ", "encoding"),
    [
        ({}, "ascii"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, "utf-8"),
        ({"LANG": "C.utf8"}, "utf-8"),
        ({"LC_CTYPE": "UTF-8"}, "utf-8"),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, "iso8859-15"),
        ({"LANG": "de_DE@euro"}, "ascii"),
        ({"LANG": "xx.NO-SUCH-THING"}, "ascii"),
        ({"LANG": "", "LC_ALL": "", "LC_CTYPE": ""}, "ascii"),
        ({"LANG": "C", "PYTHONUTF8": "1"}, "utf-8"),
    ],
)
def test_the_locale_says_it(environ: dict[str, str], encoding: str) -> None:
    assert terminal_encoding(environ) == encoding


@pytest.mark.parametrize(
    ("environ", "encoding"), [({}, "ascii"), ({"LANG": "C"}, "ascii"), ({"LC_CTYPE": "C.UTF-8"}, "utf-8")]
)
def test_what_python_puts_into_the_environment_by_itself_does_not_count(environ: dict[str, str], encoding: str) -> None:
    code = "from tui.encoding import terminal_encoding; print(terminal_encoding())"
    ran = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == encoding


@pytest.mark.parametrize(
    ("encoding", "signs"), [("utf-8", True), ("gb18030", True), ("latin-1", False), ("ascii", False)]
)
def test_signs_need_an_encoding_that_has_them(encoding: str, signs: bool) -> None:
    assert carries_signs(encoding) is signs
