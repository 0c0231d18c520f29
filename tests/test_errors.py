"""What an error says and what it makes a command exit with."""

import pytest

from tui import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.SevError, 1),
        (errors.NotFoundError, 1),
        (errors.RejectedError, 1),
        (errors.NotJsonError, 1),
        (errors.BrokenError, 1),
        (errors.UsageError, 2),
        (errors.StoreError, 3),
        (errors.StoreBusyError, 3),
        (errors.StoreFullError, 3),
        (errors.StoreTooNewError, 3),
        (errors.RefusedError, 4),
        (errors.ChangedError, 4),
    ],
)
def test_what_why_and_what_to_do(kind: type[errors.SevError], code: int) -> None:
    error = kind("INC-1 stays", "no reason", "add --reason TEXT")
    assert str(error) == "INC-1 stays: no reason: add --reason TEXT"
    assert str(kind("INC-1 stays", "", "add one")) == "INC-1 stays: add one"
    assert error.exit_code == code


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = errors.__doc__ or ""
    for name, kind in vars(errors).items():
        if isinstance(kind, type):
            assert f"{name} " in drawn, f"{name} is not drawn"
