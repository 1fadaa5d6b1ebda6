"""What every rule of the gate can do, and the way in which a base's own faults are left out."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from analyzer.gate.figures import Figures
from analyzer.gate.verdict import Outcome, Verdict

NOT_KNOWN = "Not known: a layer of the image is missing or damaged."


class Rule(Protocol):
    """A rule is frozen, and knows the line of the file in which it stands."""

    @property
    def name(self) -> str:
        """As files write it."""
        ...

    @property
    def always(self) -> bool:
        """Whether it is judged also where the image did not change: it is about what lies around it."""
        ...

    @property
    def line(self) -> int | None: ...

    @property
    def allowed(self) -> str:
        """The limit in words."""
        ...

    def judge(self, figures: Figures) -> Verdict:
        """What it says of an image."""
        ...


@dataclass(frozen=True, slots=True)
class Disabled:
    """A rule that the file switches off."""

    name: str
    line: int | None = None
    always: ClassVar[bool] = True
    allowed: ClassVar[str] = "disabled"

    def judge(self, figures: Figures) -> Verdict:
        return Verdict(self.name, Outcome.SKIPPED, self.allowed, "Switched off.", line=self.line)


def unknown(rule: Rule, why: str = NOT_KNOWN) -> Verdict:
    """The verdict of a rule that can't judge."""
    return Verdict(rule.name, Outcome.UNKNOWN, rule.allowed, why, line=rule.line)


def skipped(rule: Rule, why: str) -> Verdict:
    """The verdict of a rule that has nothing to judge."""
    return Verdict(rule.name, Outcome.SKIPPED, rule.allowed, why, line=rule.line)
