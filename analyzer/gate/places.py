"""Rules about what lies in the image's own layers, and about the base under them."""

from dataclasses import dataclass
from typing import ClassVar

from analyzer.gate.figures import Figures, Place, Told
from analyzer.gate.rule import skipped, unknown
from analyzer.gate.verdict import MOST_FIXES, Fix, Outcome, Verdict
from analyzer.oci.findings import Severity
from analyzer.units import grouped

SECRET = "secret-file"  # noqa: S105 - a code of findings


@dataclass(frozen=True, slots=True)
class NewestBase:
    """The name of the base still means the base: nobody pushed a newer one."""

    line: int | None = None
    name: ClassVar[str] = "newest-base"
    allowed: ClassVar[str] = "the newest push of its base"
    always: ClassVar[bool] = True

    def judge(self, figures: Figures) -> Verdict:
        if not figures.base_name:
            return skipped(self, "No base is known.")
        if not figures.newer_base:
            detail = f"{figures.base_name} is the newest push that is known here."
            return Verdict(self.name, Outcome.PASSED, self.allowed, detail, line=self.line)
        fix = Fix(
            f"The base is an older push of {figures.newer_base}.",
            "Pull the base and build again: docker build --pull.",
        )
        detail = f"It stands on an older push of {figures.newer_base}."
        return Verdict(self.name, Outcome.FAILED, self.allowed, detail, fixes=(fix,), line=self.line)


@dataclass(frozen=True, slots=True)
class ForbiddenFiles:
    """No layer of the image's own holds a path that one of the globs matches, hidden or not."""

    globs: tuple[str, ...]
    line: int | None = None
    name: ClassVar[str] = "forbidden-files"
    always: ClassVar[bool] = False

    @property
    def allowed(self) -> str:
        return f"none of {grouped(len(self.globs))} pattern{'' if len(self.globs) == 1 else 's'}"

    def judge(self, figures: Figures) -> Verdict:
        if figures.image is None:
            return unknown(self)
        outcome = Outcome.FAILED if figures.forbidden else Outcome.PASSED
        return Verdict(
            self.name,
            outcome,
            self.allowed,
            _places(figures.forbidden, "forbidden path"),
            "places",
            figures.forbidden,
            0,
            fixes=tuple(map(_forbidden, figures.forbidden_places[:MOST_FIXES])),
            line=self.line,
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """No finding with one of these codes, or of one of these severities, about the image or a layer of its own."""

    codes: tuple[str, ...]  # of oci.findings, or severities
    line: int | None = None
    name: ClassVar[str] = "findings"
    always: ClassVar[bool] = False

    @property
    def allowed(self) -> str:
        return "none of " + ", ".join(self.codes)

    @property
    def needs_search(self) -> bool:
        """Whether it has to wait until the layers were searched for secrets."""
        return SECRET in self.codes or Severity.WARNING in self.codes

    def judge(self, figures: Figures) -> Verdict:
        found = [told for told in figures.findings if told.code in self.codes or told.severity in self.codes]
        if not found and self.needs_search and figures.image is None:
            return unknown(self)
        if not found and self.needs_search and figures.unsearched:
            waiting = _places(figures.unsearched, "layer", "is", "are")
            return unknown(self, f"Not known yet: {waiting[:-1]} still to be searched for secrets.")
        outcome = Outcome.FAILED if found else Outcome.PASSED
        return Verdict(
            self.name,
            outcome,
            self.allowed,
            _places(len(found), "finding"),
            "places",
            len(found),
            0,
            fixes=tuple(map(_found, found[:MOST_FIXES])),
            line=self.line,
        )


def _places(number: int, noun: str, *verb: str) -> str:
    words = f"{grouped(number) if number else 'No'} {noun}{'' if number == 1 else 's'}"
    return f"{words} {verb[number != 1]}." if verb else f"{words}."


def _forbidden(place: Place) -> Fix:
    if place.hidden:
        remedy = "A later layer hides it, and it still can be taken out: never let it into a layer."
    else:
        remedy = "Name it in .dockerignore, or leave it in an earlier stage."
    return Fix("A forbidden file.", remedy, place.size or None, place.layer, place.instruction, path=place.path)


def _found(told: Told) -> Fix:
    return Fix(
        f"{told.code}: {told.detail}", told.advice, layer=told.layer, instruction=told.instruction, path=told.path
    )
