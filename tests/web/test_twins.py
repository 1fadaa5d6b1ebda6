"""Twins of pages: CSV that a spreadsheet does not execute, JSON with figures and rows."""

import json

import pytest
from django.test import RequestFactory

from analyzer.web.twins import MOST_CELL, cell, twin, wanted


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＠x"])
def test_what_begins_a_formula_is_text(text: str):
    assert cell(text) == "'" + text


@pytest.mark.parametrize(("value", "expected"), [(None, ""), (-5, -5), (0.5, 0.5), ("a=b", "a=b"), (["a", "b"], "a b")])
def test_all_else_stays_as_it_is(value: object, expected: object):
    assert cell(value) == expected


def test_a_list_that_begins_like_a_formula_is_text_too():
    assert cell(["=x", "y"]) == "'=x y"


def test_what_is_longer_than_a_spreadsheet_keeps_is_cut_and_says_so():
    assert cell("x" * MOST_CELL) == "x" * MOST_CELL
    for text in ("x" * 1_000_000, "=" * MOST_CELL):
        assert len(cell(text)) == MOST_CELL
        assert cell(text).endswith("characters: the JSON has all")


def test_only_json_and_csv_are_twins():
    requests = RequestFactory()
    assert wanted(requests.get("/?format=json")) == "json"
    assert wanted(requests.get("/?format=csv")) == "csv"
    assert wanted(requests.get("/?format=xml")) == ""
    assert wanted(requests.get("/")) == ""


def test_csv_has_a_header_and_the_columns_that_were_asked_for():
    request = RequestFactory().get("/?format=csv")
    response = twin(request, "layers", [{"a": 1, "b": "é", "c": 3}], ["a", "b"])
    assert response.content.decode() == "a,b\r\n1,é\r\n"
    assert response["Content-Disposition"] == 'attachment; filename="layers.csv"'


def test_json_has_all_of_the_row_and_the_figures_beside():
    request = RequestFactory().get("/?format=json")
    response = twin(request, "layers", [{"a": 1, "c": None}], ["a"], total=1)
    assert json.loads(response.content) == {"total": 1, "layers": [{"a": 1, "c": None}]}
