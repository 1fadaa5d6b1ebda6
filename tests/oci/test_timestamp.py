import pytest

from analyzer.oci.timestamp import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T07:25:20.709924909Z", "2026-11-24T07:25:20.709924909Z"),
        ("2026-11-24T07:25:20Z", "2026-11-24T07:25:20Z"),
        ("2026-11-24t07:25:20z", "2026-11-24T07:25:20Z"),
        ("2013-06-13T14:03:50.821769-07:00", "2013-06-13T21:03:50.821769Z"),
        ("2024-01-01T00:30:00.10+01:00", "2023-12-31T23:30:00.10Z"),
        ("2024-01-01T00:30:00+00:00", "2024-01-01T00:30:00Z"),
    ],
)
def test_a_time_is_normalised_to_utc_with_every_digit(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_the_zero_time_of_go_stays() -> None:
    assert normalise("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        1700000000,
        "yesterday",
        "2024-13-01T00:00:00Z",
        "2024-01-01T24:01:00Z",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:00:00-23:00",
        "2024-01-01T00:00:00+99:00",
        "２０２４-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z\n",
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert normalise(value) is None
