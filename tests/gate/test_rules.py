"""What each rule says, on the edges of its limit; what a base breaks alone is not held against an image."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.gate import dive
from analyzer.gate.figures import Before, Figures, Part, Place, Told
from analyzer.gate.places import Findings, ForbiddenFiles, NewestBase
from analyzer.gate.rule import Disabled
from analyzer.gate.ruleset import LINES, RuleSet, lenses, lines_to_fix, with_fixes
from analyzer.gate.sizes import Efficiency, Growth, OwnWaste, Size, Unshared, Waste, percent
from analyzer.gate.verdict import Fix, Lens, Outcome, Verdict

IMAGE = Part(1000, 200, bottom=400, dive_cumulative=1200, dive_minimal=900, dive_wasted=150)
BASE = Part(600, 150, bottom=400, dive_cumulative=700, dive_minimal=420, dive_wasted=140)
ON_BASE = Figures(IMAGE, BASE, "debian:12")
ALONE = Figures(IMAGE)
PEM = ForbiddenFiles(("*.pem",))
WITH_PEM = replace(ALONE, forbidden=1, forbidden_places=(Place("a.pem", 2, 9, True),))


@pytest.mark.parametrize(
    ("rule", "figures", "outcome", "excused"),
    [
        (Efficiency(0.8), ALONE, "passed", False),
        (Efficiency(0.81), ALONE, "failed", False),
        (Efficiency(0.95), ON_BASE, "passed", False),  # 50 of 1,000 are its own
        (Efficiency(1.0), Figures(Part(0, 0)), "passed", False),
        (Waste(200), ALONE, "passed", False),
        (Waste(199), ALONE, "failed", False),
        (Waste(150), ON_BASE, "failed", False),  # the base alone keeps it
        (Waste(149), ON_BASE, "passed", True),
        (Waste(49), ON_BASE, "failed", True),
        (OwnWaste(50), ON_BASE, "passed", False),
        (OwnWaste(49), ON_BASE, "failed", False),
        (OwnWaste(199), ALONE, "failed", False),
        (Size(1000), ALONE, "passed", False),
        (Size(999), ON_BASE, "failed", False),
        (Size(599), ON_BASE, "passed", True),
        (Size(399), ON_BASE, "failed", True),
        (Unshared(10), replace(ALONE, unshared=10), "passed", False),
        (Unshared(9), replace(ALONE, unshared=10), "failed", False),
        (Growth(most=100), ALONE, "skipped", False),
        (Growth(most=100), replace(ALONE, before=Before("app:1", 900, None)), "passed", False),
        (Growth(most=99), replace(ALONE, before=Before("app:1", 900, None)), "failed", False),
        (Growth(share=0.25), replace(ALONE, before=Before("app:1", 800, None)), "passed", False),
        (Growth(share=0.24), replace(ALONE, before=Before("app:1", 800, None)), "failed", False),
        (Growth(most=0), replace(ALONE, before=Before("app:1", 2000, None)), "passed", False),
        (Growth(most=10), replace(ON_BASE, before=Before("app:1", 890, 500)), "passed", True),  # the base grew by 100
        (Growth(most=9), replace(ON_BASE, before=Before("app:1", 890, 500)), "failed", True),
        (Growth(most=10), replace(ON_BASE, before=Before("app:1", 890, 700)), "failed", False),  # the base shrank
        (Growth(most=10), replace(ON_BASE, before=Before("app:1", None, None)), "unknown", False),
        (NewestBase(), ALONE, "skipped", False),
        (NewestBase(), ON_BASE, "passed", False),
        (NewestBase(), replace(ON_BASE, newer_base="debian:12"), "failed", False),
        (PEM, ALONE, "passed", False),
        (PEM, WITH_PEM, "failed", False),
        (Findings(("secret-file",)), ALONE, "passed", False),
        (Findings(("secret-file",)), replace(ALONE, unsearched=1), "unknown", False),
        (Findings(("setuid-file",)), replace(ALONE, unsearched=1), "passed", False),
        (Findings(("warning",)), replace(ALONE, findings=(Told("setuid-file", "warning", "x"),)), "failed", False),
        (Findings(("error",)), replace(ALONE, findings=(Told("setuid-file", "warning", "x"),)), "passed", False),
        (dive.LowestEfficiency(0.75), ALONE, "passed", False),
        (dive.LowestEfficiency(0.751), ALONE, "failed", False),
        (dive.LowestEfficiency(0.9), ON_BASE, "passed", True),  # the base 0.6; what is added 480 / 500
        (dive.LowestEfficiency(0.97), ON_BASE, "failed", True),
        (dive.HighestWastedBytes(150), ALONE, "passed", False),
        (dive.HighestWastedBytes(149), ALONE, "failed", False),
        (dive.HighestWastedBytes(139), ON_BASE, "passed", True),
        (dive.HighestUserWastedPercent(0.25), ALONE, "passed", False),
        (dive.HighestUserWastedPercent(0.24), ALONE, "failed", False),
        (dive.HighestUserWastedPercent(0.24), ON_BASE, "passed", True),  # 10 of 400
        (dive.HighestUserWastedPercent(0.1), Figures(Part(5, 0, bottom=5)), "passed", False),
        (Disabled("size"), ALONE, "skipped", False),
    ],
)
def test_each_rule_on_the_edges_of_its_limit(rule: Any, figures: Figures, outcome: str, excused: bool):
    verdict = rule.judge(figures)
    assert (verdict.outcome.value, verdict.excused) == (outcome, excused), verdict.detail
    assert verdict.detail.endswith(".")


@pytest.mark.parametrize(
    "rule",
    [
        *(Efficiency(0.9), Waste(0), OwnWaste(0), Size(0), Unshared(0), ForbiddenFiles(("x",))),
        *(Findings(("secret-file",)), dive.HighestWastedBytes(0)),
    ],
)
def test_what_is_not_known_does_not_pass(rule: Any):
    assert rule.judge(Figures(None)).outcome is Outcome.UNKNOWN


parts = st.builds(
    lambda size, waste, more: (Part(size, min(waste, size)), Part(size + more[0], min(waste, size) + more[1])),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)),
)


@given(parts, st.integers(0, 10**12))
def test_an_image_that_adds_nothing_is_never_held_responsible(pair: tuple[Part, Part], limit: int):
    base, _ = pair
    figures = Figures(base, base, "base")
    for rule in (Efficiency(1.0), Waste(limit), OwnWaste(0)):
        assert rule.judge(figures).outcome is Outcome.PASSED


@given(parts, st.integers(0, 10**12))
def test_without_a_fault_of_the_base_the_whole_image_is_judged(pair: tuple[Part, Part], limit: int):
    base, image = pair
    verdict = Size(limit).judge(Figures(image, base, "base"))
    judged = image.size if base.size <= limit else image.size - base.size
    assert (verdict.outcome is Outcome.FAILED) == (judged > limit)


def test_an_unchanged_image_is_judged_by_what_lies_around_it_alone():
    rules = RuleSet((Size(0), NewestBase(), Disabled("waste")))
    figures = replace(ON_BASE, newer_base="debian:12")
    assert [each.outcome for each in rules.judge(figures, changed=False)] == ["skipped", "failed", "skipped"]


def test_the_worst_line_of_each_rule_comes_before_the_second_of_any():
    first, second, other = (Fix(what, "") for what in ("a", "b", "c"))
    verdicts = [
        Verdict("waste", Outcome.FAILED, "", "", lens=Lens.WASTE),
        Verdict("efficiency", Outcome.FAILED, "", "", lens=Lens.WASTE),
        Verdict("size", Outcome.FAILED, "", "", lens=Lens.OWN),
        Verdict("growth", Outcome.PASSED, "", "", lens=Lens.NEW),
    ]
    assert lenses(verdicts) == {Lens.WASTE, Lens.OWN}
    found = with_fixes(verdicts, {Lens.WASTE: [first, second] * 9, Lens.OWN: [other], Lens.NEW: [other]})
    assert lines_to_fix(found) == (first, other, second)
    assert len(lines_to_fix(found)) == LINES
    assert not found[3].fixes


def test_a_share_is_not_rounded_up_to_what_it_is_not():
    assert [percent(share) for share in (1.0, 0.99999, 0.9, 0.12345)] == ["100 %", "99.99 %", "90 %", "12.34 %"]
    for hundredths in range(101):
        assert percent(hundredths / 100) == f"{hundredths} %"
        assert dive.LowestEfficiency(hundredths / 100).allowed == f"at least {hundredths / 100:g}"
