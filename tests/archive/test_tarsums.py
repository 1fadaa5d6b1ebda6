import pytest

from analyzer.archive.tarsums import first_invalid
from tests.archive.headers import header


@pytest.mark.parametrize("count", [0, 1, 2, 1023, 1024, 1025, 3000])
def test_headers_with_right_checksums_are_all_valid(count: int) -> None:
    assert first_invalid([header(b"name%d" % ordinal, size=ordinal) for ordinal in range(count)]) is None


@pytest.mark.parametrize("wrong", [0, 1, 1023, 1024, 2999])
@pytest.mark.parametrize("byte", [0, 130, 150, 156, 511])
def test_one_wrong_byte_among_thousands_of_headers_is_found(wrong: int, byte: int) -> None:
    headers = [header(b"name%d" % ordinal) for ordinal in range(3000)]
    damaged = bytearray(headers[wrong])
    damaged[byte] ^= 1
    headers[wrong] = bytes(damaged)
    assert first_invalid(headers) == wrong


def test_the_first_of_several_is_named() -> None:
    assert first_invalid([header(), header()[:-1] + b"x", b"x" * 512]) == 1


def test_headers_full_of_high_bytes_add_up_too() -> None:
    assert first_invalid([header(b"\xff" * 100, link=b"\xff" * 100, tail=b"\xff" * 167) for _ in range(2000)]) is None


@pytest.mark.parametrize("form", [b"%6o\0 ", b"%06o \0", b"%07o\0", b"%06o\0\0"])
def test_checksums_may_be_written_in_other_ways(form: bytes) -> None:
    other = header(b"other")
    stated = form % int(other[148:154], 8)
    headers = [header(b"a"), other[:148] + stated + other[156:], header(b"b")]
    assert first_invalid(headers) is None
    assert first_invalid([*headers, headers[1][:-1] + b"x"]) == 3


def test_old_tars_that_summed_signed_bytes_are_valid() -> None:
    assert first_invalid([header(b"caf\xe9", signed=True), header(b"a")]) is None
