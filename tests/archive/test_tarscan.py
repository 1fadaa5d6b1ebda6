import hashlib
import tracemalloc

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.tarmember import MAX_RECORD_BYTES
from analyzer.archive.unreadable import Damaged, Unsupported
from analyzer.filetree.entry import Kind
from tests.archive.headers import END, codes_of, header, member, members_of, padded, pax, read_tar

SHA_OF_NOTHING = hashlib.sha256().digest()


def test_every_kind_of_entry_is_read_with_its_attributes() -> None:
    tar = (
        member(b"etc/", kind=b"5", mode=b"0000755\0")
        + member(
            b"etc/passwd", b"root:x", mode=b"0104644\0", uid=b"0001750\0", gid=b"0000062\0", mtime=b"14524770400\0"
        )
        + member(b"etc/empty")
        + member(b"etc/link", kind=b"2", link=b"../usr//passwd")
        + member(b"etc/hard", kind=b"1", link=b"./etc/passwd")
        + member(b"dev/tty", kind=b"3")
        + member(b"dev/sda", kind=b"4")
        + member(b"run/pipe", kind=b"6")
        + member(b"contiguous", b"x", kind=b"7")
        + END
    )
    members = members_of(tar)
    assert members.count == 9
    assert [(path.decode(), Kind(kind).label) for path, kind in zip(members.paths, members.kinds, strict=True)] == [
        ("etc", "dir"),
        ("etc/passwd", "file"),
        ("etc/empty", "file"),
        ("etc/link", "symlink"),
        ("etc/hard", "hardlink"),
        ("dev/tty", "char"),
        ("dev/sda", "block"),
        ("run/pipe", "fifo"),
        ("contiguous", "file"),
    ]
    assert members.modes[:2] == [0o755, 0o4644]
    assert (members.uids[1], members.gids[1], members.mtimes[1]) == (1000, 50, 0o14524770400 * 10**9)
    assert members.sizes == [0, 6, 0, len("../usr//passwd"), 0, 0, 0, 0, 1]
    assert members.links == [None, None, None, b"../usr//passwd", b"etc/passwd", None, None, None, None]
    assert members.sha256s[:4] == [None, hashlib.sha256(b"root:x").digest(), SHA_OF_NOTHING, None]
    assert members.offsets[1] == 1024
    assert members.xattrs == [None] * 9


@pytest.mark.parametrize("block", [1, 7, 511, 512, 513, 1024, 1 << 20])
def test_it_does_not_matter_where_blocks_begin_and_end(block: int) -> None:
    tar = b"".join(
        [
            member(b"a", b"a" * 700),
            pax((b"path", b"long/" * 60 + b"name"), (b"SCHILY.xattr.user.x", b"1")),
            member(b"b", b"b" * 512),
            member(b"././@LongLink", b"l" * 300 + b"\0", kind=b"L", magic=b"ustar  \0"),
            member(b"c", b"c" * 513),
            member(b".hidden", b"d"),
            END,
        ]
    )
    members = read_tar(tar, block=block).members
    assert members == members_of(tar)
    assert members.paths == [b"a", b"long/" * 60 + b"name", b"l" * 300, b".hidden"]
    assert members.sha256s == [hashlib.sha256(x).digest() for x in (b"a" * 700, b"b" * 512, b"c" * 513, b"d")]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"./a", b"a"),
        (b"/a", b"a"),
        (b"a/", b"a"),
        (b"a//b", b"a/b"),
        (b"a/./b", b"a/b"),
        (b"/./a/.", b"a"),
        (b"///a///b///", b"a/b"),
        (b"a/..b", b"a/..b"),
        (b"..a", b"..a"),
        (b"a/...", b"a/..."),
        (b"caf\xe9/\xff", b"caf\xe9/\xff"),
        (b"a\nb\x1b[31m", b"a\nb\x1b[31m"),
    ],
)
@pytest.mark.parametrize("kind", [b"0", b"5", b"2"])
def test_names_become_relative_and_clean_and_lose_no_byte(raw: bytes, path: bytes, kind: bytes) -> None:
    members = members_of(member(b"first", b"1") + member(raw, kind=kind, link=b"x") + member(b"last") + END)
    assert members.paths == [b"first", path, b"last"]


@pytest.mark.parametrize("raw", [b"../a", b"a/../b", b"..", b"a/..", b"/.."])
def test_a_name_with_a_parent_component_is_refused_and_reported(raw: bytes) -> None:
    scan = read_tar(member(raw, b"secret") + member(b"after") + END)
    assert scan.members.paths == [b"after"]
    assert scan.members.count == 2
    assert codes_of(scan) == [("warning", "unsafe-path")]
    assert scan.findings.all()[0].path == raw


