import pytest

from analyzer.archive.tarfields import Numbers, Owners, Seconds
from analyzer.archive.tarheader import (
    MAX_NUMBER,
    HeaderError,
    full_name,
    has_magic,
    has_valid_checksum,
    nanoseconds,
    number,
)
from tests.archive.headers import checksummed, header


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"0000644\0", 0o644),
        (b"0000644 ", 0o644),
        (b"   644 \0", 0o644),
        (b"644\0\0\0\0\0", 0o644),
        (b"644\0junk", 0o644),
        (b"\0" * 8, 0),
        (b" " * 8, 0),
        (b"\0\0000644", 0o644),
        (b"77777777", 0o77777777),
    ],
)
def test_octal_numbers_end_with_nul_or_space_or_fill_their_field(field: bytes, value: int) -> None:
    assert number(field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"\x80" + bytes(10) + b"\x01", 1),
        (b"\x80\0\0\0" + (1 << 40).to_bytes(8, "big"), 1 << 40),
        (b"\xff" * 12, -1),
        (b"\xff" * 11 + b"\xfe", -2),
        (b"\x80\0\0\0\x80\0\0\0", 1 << 31),
    ],
)
def test_base_256_numbers_are_big_endian_and_may_be_negative(field: bytes, value: int) -> None:
    assert number(field) == value


@pytest.mark.parametrize(
    "field", [b"0000648\0", b"-000001\0", b"+000001\0", b"0_00001\0", b"12 34\0\0\0", b"abcdefg\0"]
)
def test_what_is_no_octal_number_is_an_error(field: bytes) -> None:
    with pytest.raises(HeaderError):
        number(field)


def test_cached_numbers_are_the_parsed_ones() -> None:
    assert Numbers()[b"00000000017\0"] == 0o17
    assert Seconds()[b"00000000017\0"] == 15_000_000_000
    assert Owners()[b"0100644 0001750 0001751 "] == (0o644, 1000, 1001)
    with pytest.raises(HeaderError):
        Numbers()[b"0000000009\0\0"]


def test_a_cache_stays_small_whatever_comes() -> None:
    numbers = Numbers()
    for value in range(40_000):
        assert numbers[b"%011o\0" % value] == value
    assert len(numbers) < 40_000


def test_seconds_are_held_within_64_bits_of_nanoseconds() -> None:
    assert nanoseconds(1 << 60) == MAX_NUMBER
    assert nanoseconds(-(1 << 60)) == -MAX_NUMBER


def test_a_checksum_may_be_summed_over_signed_bytes_as_old_tars_did() -> None:
    assert has_valid_checksum(header(b"caf\xc3\xa9"))
    assert has_valid_checksum(header(b"caf\xc3\xa9", signed=True))
    assert not has_valid_checksum(header()[:-1] + b"x")
    assert not has_valid_checksum(b"x" * 512)


def test_a_prefix_belongs_to_the_name_in_posix_headers_alone() -> None:
    assert full_name(header(b"name", tail=b"some/folder")) == b"some/folder/name"
    assert full_name(header(b"name", magic=b"", tail=b"left over")) == b"name"


def test_gnu_has_times_where_posix_has_the_prefix() -> None:
    times = b"14000000000 14000000001 "
    assert full_name(header(b"name", magic=b"ustar  \0", tail=times)) == b"name"


def test_a_prefix_under_the_gnu_magic_is_taken_when_it_is_no_time_as_old_go_wrote_it() -> None:
    assert full_name(header(b"name", magic=b"ustar  \0", tail=b"deep/folder")) == b"deep/folder/name"
    assert full_name(header(b"name", magic=b"ustar  \0", tail=b"deep/\xff\xfe")) == b"name"


def test_star_has_a_shorter_prefix() -> None:
    tail = (b"p" * 131 + b"14000000000\0" + b"14000000000\0").ljust(163, b"\0") + b"tar\0"
    assert full_name(header(b"name", tail=tail)) == b"p" * 131 + b"/name"


def test_a_name_that_fills_its_field_has_no_nul() -> None:
    assert full_name(header(b"n" * 100)) == b"n" * 100


def test_magic_tells_posix_and_gnu_headers() -> None:
    assert has_magic(header())
    assert has_magic(header(magic=b"ustar  \0"))
    assert not has_magic(header(magic=b""))
    assert not has_magic(checksummed(b"text".ljust(512, b"\n")))
