"""The rules of a `.dive-ci` file, judged as dive judges them (wagoodman/dive, "CI integration").

They are about dive's own figures. Where the base alone breaks a rule, what the image adds to those figures is judged.
"""

from dataclasses import dataclass
from typing import ClassVar

from analyzer.gate.figures import Figures, Part
from analyzer.gate.rule import unknown
from analyzer.gate.verdict import Lens, Outcome, Verdict
from analyzer.units import exact

DEFAULTS = {"lowestEfficiency": "0.9", "highestWastedBytes": "disabled", "highestUserWastedPercent": "0.1"}
"""What dive takes where a file leaves a rule out."""


@dataclass(frozen=True, slots=True)
class _DiveRule:
    limit: float
    line: int | None = None
    name: ClassVar[str] = ""
    unit: ClassVar[str] = "share"
    always: ClassVar[bool] = False

    @property
    def allowed(self) -> str:
        return f"at most {self.shown(self.limit)}"

    def judge(self, figures: Figures) -> Verdict:
        if figures.image is None:
            return unknown(self)
        value, excused = self.value(figures.image), False
        if self.broken(value) and figures.base is not None and self.broken(self.value(figures.base)):
            value, excused = self.value(_above(figures.image, figures.base)), True
        outcome = Outcome.FAILED if self.broken(value) else Outcome.PASSED
        where = " above the base, whose own faults are not held against this image" if excused else ""
        detail = f"{self.shown(value)} by dive's count{where}."
        return Verdict(
            self.name,
            outcome,
            self.allowed,
            detail,
            self.unit,
            value,
            self.limit,
            Lens.WASTE,
            line=self.line,
            excused=excused,
        )

    def value(self, part: Part) -> float:
        """dive's figure of a chain."""
        raise NotImplementedError

    def broken(self, value: float) -> bool:
        return value > self.limit

    def shown(self, value: float) -> str:
        return f"{int(value * 10_000 + 1e-6) / 10_000:g}"


@dataclass(frozen=True, slots=True)
class LowestEfficiency(_DiveRule):
    name: ClassVar[str] = "lowestEfficiency"

    @property
    def allowed(self) -> str:
        return f"at least {self.shown(self.limit)}"

    def value(self, part: Part) -> float:
        return part.dive_minimal / part.dive_cumulative if part.dive_cumulative else 1.0

    def broken(self, value: float) -> bool:
        return value < self.limit


@dataclass(frozen=True, slots=True)
class HighestWastedBytes(_DiveRule):
    name: ClassVar[str] = "highestWastedBytes"
    unit: ClassVar[str] = "bytes"

    def value(self, part: Part) -> float:
        return part.dive_wasted

    def shown(self, value: float) -> str:
        return exact(int(value))


@dataclass(frozen=True, slots=True)
class HighestUserWastedPercent(_DiveRule):
    """dive says percent and means a share from 0 to 1."""

    name: ClassVar[str] = "highestUserWastedPercent"

    def value(self, part: Part) -> float:
        above = part.size - part.bottom
        return part.dive_wasted / above if above else 0.0


def _above(image: Part, base: Part) -> Part:
    """What the image adds to dive's sums."""
    return Part(
        size=image.size - base.size,
        waste=image.waste - base.waste,
        bottom=0,
        dive_cumulative=image.dive_cumulative - base.dive_cumulative,
        dive_minimal=image.dive_minimal - base.dive_minimal,
        dive_wasted=image.dive_wasted - base.dive_wasted,
    )
