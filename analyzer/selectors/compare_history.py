"""Two histories side by side: the steps that only one has, and those that differ in when or by what they were made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

Step = Mapping[str, Any]
MOST_STEPS = 1_000
"""Steps of a history that are aligned; nobody builds more, and aligning takes their square."""


@dataclass(frozen=True, slots=True)
class StepPair:
    """A step of the first history, of the second, or of both, by its number from the bottom; what changed of both."""

    first: int | None
    second: int | None
    created_by: str
    changed: tuple[str, ...] = ()

    @property
    def change(self) -> str:
        return "added" if self.first is None else "removed" if self.second is None else "modified"


def history_pairs(first: Sequence[Step], second: Sequence[Step], *, semantic: bool) -> Iterator[StepPair]:
    """The steps that differ, bottom first. `semantic` leaves out when and by whom a step was made."""
    old, new = first[:MOST_STEPS], second[:MOST_STEPS]
    matcher = SequenceMatcher(None, list(map(_said, old)), list(map(_said, new)), autojunk=False)
    for word, i1, i2, j1, j2 in matcher.get_opcodes():
        if word != "equal":
            yield from (StepPair(i, None, _by(old[i])) for i in range(i1, i2))
            yield from (StepPair(None, j, _by(new[j])) for j in range(j1, j2))
        elif not semantic:
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                changed = tuple(key for key in ("created", "comment", "author") if old[i].get(key) != new[j].get(key))
                if changed:
                    yield StepPair(i, j, _by(new[j]), changed)


def _said(step: Step) -> tuple[str, bool]:
    return _by(step), bool(step.get("empty_layer"))


def _by(step: Step) -> str:
    return str(step.get("created_by") or "")
