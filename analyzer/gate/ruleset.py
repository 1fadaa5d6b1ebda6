"""Rules together, and what they say of one image."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzer.gate.figures import Figures
from analyzer.gate.places import Findings, ForbiddenFiles, NewestBase
from analyzer.gate.rule import Rule, skipped
from analyzer.gate.sizes import Efficiency, Growth
from analyzer.gate.verdict import SHUT, Fix, Lens, Outcome, Verdict

LINES = 3  # to fix, that people are told
UNCHANGED = "Nothing changed against the image that it is compared with."


@dataclass(frozen=True, slots=True)
class RuleSet:
    """`name` is what its file is called; empty for the rules that hold where there is none."""

    rules: tuple[Rule, ...]
    name: str = ""
    text: str = ""

    @property
    def digest(self) -> str:
        """The same for the same rules."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def globs(self) -> tuple[str, ...]:
        """Of forbidden files."""
        return tuple(glob for rule in self.rules if isinstance(rule, ForbiddenFiles) for glob in rule.globs)

    @property
    def asks_for_findings(self) -> bool:
        return any(isinstance(rule, Findings) for rule in self.rules)

    @property
    def needs_search(self) -> bool:
        """Whether a rule has to wait until layers were searched for secrets."""
        return any(isinstance(rule, Findings) and rule.needs_search for rule in self.rules)

    def judge(self, figures: Figures, *, changed: bool = True) -> tuple[Verdict, ...]:
        """A verdict for each rule. Where the image did not change, only what lies around it is judged."""
        return tuple(rule.judge(figures) if changed or rule.always else skipped(rule, UNCHANGED) for rule in self.rules)


DEFAULTS = RuleSet((Efficiency(0.9), Growth(share=0.25), NewestBase(), Findings(("error", "secret-file"))))
"""The rules of whoever writes none."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An image as it is told of. Sizes in bytes, None where a layer is missing."""

    name: str
    image_id: str
    ref: str
    references: tuple[str, ...] = ()
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What the gate says of an image. `against`: the image that it is compared with."""

    image: Subject
    against: Subject | None
    base: str
    changed: bool
    rules: RuleSet
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        return not self.shut

    @property
    def shut(self) -> tuple[Verdict, ...]:
        """The verdicts that keep the gate shut."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome in SHUT)

    @property
    def silent(self) -> bool:
        """Nothing changed, and nothing is to be said."""
        return self.passed and not self.changed

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The lines to fix: the worst of each rule that failed before the second of any."""
        return lines_to_fix(self.shut)


def lenses(verdicts: Sequence[Verdict]) -> frozenset[Lens]:
    """Where lines to fix are to be looked for."""
    return frozenset(each.lens for each in verdicts if each.lens is not None and each.outcome is Outcome.FAILED)


def with_fixes(verdicts: Sequence[Verdict], found: Mapping[Lens, Sequence[Fix]]) -> tuple[Verdict, ...]:
    """The verdicts, each that failed with its lines to fix."""
    return tuple(
        each.fixed_by(tuple(found.get(each.lens, ()) if each.lens is not None else ()))
        if each.outcome is Outcome.FAILED
        else each
        for each in verdicts
    )


def lines_to_fix(verdicts: Sequence[Verdict]) -> tuple[Fix, ...]:
    """LINES of them at most, no two the same: turn by turn, so that no rule is left out for another's many."""
    told: dict[Fix, None] = {}
    longest = max((len(verdict.fixes) for verdict in verdicts), default=0)
    for turn in range(longest):
        for verdict in verdicts:
            if turn < len(verdict.fixes):
                told.setdefault(verdict.fixes[turn])
    return tuple(told)[:LINES]
