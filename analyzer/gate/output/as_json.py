"""A result as JSON."""

import json

from analyzer.gate.output.document import document_of
from analyzer.gate.ruleset import Result


def as_json(result: Result) -> str:
    """One document; lone halves of surrogates, which no UTF-8 can carry, are escaped."""
    text = json.dumps(document_of(result), ensure_ascii=False, indent=1)
    return text.encode(errors="backslashreplace").decode()
