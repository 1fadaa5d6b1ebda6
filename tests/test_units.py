"""Sizes, counts and times as people read them."""

from datetime import timedelta

import pytest

from analyzer.units import binary_text, duration, exact, share


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1000, "1,000 B"),
        (1023, "1,023 B"),
        (1024, "1.00 KiB"),
        (5_839_514, "5.57 MiB"),
        (198_899_804, "189.7 MiB"),
        (6_332_350_664, "5.90 GiB"),
        (10 * 1024 - 1, "10.0 KiB"),
        (1024**2 - 1, "1.00 MiB"),
        (2**80, "1048576.0 EiB"),
        (-5_839_514, "−5.57 MiB"),
    ],
)
def test_sizes_have_three_digits_and_a_binary_unit(size: int, text: str):
    assert binary_text(size) == text


def test_exact_sizes_have_every_byte():
    assert exact(5_839_514) == "5,839,514 bytes"
    assert exact(1) == "1 byte"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (568, 1000, "56.8 %"),
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (99_999, 100_000, "99.9 %"),
        (1, 100_000, "< 0.1 %"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_100_percent_only_of_the_whole(part: int, whole: int, text: str):
    assert share(part, whole) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.84, "0.8 s"), (14.2, "14 s"), (185, "3 min 5 s"), (900, "15 min")])
def test_durations_are_as_exact_as_they_matter(seconds: float, text: str):
    assert duration(timedelta(seconds=seconds)) == text
