"""What a rule says of an image, and what to do where it says no."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

MOST_FIXES = 10  # of one rule that are kept: the worst first


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"  # switched off, or there is nothing to compare with
    UNKNOWN = "unknown"  # what the rule asks for is not known: nobody may rely on it, so the gate stays shut


SHUT = frozenset({Outcome.FAILED, Outcome.UNKNOWN})


class Lens(StrEnum):
    """Where the lines to fix are to be looked for."""

    WASTE = "waste"  # hidden bytes of the image's own doing
    OWN = "own"  # its layers above the base
    NEW = "new"  # its layers that the image before does not have
    UNSHARED = "unshared"  # its layers that no other image stands on


@dataclass(frozen=True, slots=True)
class Fix:
    """One line to fix. `what`, `remedy` are sentences of ours; all else is data of the image, with nothing unseen."""

    what: str
    remedy: str
    size: int | None = None  # bytes that it is about
    layer: int | None = None
    instruction: str = ""  # that made the layer
    hidden_by: str = ""  # the instruction that hides it
    path: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`value` and `limit` are bytes, a share from 0 to 1, or a number of places, as `unit` says."""

    rule: str
    outcome: Outcome
    allowed: str  # the limit in words
    detail: str  # one sentence
    unit: str = ""  # bytes, share, places
    value: float | None = None
    limit: float | None = None
    lens: Lens | None = None
    fixes: tuple[Fix, ...] = ()
    line: int | None = None  # of the rules' file
    excused: bool = field(default=False)  # the base alone breaks the rule: what the image adds was judged

    def fixed_by(self, fixes: tuple[Fix, ...]) -> "Verdict":
        """The same with these lines to fix."""
        return replace(self, fixes=(self.fixes or fixes)[:MOST_FIXES])
