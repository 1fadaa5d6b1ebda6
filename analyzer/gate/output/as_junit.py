"""A result as a JUnit report: a test case for each rule, as CI systems show them."""

import re
from xml.etree import ElementTree

from analyzer.gate.ruleset import Result
from analyzer.gate.verdict import Fix, Outcome, Verdict

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def as_junit(result: Result) -> str:
    """One suite. What can't be judged is an error, what was not judged is skipped."""
    outcomes = [verdict.outcome for verdict in result.verdicts]
    counts = {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.UNKNOWN)),
        "skipped": str(outcomes.count(Outcome.SKIPPED)),
    }
    root = ElementTree.Element("testsuites", {"name": "layersite gate", **counts, "time": "0"})
    suite = ElementTree.SubElement(root, "testsuite", {"name": _clean(result.image.name), **counts, "time": "0"})
    for verdict in result.verdicts:
        _case(suite, verdict, result)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, verdict: Verdict, result: Result) -> None:
    names = {"classname": f"layersite.gate.{_clean(result.image.name)}", "name": _clean(verdict.rule), "time": "0"}
    if result.rules.name:
        names["file"] = _clean(result.rules.name)
        if verdict.line is not None:
            names["line"] = str(verdict.line)
    case = ElementTree.SubElement(suite, "testcase", names)
    message = _clean(f"{verdict.detail} ({verdict.allowed})")
    if verdict.outcome is Outcome.SKIPPED:
        ElementTree.SubElement(case, "skipped", {"message": message})
    elif verdict.outcome is not Outcome.PASSED:
        kind = "failure" if verdict.outcome is Outcome.FAILED else "error"
        told = ElementTree.SubElement(case, kind, {"message": message, "type": verdict.outcome.value})
        told.text = _clean("\n".join([message, *map(_fix, verdict.fixes)]))


def _fix(fix: Fix) -> str:
    parts = (fix.what, fix.instruction, fix.hidden_by and f"hidden by {fix.hidden_by}", fix.path, fix.remedy)
    return "- " + "\n  ".join(part for part in parts if part)


def _clean(text: str) -> str:
    """Without what XML can't hold; markup is escaped by whoever writes it."""
    return _NO_XML.sub("\ufffd", text)
