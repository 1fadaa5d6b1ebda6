"""Rules about bytes. They judge what an image adds: what its base alone breaks is not held against it."""

from dataclasses import dataclass
from typing import ClassVar

from analyzer.filetree.waste import efficiency
from analyzer.gate.figures import Figures, Part
from analyzer.gate.rule import skipped, unknown
from analyzer.gate.verdict import Lens, Outcome, Verdict
from analyzer.units import binary_text


@dataclass(frozen=True, slots=True)
class Efficiency:
    """1 - own waste / image size is at least `lowest`, from 0 to 1. What is hidden inside the base does not count."""

    lowest: float
    line: int | None = None
    name: ClassVar[str] = "efficiency"
    always: ClassVar[bool] = False

    @property
    def allowed(self) -> str:
        return f"at least {percent(self.lowest)}"

    def judge(self, figures: Figures) -> Verdict:
        if figures.image is None:
            return unknown(self)
        own = figures.image.waste - figures.inherited.waste
        value = efficiency(own, figures.image.size)
        outcome = Outcome.FAILED if value < self.lowest else Outcome.PASSED
        inside = f", beside {binary_text(figures.inherited.waste)} inside the base" if figures.inherited.waste else ""
        detail = f"{percent(value)}: {binary_text(own)} of {binary_text(figures.image.size)} is hidden{inside}."
        return Verdict(
            self.name, outcome, self.allowed, detail, "share", value, self.lowest, Lens.WASTE, line=self.line
        )


@dataclass(frozen=True, slots=True)
class Most:
    """A number of bytes that may be reached and not passed.

    Where the base alone passes it, what the image adds to its base is judged by it instead.
    """

    most: int
    line: int | None = None
    name: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    lens: ClassVar[Lens] = Lens.WASTE
    always: ClassVar[bool] = False

    @property
    def allowed(self) -> str:
        return f"at most {binary_text(self.most)}"

    def judge(self, figures: Figures) -> Verdict:
        if figures.image is None:
            return unknown(self)
        value, inherited = self.counted(figures.image), self.counted(figures.inherited)
        excused = inherited > self.most
        judged = value - inherited if excused else value
        outcome = Outcome.FAILED if judged > self.most else Outcome.PASSED
        detail = f"{binary_text(value)} {self.noun}."
        if excused:
            detail = (
                f"{binary_text(judged)} {self.noun} above the base, which alone has {binary_text(inherited)}: that is"
                " not held against this image."
            )
        return self.verdict(outcome, detail, judged, excused)

    def counted(self, part: Part) -> int:
        """What of a chain the rule is about."""
        raise NotImplementedError

    def verdict(self, outcome: Outcome, detail: str, value: int, excused: bool = False) -> Verdict:
        return Verdict(
            self.name,
            outcome,
            self.allowed,
            detail,
            "bytes",
            value,
            self.most,
            self.lens,
            line=self.line,
            excused=excused,
        )


@dataclass(frozen=True, slots=True)
class Waste(Most):
    """Bytes that the merged view does not show."""

    name: ClassVar[str] = "waste"
    noun: ClassVar[str] = "hidden"

    def counted(self, part: Part) -> int:
        return part.waste


@dataclass(frozen=True, slots=True)
class OwnWaste(Most):
    """Bytes that layers above the base hide."""

    name: ClassVar[str] = "own-waste"

    def counted(self, part: Part) -> int:
        return part.waste

    def judge(self, figures: Figures) -> Verdict:
        if figures.image is None:
            return unknown(self)
        own = figures.image.waste - figures.inherited.waste
        outcome = Outcome.FAILED if own > self.most else Outcome.PASSED
        where = " by layers above the base" if figures.base else ""
        return self.verdict(outcome, f"{binary_text(own)} hidden{where}.", own)


@dataclass(frozen=True, slots=True)
class Size(Most):
    """The image's layers added up."""

    name: ClassVar[str] = "size"
    noun: ClassVar[str] = "in all"
    lens: ClassVar[Lens] = Lens.OWN

    def counted(self, part: Part) -> int:
        return part.size


@dataclass(frozen=True, slots=True)
class Unshared(Most):
    """Bytes of chains that no other image stands on: what this image alone takes of an engine's disk."""

    name: ClassVar[str] = "unshared"
    lens: ClassVar[Lens] = Lens.UNSHARED

    def counted(self, part: Part) -> int:
        return part.size

    def judge(self, figures: Figures) -> Verdict:
        if figures.unshared is None:
            return unknown(self)
        outcome = Outcome.FAILED if figures.unshared > self.most else Outcome.PASSED
        detail = f"{binary_text(figures.unshared)} that no other image shares."
        return self.verdict(outcome, detail, figures.unshared)


@dataclass(frozen=True, slots=True)
class Growth:
    """Bytes that the image has more than the one accepted before; a number of them, or a share of that one's size.

    Where it passes the limit because its base grew, what it grew above its base is judged instead.
    """

    most: int | None = None
    share: float | None = None  # of the size before, from 0
    line: int | None = None
    name: ClassVar[str] = "growth"
    always: ClassVar[bool] = False

    @property
    def allowed(self) -> str:
        return f"at most {binary_text(self.most)}" if self.most is not None else f"at most {percent(self.share or 0)}"

    def judge(self, figures: Figures) -> Verdict:
        before = figures.before
        if before is None:
            return skipped(self, "No image of this name was accepted before: there is nothing to compare with.")
        if figures.image is None or before.size is None:
            return unknown(self)
        limit = self.most if self.most is not None else int((self.share or 0) * before.size)
        grown = figures.image.size - before.size
        detail = f"{_signed(grown)} against {before.name}."
        excused = False
        if grown > limit and figures.base is not None and before.base_size is not None:
            by_base = figures.base.size - before.base_size
            if by_base > 0:
                excused, grown = True, grown - by_base
                detail = f"{_signed(grown)} against {before.name}, its base's {_signed(by_base)} set aside."
        outcome = Outcome.FAILED if grown > limit else Outcome.PASSED
        return Verdict(
            self.name,
            outcome,
            self.allowed,
            detail,
            "bytes",
            grown,
            limit,
            Lens.NEW,
            line=self.line,
            excused=excused,
        )


def percent(share: float) -> str:
    """A share from 0 to 1 as people read it, not rounded up to what it is not."""
    text = f"{int(share * 10_000 + 1e-6) / 100:.2f}".rstrip("0").rstrip(".")
    return f"{text} %"


def _signed(size: int) -> str:
    return f"+{binary_text(size)}" if size >= 0 else binary_text(size)
