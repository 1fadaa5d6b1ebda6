import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.filetree import varint


@given(st.lists(st.integers()))
def test_numbers_come_back(numbers: list[int]) -> None:
    assert list(varint.unpack(varint.pack(numbers))) == numbers
    assert list(varint.sums(varint.deltas(numbers))) == numbers


def test_small_numbers_take_one_byte() -> None:
    assert [len(varint.pack([number])) for number in (0, 63, -64, 64)] == [1, 1, 1, 2]


def test_a_cut_number_is_an_error() -> None:
    with pytest.raises(ValueError, match="cut"):
        list(varint.unpack(varint.pack([1000])[:-1]))
