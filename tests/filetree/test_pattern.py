"""Patterns of Find: quick ways to tell a row agree with the expression that says what the glob means."""

import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from analyzer.filetree.globs import glob_ends, glob_pattern
from analyzer.filetree.pattern import Pattern

PATHS = st.lists(st.text("aB/.é", min_size=1, max_size=8), max_size=8)
GLOBS = st.text("aB/.é*?", min_size=1, max_size=6).filter(lambda text: text.strip("/"))


@given(PATHS, GLOBS, st.booleans())
def test_a_glob_means_the_rows_that_its_expression_matches(paths: list[str], glob: str, folded: bool) -> None:
    column = pa.chunked_array([[path.encode() for path in paths]], pa.binary())
    expression = re.compile(glob_pattern(_ascii_lower(glob) if folded else glob))
    wanted = [row for row, path in enumerate(paths) if expression.search(_ascii_lower(path) if folded else path)]
    assert Pattern("glob", glob, folded=folded).rows(column) == wanted


def test_the_ends_of_a_glob() -> None:
    assert glob_ends("usr/lib/*/a*.so") == ("usr/lib/", ".so")
    assert glob_ends("*.so") == ("", ".so")
    assert glob_ends("a*") == ("", "")  # wherever a name begins so
    assert glob_ends("/a*") == ("a", "")
    assert glob_ends("**/x") == ("", "x")


def _ascii_lower(text: str) -> str:
    return text.encode().lower().decode()
