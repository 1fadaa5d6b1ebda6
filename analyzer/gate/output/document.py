"""A result as the JSON document that programs read. Fields are added, never taken away."""

from typing import Any

from analyzer.gate.ruleset import Result, Subject
from analyzer.gate.verdict import Fix, Verdict

Document = dict[str, Any]


def document_of(result: Result) -> Document:
    """Sizes in bytes; null is not known. `fix`: the lines to fix, three at most."""
    return {
        "passed": result.passed,
        "changed": result.changed,
        "image": _subject(result.image),
        "against": _subject(result.against) if result.against else None,
        "base": result.base or None,
        "rules_file": result.rules.name or None,
        "rules": [_verdict(verdict) for verdict in result.verdicts],
        "fix": [fix_document(fix) for fix in result.fixes],
    }


def _subject(subject: Subject) -> Document:
    return {
        "name": subject.name,
        "image_id": subject.image_id,
        "ref": subject.ref,
        "references": list(subject.references),
        "size": subject.size,
    }


def _verdict(verdict: Verdict) -> Document:
    return {
        "rule": verdict.rule,
        "outcome": verdict.outcome.value,
        "allowed": verdict.allowed,
        "detail": verdict.detail,
        "unit": verdict.unit or None,
        "value": verdict.value,
        "limit": verdict.limit,
        "excused": verdict.excused,
        "line": verdict.line,
        "fixes": [fix_document(fix) for fix in verdict.fixes],
    }


def fix_document(fix: Fix) -> Document:
    """One line to fix."""
    return {
        "what": fix.what,
        "remedy": fix.remedy,
        "size": fix.size,
        "layer": fix.layer,
        "instruction": fix.instruction or None,
        "hidden_by": fix.hidden_by or None,
        "path": fix.path or None,
    }
