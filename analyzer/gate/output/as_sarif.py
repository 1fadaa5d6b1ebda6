"""A result as SARIF 2.1.0 (OASIS), as code scanning reads it.

A result's place is the line of the rules' file that it breaks: the image has no lines. The layer and the path within
the image are logical locations beside it.
"""

import json
from typing import Any
from urllib.parse import quote

from analyzer.gate.ruleset import Result
from analyzer.gate.verdict import Fix, Outcome, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
NO_FILE = ".layersite-ci.yaml"  # where the rules would stand


def as_sarif(result: Result) -> str:
    """One run; a result for each line to fix of each rule that failed, at least one a rule."""
    names = list(dict.fromkeys(verdict.rule for verdict in result.verdicts))
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "layersite", "rules": [_rule(name, result) for name in names]}},
        "results": [each for verdict in result.shut for each in _results(verdict, names.index(verdict.rule), result)],
        "properties": {"image": result.image.name, "image_id": result.image.image_id, "passed": result.passed},
        "columnKind": "utf16CodeUnits",
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=1).encode(errors="backslashreplace").decode()


def _rule(name: str, result: Result) -> dict[str, Any]:
    verdict = next(each for each in result.verdicts if each.rule == name)
    return {
        "id": name,
        "shortDescription": {"text": DESCRIPTIONS[name]},
        "help": {"text": f"{DESCRIPTIONS[name]} Here: {verdict.allowed}."},
        "defaultConfiguration": {"level": "error"},
    }


def _results(verdict: Verdict, index: int, result: Result) -> list[dict[str, Any]]:
    if not verdict.fixes:
        return [_result(verdict, index, result, None)]
    return [_result(verdict, index, result, fix) for fix in verdict.fixes]


def _result(verdict: Verdict, index: int, result: Result, fix: Fix | None) -> dict[str, Any]:
    told = f"{result.image.name}: {verdict.detail} ({verdict.allowed})"
    if fix is not None:
        told += " " + " ".join(part for part in (fix.what, fix.instruction, fix.path, fix.remedy) if part)
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(result.rules.name or NO_FILE)},
            "region": {"startLine": verdict.line or 1},
        }
    }
    if fix is not None and (fix.path or fix.layer is not None):
        layer = "" if fix.layer is None else f"layer {fix.layer}"
        location["logicalLocations"] = [
            {
                "name": fix.path or layer,
                "fullyQualifiedName": ": ".join(part for part in (result.image.name, layer, fix.path) if part),
                "kind": "resource",
            }
        ]
    return {
        "ruleId": verdict.rule,
        "ruleIndex": index,
        "level": "error" if verdict.outcome is Outcome.FAILED else "warning",
        # Markdown has no meaning in `text`; brackets alone would be a link to a related location (3.11.6).
        "message": {"text": told.replace("[", "\\[").replace("]", "\\]")},
        "locations": [location],
        "partialFingerprints": {"layersiteRule/v1": _fingerprint(verdict, fix)},
    }


def _fingerprint(verdict: Verdict, fix: Fix | None) -> str:
    """The same for the same thing in the next build, whatever its bytes."""
    place = (fix.path or fix.instruction) if fix is not None else ""
    return quote(f"{verdict.rule}:{place}", safe=":/", errors="replace")[:500]


DESCRIPTIONS = {
    "efficiency": "The image's own layers hide too much of it.",
    "waste": "Too many bytes are hidden.",
    "own-waste": "Layers above the base hide too many bytes.",
    "size": "The image is too large.",
    "growth": "The image grew too much against the one accepted before.",
    "unshared": "Too many bytes are shared with no other image.",
    "newest-base": "The base is an older push of its name.",
    "forbidden-files": "A layer holds a file that is forbidden.",
    "findings": "A finding that is not accepted.",
    "lowestEfficiency": "dive's efficiency is too low.",
    "highestWastedBytes": "dive counts too many wasted bytes.",
    "highestUserWastedPercent": "dive counts too large a wasted share of the bytes above the bottom layer.",
}
