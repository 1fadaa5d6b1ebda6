"""A result as lines for people in front of a terminal."""

from collections.abc import Iterator

from analyzer.gate.ruleset import Result
from analyzer.gate.verdict import Fix, Outcome

WORDS = {Outcome.PASSED: "pass", Outcome.FAILED: "FAIL", Outcome.SKIPPED: "skip", Outcome.UNKNOWN: "UNKNOWN"}


def as_text(result: Result) -> str:
    """Nothing at all where nothing changed; else the lines to fix last, where eyes are."""
    return "" if result.silent else "\n".join(map(_printable, _lines(result)))


def _lines(result: Result) -> Iterator[str]:
    against = f", against {result.against.name}" if result.against else ""
    base = f", on {result.base}" if result.base else ""
    yield f"{result.image.name}{base}{against}"
    width = max((len(verdict.rule) for verdict in result.verdicts), default=0)
    for verdict in result.verdicts:
        yield f"  {WORDS[verdict.outcome]:7} {verdict.rule:{width}}  {verdict.detail} ({verdict.allowed})"
    yield ""
    if result.passed:
        yield "The gate is open."
        return
    if result.fixes:
        yield "To fix:"
    for number, fix in enumerate(result.fixes, 1):
        yield from _fix(number, fix)
    yield f"The gate is shut: {', '.join(verdict.rule for verdict in result.shut)}."


def _fix(number: int, fix: Fix) -> Iterator[str]:
    yield f"  {number}. {fix.what}"
    for label, text in (("", fix.instruction), ("hidden by ", fix.hidden_by), ("path ", fix.path)):
        if text:
            yield f"     {label}{text}"
    if fix.remedy:
        yield f"     {fix.remedy}"


def _printable(line: str) -> str:
    """What would steer a terminal is escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)