def test_a_hard_link_to_a_name_with_a_parent_component_is_refused_too() -> None:
    scan = read_tar(member(b"a", kind=b"1", link=b"../etc/shadow") + END)
    assert scan.members.paths == []
    assert codes_of(scan) == [("warning", "unsafe-path")]


@pytest.mark.parametrize("raw", [b"./", b"/", b".", b"./."])
def test_the_root_is_counted_and_no_entry(raw: bytes) -> None:
    scan = read_tar(member(raw, kind=b"5") + member(b"a") + END)
    assert (scan.members.count, scan.members.paths) == (2, [b"a"])
    assert codes_of(scan) == []


def test_a_root_that_is_no_folder_and_an_entry_without_a_name_are_refused_and_reported() -> None:
    scan = read_tar(member(b"./", b"data") + member(b"") + END)
    assert (scan.members.count, scan.members.paths) == (2, [])
    assert codes_of(scan) == [("warning", "unsafe-path")] * 2


def test_whiteouts_are_known_by_their_names_and_hold_nothing() -> None:
    tar = (
        member(b"etc/.wh.passwd", b"not kept")
        + member(b".wh.top")
        + member(b"etc/.wh..wh..opq", kind=b"5")
        + member(b".wh..wh.plnk/1.2", b"aufs")
        + member(b".wh.link", kind=b"2", link=b"x")
        + member(b"last", b"1")
        + END
    )
    members = members_of(tar)
    assert [Kind(kind) for kind in members.kinds] == [
        Kind.WHITEOUT,
        Kind.WHITEOUT,
        Kind.OPAQUE,
        Kind.AUFS,
        Kind.WHITEOUT,
        Kind.FILE,
    ]
    assert members.sizes == [0, 0, 0, 0, 0, 1]
    assert members.sha256s[:5] == [None] * 5
    assert members.links == [None] * 6


def test_a_path_twice_is_there_twice_for_the_listing_decides() -> None:
    assert members_of(member(b"a", b"1") + member(b"a", b"22") + END).sizes == [1, 2]


def test_the_header_of_a_link_or_a_folder_that_states_a_size_has_no_data_for_all_that() -> None:
    tar = (
        header(b"hard", kind=b"1", size=1000, link=b"a")
        + header(b"soft", kind=b"2", size=1000, link=b"a")
        + header(b"folder/", kind=b"5", size=1000)
        + header(b"pipe", kind=b"6", size=1000)
        + member(b"a", b"1")
        + END
    )
    members = members_of(tar)
    assert members.paths == [b"hard", b"soft", b"folder", b"pipe", b"a"]
    assert members.sizes == [0, 1, 0, 0, 1]


def test_v7_headers_know_folders_by_their_slash() -> None:
    tar = member(b"folder/", kind=b"\0", magic=b"") + member(b"folder/file", b"1", kind=b"\0", magic=b"") + END
    members = members_of(tar)
    assert members.paths == [b"folder", b"folder/file"]
    assert members.kinds == [Kind.DIR, Kind.FILE]


def test_an_unknown_type_counts_as_a_file_and_is_reported() -> None:
    scan = read_tar(member(b"odd", b"1", kind=b"Q") + member(b"a") + END)
    assert scan.members.kinds == [Kind.FILE, Kind.FILE]
    assert codes_of(scan) == [("warning", "unknown-type")]


def test_tape_labels_are_no_entries_and_dumped_folders_are_folders() -> None:
    scan = read_tar(member(b"label", kind=b"V") + member(b"folder/", b"Yfile\0\0", kind=b"D") + member(b"a") + END)
    assert (scan.members.count, scan.members.paths) == (2, [b"folder", b"a"])
    assert scan.members.kinds == [Kind.DIR, Kind.FILE]


def test_extended_headers_say_more_than_the_plain_fields_for_one_member() -> None:
    tar = (
        pax(
            (b"path", b"p\xc3\xa4th"),
            (b"size", b"3"),
            (b"uid", b"3000000"),
            (b"gid", b"4000000"),
            (b"mtime", b"1700000000.25"),
            (b"SCHILY.xattr.security.capability", b"\1\0"),
        )
        + header(b"short", size=0)
        + padded(b"abc")
        + pax((b"linkpath", b"l" * 200))
        + member(b"link", kind=b"2", link=b"short")
        + member(b"plain")
        + END
    )
    members = members_of(tar)
    assert members.paths == [b"p\xc3\xa4th", b"link", b"plain"]
    assert members.sizes == [3, 200, 0]
    assert (members.uids[0], members.gids[0], members.mtimes[0]) == (3_000_000, 4_000_000, 1_700_000_000_250_000_000)
    assert members.xattrs == [{b"security.capability": b"\1\0"}, None, None]
    assert members.links[1] == b"l" * 200
    assert members.uids[2] == 0


