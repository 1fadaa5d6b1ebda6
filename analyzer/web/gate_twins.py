"""The tables of the Gate page as rows for their JSON and CSV twins."""

from collections.abc import Callable
from typing import Any

from analyzer.gate.output.document import fix_document
from analyzer.selectors.figures import rfc3339
from analyzer.selectors.gate_page import GatePage

Row = dict[str, Any]


def rules(page: GatePage) -> list[Row]:
    return [
        {
            "rule": verdict.rule,
            "outcome": verdict.outcome.value,
            "detail": verdict.detail,
            "allowed": verdict.allowed,
            "unit": verdict.unit or None,
            "value": verdict.value,
            "limit": verdict.limit,
            "excused": verdict.excused,
            "line": verdict.line,
        }
        for verdict in page.result.verdicts
    ]


def fixes(page: GatePage) -> list[Row]:
    return [{"rule": verdict.rule, **fix_document(fix)} for verdict in page.result.shut for fix in verdict.fixes]


def runs(page: GatePage) -> list[Row]:
    return [
        {
            "at": rfc3339(run.row.at),
            "passed": run.row.passed,
            "reference": f"{run.row.repository}:{run.row.tag}" if run.row.repository else None,
            "failed": run.broken,
            "against": run.against or None,
            "rules_file": run.row.rules_name or None,
            "team": run.row.team.name,
            "user": run.row.user.get_username() if run.row.user else None,
        }
        for run in page.runs
    ]


TABLES: dict[str, tuple[Callable[[GatePage], list[Row]], tuple[str, ...]]] = {
    "rules": (rules, ("rule", "outcome", "detail", "allowed", "unit", "value", "limit", "excused", "line")),
    "fixes": (fixes, ("rule", "what", "remedy", "size", "layer", "instruction", "hidden_by", "path")),
    "runs": (runs, ("at", "passed", "reference", "failed", "against", "rules_file", "team", "user")),
}
"""`part` of the address → its rows and the columns of the CSV."""
