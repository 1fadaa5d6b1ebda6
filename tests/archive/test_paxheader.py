import pytest

from analyzer.archive.paxheader import Extended, Records
from analyzer.archive.tarheader import HeaderError
from tests.archive.headers import record


def extended(*records: tuple[bytes, bytes], globally: dict[bytes, bytes] | None = None) -> Extended:
    return Extended(globally or {}, Records(b"".join(record(*pair) for pair in records)))


def test_records_are_read_with_newlines_and_equals_signs_in_their_values() -> None:
    records = Records(record(b"path", b"a=b\nc") + record(b"comment", b"x" * 2000))
    assert records.values == {b"path": b"a=b\nc", b"comment": b"x" * 2000}
    assert not records.faults


def test_padding_after_the_records_is_ignored() -> None:
    assert Records(record(b"uid", b"7") + bytes(3)).values == {b"uid": b"7"}


@pytest.mark.parametrize(
    "data",
    [
        b"99 path=a\n",
        b"5 path=a\n",
        b"x path=a\n",
        b"10path=abc",
        b"0 a=b\n",
        b"-3 a=b\n",
        b"9" * 30 + b" a=b\n",
        b"4 a\n",
    ],
)
def test_a_record_of_a_wrong_length_is_a_fault_and_what_came_before_stays(data: bytes) -> None:
    records = Records(record(b"uid", b"7") + data)
    assert records.values == {b"uid": b"7"}
    assert len(records.faults) == 1


@pytest.mark.parametrize(
    ("keyword", "value"), [(b"path", b"a\0b"), (b"linkpath", b"\0"), (b"SCHILY.xattr.a\0b", b"x"), (b"", b"x")]
)
def test_a_nul_where_none_can_be_is_a_fault_and_what_follows_stays(keyword: bytes, value: bytes) -> None:
    records = Records(record(keyword, value) + record(b"uid", b"7"))
    assert records.values == {b"uid": b"7"}
    assert len(records.faults) == 1


def test_own_records_win_over_global_ones_and_an_empty_value_takes_one_back() -> None:
    globally = {b"path": b"everywhere", b"uid": b"5", b"linkpath": b"there"}
    member = extended((b"uid", b"6"), (b"linkpath", b""), globally=globally)
    assert member.path == b"everywhere"
    assert member.number(b"uid", 0) == 6
    assert member.link is None


def test_the_name_of_a_sparse_file_is_the_one_that_gnu_gives_it() -> None:
    assert extended((b"path", b"GNUSparseFile.1/a"), (b"GNU.sparse.name", b"a")).path == b"a"


@pytest.mark.parametrize(
    ("value", "nanoseconds"),
    [
        (b"1", 1_000_000_000),
        (b"1.5", 1_500_000_000),
        (b"1.", 1_000_000_000),
        (b"-1.25", -1_250_000_000),
        (b"1.1234567899", 1_123_456_789),
        (b"0001.000000001", 1_000_000_001),
        (b"9999999999999", (1 << 63) - 1),
        (b"-9999999999999", -(1 << 63) + 1),
    ],
)
def test_times_have_nanoseconds_and_are_held_within_64_bits(value: bytes, nanoseconds: int) -> None:
    assert extended((b"mtime", value)).mtime(0) == nanoseconds


@pytest.mark.parametrize("value", [b"abc", b"1e9", b"1.5x", b"--1", b"9" * 25, b"+1"])
def test_a_time_that_is_none_is_left_out_and_reported(value: bytes) -> None:
    member = extended((b"mtime", value))
    assert member.mtime(7) == 7
    assert len(member.faults) == 1


def test_owners_that_are_no_numbers_are_left_out_and_reported() -> None:
    member = extended((b"uid", b"-1"), (b"gid", b"99999999999999999999"))
    assert (member.number(b"uid", 3), member.number(b"gid", 4)) == (3, 4)
    assert len(member.faults) == 2


@pytest.mark.parametrize("value", [b"-1", b"ten", b"9999999999999999999"])
def test_a_size_that_is_none_leaves_nothing_to_trust(value: bytes) -> None:
    with pytest.raises(HeaderError):
        _ = extended((b"size", value)).size


def test_a_size_may_have_leading_zeros() -> None:
    assert extended((b"size", b"000000000000000000000999")).size == 999


def test_extended_attributes_are_read_as_star_and_as_libarchive_write_them() -> None:
    member = extended(
        (b"LIBARCHIVE.xattr.user.a%3Db", b"AAH/"),
        (b"LIBARCHIVE.xattr.user.short", b"eA"),
        (b"SCHILY.xattr.user.raw", b"\0\xff\n"),
        (b"SCHILY.xattr.user.short", b"y"),
    )
    assert member.xattrs() == {b"user.a=b": b"\0\x01\xff", b"user.short": b"y", b"user.raw": b"\0\xff\n"}


def test_an_attribute_that_is_no_base64_is_left_out_and_reported() -> None:
    member = extended((b"LIBARCHIVE.xattr.user.a", b"not base64!"))
    assert member.xattrs() is None
    assert len(member.faults) == 1
