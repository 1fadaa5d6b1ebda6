"""JSON as Go writes it: what is parsed again is the same, and no byte more than need be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.oci import gojson
from analyzer.oci.jsondoc import DocumentError

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_members_of_an_object_are_those_of_its_text(value: dict[str, Any], indent: Any, ascii_only: bool) -> None:
    found = gojson.members(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
    assert {name: json.loads(part) for name, part in found.items()} == value
    made = gojson.object_of(found)
    assert json.loads(made) == value
    assert list(json.loads(made)) == sorted(value, key=str.encode)
    assert not set("<>&\u2028\u2029") & set(made)
    assert gojson.members(made) == found


def test_values_stand_as_they_stood() -> None:
    source = ' { "n" : 1.50e3 , "a" : [ "x y" , { "b" : "\\u0026 <\\" \\\\" } ] , "n" : 0.10 } '
    assert gojson.members(source) == {"n": "0.10", "a": '["x y",{"b":"\\u0026 \\u003c\\" \\\\"}]'}
    assert gojson.members(" {\n} ") == {}
    with pytest.raises(DocumentError):
        gojson.members(" [] ")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2015-10-01T12:00:00.120Z", "2015-10-01T12:00:00.12Z"),
        ("2015-10-01T12:00:00.000Z", "2015-10-01T12:00:00Z"),
        ("2015-10-01T12:00:00+02:00", "2015-10-01T12:00:00+02:00"),
        ("2015-10-01T12:00:00+00:00", "2015-10-01T12:00:00Z"),
        (None, gojson.ZERO),
        ("yesterday", gojson.ZERO),
        (5, gojson.ZERO),
    ],
)
def test_a_time_is_written_as_go_writes_it(value: Any, written: str) -> None:
    assert gojson.moment(value) == written