def test_global_headers_hold_for_all_that_follow() -> None:
    tar = (
        pax((b"uid", b"7"), (b"comment", b"abc"), kind=b"g")
        + member(b"a")
        + pax((b"uid", b"8"))
        + member(b"b")
        + member(b"c")
    )
    assert members_of(tar + END).uids == [7, 8, 7]


def test_malformed_records_are_left_out_and_reported() -> None:
    scan = read_tar(member(b"PaxHeaders/0", b"99 path=x\n", kind=b"x") + pax((b"mtime", b"soon")) + member(b"a") + END)
    assert scan.members.paths == [b"a"]
    assert codes_of(scan) == [("warning", "bad-pax-record")] * 2


def test_gnu_long_names_and_links_end_at_their_nul() -> None:
    tar = (
        member(b"././@LongLink", b"n" * 150 + b"\0junk", kind=b"L")
        + member(b"././@LongLink", b"t" * 150 + b"\0", kind=b"K")
        + member(b"short", kind=b"2", link=b"short")
        + END
    )
    members = members_of(tar)
    assert (members.paths, members.links) == ([b"n" * 150], [b"t" * 150])


def test_base_256_sizes_and_owners_are_read() -> None:
    size = b"\x80" + (3).to_bytes(11, "big")
    members = members_of(header(b"a", size=size, uid=b"\x80\0\0\0\xff\xff\xff\xff") + padded(b"abc") + END)
    assert (members.sizes, members.uids) == ([3], [0xFFFFFFFF])


def test_two_blocks_of_zeros_end_the_tar_and_padding_follows() -> None:
    scan = read_tar(member(b"a") + END + bytes(8192))
    assert scan.size == 512 + 1024 + 8192
    assert codes_of(scan) == []


def test_what_follows_the_end_is_counted_and_never_read() -> None:
    scan = read_tar(member(b"a") + END + member(b"b") + b"junk")
    assert scan.members.paths == [b"a"]
    assert scan.size == 512 + 1024 + 512 + 4
    assert codes_of(scan) == [("info", "data-after-end")]


def test_a_single_block_of_zeros_ends_the_tar_and_entries_after_it_are_worth_a_warning() -> None:
    scan = read_tar(member(b"a") + bytes(512) + member(b"b") + END)
    assert scan.members.paths == [b"a"]
    assert codes_of(scan) == [("warning", "data-after-end")]


@pytest.mark.parametrize("end", [b"", bytes(512)])
def test_a_tar_may_end_without_its_blocks_where_an_entry_ends(end: bytes) -> None:
    scan = read_tar(member(b"a", b"1") + end)
    assert scan.members.paths == [b"a"]
    assert codes_of(scan) == ([] if end else [("info", "no-end-blocks")])


def test_the_empty_layer_has_no_entry() -> None:
    scan = read_tar(END)
    assert (scan.members.count, scan.size, codes_of(scan)) == (0, 1024, [])


@pytest.mark.parametrize(
    ("tar", "words"),
    [
        (member(b"a", b"x" * 600)[:-1], "cut off in the middle of the padding"),
        (member(b"a", b"x" * 600)[:900], "cut off in the middle of the file a,"),
        (member(b".a", b"x" * 600)[:900], "cut off in the middle of the file .a,"),
        (member(b"a")[:400] + b"", "no tar"),
        (member(b"a") + member(b"b")[:400], "cut off in the middle of a header, at byte 912"),
        (pax((b"path", b"x")), "after an extended header"),
        (pax((b"path", b"x")) + END, "after an extended header"),
        (pax((b"path", b"x"))[:520], "in the middle of an extended header"),
        (header(b"a", size=b"77777777777\0"), "cut off in the middle of the file a,"),
        (header(b"a", size=b"\xff" * 12), "states a size of -1 bytes"),
        (header(b"a", size=b"\x80" + b"\xff" * 11), "states a size of"),
        (header(b"a", size=b"12x45\0\0\0\0\0\0\0"), "is no number"),
        (header(b"a", uid=b"nobody\0\0"), "is no number"),
        (pax((b"size", b"-5")) + member(b"a"), "states the size"),
        (member(b"a") + b"x" * 512, "no valid header at byte 512"),
        (header(b"a")[:-1] + b"x", "no valid header at byte 0"),
    ],
)
def test_a_damaged_tar_says_what_is_wrong_and_where(tar: bytes, words: str) -> None:
    with pytest.raises((Damaged, Unsupported), match=words):
        read_tar(tar)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"hsqs" + bytes(2000), "a squashfs file system"),
        (b"BZh91AY&SY" + b"\x83" * 2000, "bzip2"),
        (b"\xfd7zXZ\0" + b"\x83" * 2000, "xz"),
        (b"PK\x03\x04" + b"\x83" * 2000, "zip"),
        (b"just words\n" * 100, "text"),
        (b"short", "text"),
        (b'{"schemaVersion": 2}'.ljust(600), "JSON"),
        (b"\x1f\x8b" + b"\x83" * 600, "gzip, compressed twice"),
        (b"\1" * 1024 + b"\xe2\xe1\xf5\xe0" + b"\1" * 512, "an erofs file system"),
        (b"\1" * 1080 + b"\x53\xef" + b"\1" * 512, "an ext file system"),
    ],
)
def test_what_is_no_tar_is_unsupported_and_said_to_be_what_it_looks_like(data: bytes, words: str) -> None:
    with pytest.raises(Unsupported, match=f"The layer is no tar; it looks like {words}."):
        read_tar(data)


