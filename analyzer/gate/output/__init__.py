"""The result of a gate for those who read it: one format a file.

Names, paths and instructions in a result are data that strangers wrote. Each format makes them harmless in its own way.
"""

from collections.abc import Callable

from analyzer.gate.output.as_json import as_json
from analyzer.gate.output.as_junit import as_junit
from analyzer.gate.output.as_markdown import as_markdown
from analyzer.gate.output.as_sarif import as_sarif
from analyzer.gate.output.as_text import as_text
from analyzer.gate.ruleset import Result

FORMATS: dict[str, Callable[[Result], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "sarif": as_sarif,
    "markdown": as_markdown,
}
CONTENT_TYPES = {
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
    "junit": "application/xml; charset=utf-8",
    "sarif": "application/sarif+json",
    "markdown": "text/markdown; charset=utf-8",
}
