import pytest

from analyzer.oci.history import HistoryStep, align, parse_history
from analyzer.oci.jsondoc import DocumentError


def step(*, empty: bool = False) -> HistoryStep:
    return HistoryStep(created=None, created_by="RUN", comment="", empty_layer=empty)


def test_steps_are_read_with_all_that_they_say() -> None:
    document = [
        {"created": "2024-01-01T00:00:00Z", "created_by": "ADD", "comment": "c", "author": "a"},
        {"empty_layer": True},
    ]
    assert parse_history(document) == [
        HistoryStep("2024-01-01T00:00:00Z", "ADD", "c", False, "a"),
        HistoryStep(None, "", "", True, ""),
    ]


@pytest.mark.parametrize("value", ["x", {}, [1], [{"created_by": 1}], [{"empty_layer": "yes"}]])
def test_a_wrong_type_is_refused(value: object) -> None:
    with pytest.raises(DocumentError, match="history"):
        parse_history(value)


def test_a_malformed_time_costs_the_time_alone() -> None:
    assert parse_history([{"created": "noon", "created_by": "RUN"}])[0].created is None


def test_each_step_that_is_not_empty_made_the_next_layer() -> None:
    steps = [step(), step(empty=True), step(), step(empty=True)]
    assert align(steps, 2) == [(steps[0], 0), (steps[1], None), (steps[2], 1), (steps[3], None)]


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_where_the_counts_differ_nothing_is_guessed(layers: int) -> None:
    assert align([step(), step(empty=True), step()], layers) is None


def test_an_absent_history_aligns_with_no_layers_alone() -> None:
    assert align([], 0) == []
    assert align([], 1) is None