def test_what_is_no_tar_and_looks_like_nothing_known_is_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"^The layer is no tar\.$"):
        read_tar(b"\xab" * 600)


def test_a_record_or_long_name_of_hostile_size_is_not_read() -> None:
    for kind in (b"x", b"g", b"L", b"K"):
        tracemalloc.start()
        with pytest.raises(Damaged, match="extended header or long name of"):
            read_tar(header(b"a", kind=kind, size=MAX_RECORD_BYTES + 1) + bytes(MAX_RECORD_BYTES + 512))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5 * MAX_RECORD_BYTES


def test_limits_are_struck_by_name() -> None:
    for field, tar in {
        "max_layer_entries": b"".join(member(b"%d" % ordinal) for ordinal in range(9)),
        "max_path_bytes": pax((b"path", b"x" * 9)) + member(b"a"),
        "max_layer_names_bytes": (pax((b"SCHILY.xattr.user.a", b"x" * 9)) + member(b"a")) * 2,
    }.items():
        with pytest.raises(LimitReached) as caught:
            read_tar(tar + END, Limits(**{field: 8}))
        assert caught.value.setting == field.upper()


@pytest.mark.parametrize(
    "tar",
    [
        b"".join(member(b"%04d" % number) for number in range(10)),
        b"".join(member(b"%d" % number, kind=b"2", link=b"abc") for number in range(10)),
        b"".join(pax((b"path", b"%04d" % number)) + member(b"a") for number in range(10)),
        b"".join(pax((b"linkpath", b"%03d" % number)) + member(b"a", kind=b"2") for number in range(10)),
        b"".join(member(b"0" * 99, tail=b"1" * 99) for number in range(10)),
    ],
    ids=["short names", "short links", "long names", "long links", "prefixes"],
)
def test_all_names_and_links_count_for_the_memory_they_take(tar: bytes) -> None:
    size = sum(len(path) for path in read_tar(tar + END).members.paths)
    size += sum(len(link or b"") for link in read_tar(tar + END).members.links)
    read_tar(tar + END, Limits(max_layer_names_bytes=size))
    with pytest.raises(LimitReached, match="names, link targets and attributes of the layer is over the limit"):
        read_tar(tar + END, Limits(max_layer_names_bytes=size - 1))


def test_entries_are_counted_once_a_block_so_that_memory_stays_bounded() -> None:
    tar = member(b"a") * 100_000
    with pytest.raises(LimitReached):
        read_tar(tar, Limits(max_layer_entries=10), block=4096)


def test_links_have_the_limit_of_paths() -> None:
    with pytest.raises(LimitReached):
        read_tar(pax((b"linkpath", b"x" * 9)) + member(b"a", kind=b"2") + END, Limits(max_path_bytes=8))


def test_a_plain_long_name_has_the_limit_too() -> None:
    with pytest.raises(LimitReached):
        read_tar(member(b"x" * 9) + END, Limits(max_path_bytes=8))
    with pytest.raises(LimitReached):
        read_tar(member(b"x", kind=b"2", link=b"x" * 9) + END, Limits(max_path_bytes=8))


def test_a_hostile_tar_yields_a_bounded_number_of_findings() -> None:
    findings = read_tar(member(b"../a") * 1000 + END).findings.all()
    assert len(findings) == 51
    assert findings[-1].detail == "950 more of the same in this layer."
