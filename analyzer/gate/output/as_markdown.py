"""A result as a comment on a merge request, in Markdown as GitHub and GitLab read it."""

import re
from collections.abc import Iterator

from analyzer.gate.ruleset import Result
from analyzer.gate.verdict import Fix, Outcome

SIGNS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.SKIPPED: "➖", Outcome.UNKNOWN: "❔"}
MARK = "<!-- layersite gate -->"
"""The first line: by it a job finds its own comment again."""

_MEANING = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&:])")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def as_markdown(result: Result) -> str:
    """Nothing at all where nothing changed."""
    return "" if result.silent else "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    yield MARK
    said = "is open" if result.passed else "is shut"
    against = f", against {code(result.against.name)}" if result.against else ""
    yield f"### {'✅' if result.passed else '❌'} {code(result.image.name)}: the gate {said}{against}"
    yield ""
    if result.fixes:
        yield "**To fix**"
        yield ""
        for number, fix in enumerate(result.fixes, 1):
            yield from _fix(number, fix)
        yield ""
    yield "| | rule | allowed | found |"
    yield "|---|---|---|---|"
    for verdict in result.verdicts:
        cells = (SIGNS[verdict.outcome], plain(verdict.rule), plain(verdict.allowed), plain(verdict.detail))
        yield f"| {' | '.join(cells)} |"


def _fix(number: int, fix: Fix) -> Iterator[str]:
    yield f"{number}. {plain(fix.what)}"
    for label, text in (("", fix.instruction), ("hidden by ", fix.hidden_by), ("path ", fix.path)):
        if text:
            yield f"   - {label}{code(text)}"
    if fix.remedy:
        yield f"   - {plain(fix.remedy)}"


def plain(text: str) -> str:
    """A text that means nothing but itself: no markup, no link, nobody called by name."""
    escaped = _MEANING.sub(r"\\\1", _UNSEEN.sub(" ", text))
    # A zero-width space takes the meaning from @name, and from an address that would become a link.
    return escaped.replace("@", "@\u200b").replace("www.", "www\u200b.")


def code(text: str) -> str:
    """A text as code: in there nothing has a meaning but as many backticks as began it."""
    text = _UNSEEN.sub(" ", text).strip() or " "
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
