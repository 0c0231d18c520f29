"""Seen before: how much an earlier incident is like what goes on now, by words and place in the lineage. Pure."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from tui.model.catalog import Graph, normal
from tui.model.text import Safe, clean

LEAST: Final = 0.25
"""An incident less alike than this is not worth a look."""
_WORDS_ASKED: Final = 48
_NEAR: Final = 2  # steps of lineage
_WORDS_COUNT, _PLACE_COUNTS = 0.6, 0.4
_SAME, _NEXT_TO, _SHARED, _RELATED = 1.0, 0.6, 0.5, 0.3
_WORD: Final = re.compile(r"[^\W_]+")
_FILLER: Final = (
    "the and for not was were with from that this has have had are its into than then they them there which while "
    "failed fails failing failure error errors alert incident since after before over under only also been being "
    "will would can could out off one two now all any because what when where who why how "
    "wrong late missing risk hit tier consumer consumers least expected"
)
_TELLS_NOTHING: Final = frozenset(_FILLER.split())


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on, as far as it can have happened before: its likely root, its subjects, the words told of it."""

    root: Safe
    subjects: tuple[Safe, ...] = ()
    words: tuple[str, ...] = ()


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier incident as a search found it. `rank`: how well its words fit (BM25, larger is better).

    `shared`: which of the story's words it has.
    """

    incident: int
    rank: float
    shared: frozenset[str]
    roots: tuple[Safe, ...] = ()
    subjects: tuple[Safe, ...] = ()


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """How much an earlier incident is like the story: 0 to 1, and by what."""

    incident: int
    score: float
    why: tuple[Safe, ...]


def telling(*texts: str) -> tuple[str, ...]:
    """The words of texts that can tell one story from another, each once, in order; numbers and filler are none."""
    found = dict.fromkeys(word for text in texts for word in _WORD.findall(text.lower()))
    kept = (word for word in found if len(word) > 2 and not word.isdigit() and word not in _TELLS_NOTHING)
    return tuple(kept)[:_WORDS_ASKED]


def weights(words: Iterable[str], having: Mapping[str, int], every: int) -> dict[str, float]:
    """What each word is worth: the fewer of `every` incidents have it (`having`), the more."""
    return {word: math.log(1 + (every - having.get(word, 0) + 0.5) / (having.get(word, 0) + 0.5)) for word in words}


def most_alike(
    story: Story,
    found: Sequence[Earlier],
    worth: Mapping[str, float],
    graph: Graph,
    limit: int = 3,
    least: float = LEAST,
) -> list[Alike]:
    """The earlier incidents that are alike enough, the most alike first."""
    whole = sum(worth.get(word, 0.0) for word in story.words) or 1.0
    best = max((one.rank for one in found), default=0.0) or 1.0
    shares = {one.incident: sum(worth.get(word, 0.0) for word in one.shared) / whole for one in found}
    most = max(shares.values(), default=0.0)
    alike = []
    for one in found:
        words = (shares[one.incident] + most * one.rank / best) / 2
        place, why = _place(story, one, graph)
        told = [why] if why else []
        rare = sorted(one.shared, key=lambda word: (-worth.get(word, 0.0), story.words.index(word)))
        if rare:
            told.append(clean(f"words: {', '.join(rare[:4])}"))
        score = _WORDS_COUNT * math.sqrt(words) + _PLACE_COUNTS * place
        alike.append(Alike(incident=one.incident, score=min(score, 1.0), why=tuple(told)))
    alike.sort(key=lambda one: (-one.score, -one.incident))
    return [one for one in alike if one.score >= least][:limit]


def _place(story: Story, one: Earlier, graph: Graph) -> tuple[float, Safe | None]:
    """How near the two lie to each other, by catalog or at least by name."""
    own = graph.names_of(story.root) if story.root else frozenset[str]()
    if any(own & graph.names_of(root) for root in one.roots):
        return _SAME, Safe("same root")
    steps = [far for root in one.roots if (far := _steps(story.root, root, graph)) is not None]
    if steps and min(steps) <= _NEAR:
        return _NEXT_TO, clean(f"its root is {min(steps)} step{'s' if min(steps) > 1 else ''} away")
    subjects = {normal(subject) for subject in story.subjects}
    if subjects & {normal(subject) for subject in one.subjects}:
        return _SHARED, Safe("alerts of the same name")
    return (_RELATED, Safe("same lineage")) if steps else (0.0, None)


def _steps(here: Safe, there: Safe, graph: Graph) -> int | None:
    """How many steps of lineage lie between two names; None where none lead from one to the other."""
    node = graph.find(there)
    if node is None or not here:
        return None
    return graph.upstream(here).get(node.name) or graph.downstream(here).get(node.name)
