"""How a report of a replay compares with what people know afterwards: found, missed, and proposed for nothing."""

import json
from collections import Counter
from pathlib import Path

import msgspec

from tui.drills.replay import Report
from tui.model.alert import Verdict


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one scenario. `strict`: found where one candidate counts for one incident only.

    `false`: candidates that mostly hold signals of no incident; `judged`: the share of lines with the right verdict.
    """

    incidents: int
    found: int
    strict: int
    missed_sev1: tuple[str, ...]
    candidates: int
    false: int
    judged: float
    severities: int


_WORDS = {"flap": Verdict.FLAPPING}


def score(folder: Path, report: Report) -> Score:
    """Compare `report` with the truth that lies in the scenario's folder."""
    truth = json.loads((folder / "truth.json").read_bytes())
    labels = {one["i"]: one["label"] for one in truth["signals"]}
    group = {n: one.group for one in report.alerts for n in one.signals}
    verdict = {n: one.verdict for one in report.alerts for n in one.signals}
    proposed = {one.group: one for one in report.candidates}
    holders: dict[str, str] = {}
    for incident in truth["incidents"]:
        mine = [n for n, label in labels.items() if label == f"incident:{incident['key']}"]
        held = Counter(group[n] for n in mine if group[n] in proposed).most_common(1)
        if held and held[0][0] is not None and held[0][1] * 2 >= len(mine):
            holders[incident["key"]] = held[0][0]
    grades = {one["key"]: one["severity"] for one in truth["incidents"]}
    false = 0
    for name in set(proposed) - set(holders.values()):
        members = [labels[n] for n, one in group.items() if one == name]
        false += sum(label.startswith("incident:") for label in members) * 2 < max(1, len(members))
    return Score(
        incidents=len(grades),
        found=len(holders),
        strict=len(set(holders.values())),
        missed_sev1=tuple(key for key, grade in grades.items() if grade == 1 and key not in holders),
        candidates=len(proposed),
        false=false,
        judged=sum(verdict[n] == _verdict(label) for n, label in labels.items()) / len(labels),
        severities=sum(proposed[name].severity == grades[key] for key, name in holders.items()),
    )


def _verdict(label: str) -> Verdict:
    word = label.partition(":")[0]
    return _WORDS.get(word) or Verdict(word)
