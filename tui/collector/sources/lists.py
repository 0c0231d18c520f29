"""Lists that come in pages, and lists that are kept in the order in which things happened. Pure but for the asking."""

from collections.abc import Awaitable, Callable
from typing import Final

from tui.formats.decode import Json

PAGE: Final = 100
PAGES: Final = 20
"""Pages read in one poll; what is beyond them is older than what they hold."""


async def paged(ask: Callable[[int], Awaitable[Json]], name: str) -> list[dict[str, Json]]:
    """The objects under `name` of all pages; `ask` gets the offset. A page that is not full is the last one."""
    found: list[dict[str, Json]] = []
    for number in range(PAGES):
        page = objects(await ask(number * PAGE), name)
        found += page
        if len(page) < PAGE:
            break
    return found


def objects(body: Json, name: str = "") -> list[dict[str, Json]]:
    """The objects of a list, or of the list under `name`; none where there is no such list."""
    items = body.get(name) if name and isinstance(body, dict) else body
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def text(item: dict[str, Json], *names: str) -> str:
    """The first of `names` that is text; else empty."""
    return next((value for name in names if isinstance(value := item.get(name), str)), "")
