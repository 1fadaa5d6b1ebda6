"""docs/findings.md lists every code, says of it what the code says, and every code is one that can come up."""

import re

import pytest

from analyzer.oci.advice import ADVICE
from analyzer.oci.findings import CODES
from tests.settings import ROOT

LINES = re.findall(
    r"^\| `([a-z0-9-]+)` \| (.+?) \| (.+?) \|$", (ROOT / "docs" / "findings.md").read_text(), re.MULTILINE
)
ROWS = {code: meaning for code, meaning, _ in LINES}
SOURCES = [path.read_text() for path in (ROOT / "analyzer").rglob("*.py") if path != ROOT / "analyzer/oci/findings.py"]


def test_the_page_lists_every_code_and_no_other() -> None:
    assert ROWS.keys() == CODES.keys()


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained_as_in_the_program(code: str) -> None:
    assert ROWS[code].replace("`", "").startswith(CODES[code].rstrip(".").split(";")[0].split(":")[0][:40])


@pytest.mark.parametrize("code", CODES)
def test_a_code_can_come_up(code: str) -> None:
    assert any(f'"{code}"' in source for source in SOURCES)


def test_what_to_do_about_a_code_is_said_as_in_the_program() -> None:
    assert {code: advice for code, _, advice in LINES} == ADVICE
