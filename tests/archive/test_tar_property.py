"""Our reader of tars against Python's: slow, and trusted."""

import contextlib
import hashlib
import io
import tarfile
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyzer.archive.budget import Limits
from analyzer.archive.tarname import normalise
from analyzer.archive.tarscan import TarScan
from analyzer.archive.unreadable import Unreadable
from analyzer.filetree.entry import Kind, Members
from tests.archive.headers import cut, members_of

KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.DIR,
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.LNKTYPE: Kind.HARDLINK,
    tarfile.CHRTYPE: Kind.CHAR,
    tarfile.BLKTYPE: Kind.BLOCK,
    tarfile.FIFOTYPE: Kind.FIFO,
}
FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


@dataclass(frozen=True)
class Written:
    info: tarfile.TarInfo
    data: bytes


# A component: of bytes that are no UTF-8 too, of any length, hidden or not, never `.` or `..`.
components = st.one_of(
    st.binary(min_size=1, max_size=12),
    st.sampled_from([b"usr", b"lib", b".hidden", b"...", b"n" * 99, b"n" * 100, b"n" * 101, "grüße".encode()]),
).filter(lambda part: b"/" not in part and b"\0" not in part and part not in (b".", b"..") and b".wh." not in part)
names = st.lists(components, min_size=1, max_size=6).map(b"/".join)


@st.composite
def written(draw: st.DrawFn) -> Written:
    info = tarfile.TarInfo(draw(names).decode(errors="surrogateescape"))
    info.type = draw(st.sampled_from(sorted(KINDS)))
    info.mode = draw(st.integers(0, 0o7777))
    info.uid = draw(st.one_of(st.integers(0, 0o7777777), st.integers(0, 1 << 40)))
    info.gid = draw(st.one_of(st.integers(0, 0o7777777), st.integers(0, 1 << 40)))
    info.mtime = draw(st.one_of(st.integers(0, 1 << 33), st.integers(-(1 << 33), 1 << 33)))
    data = b""
    if info.type == tarfile.REGTYPE:
        data = draw(st.one_of(st.binary(max_size=20), st.integers(0, 2000).map(lambda size: b"\xa5" * size)))
        info.size = len(data)
    elif info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        info.linkname = draw(names).decode(errors="surrogateescape")
    if draw(st.booleans()):
        info.pax_headers = {"SCHILY.xattr.user.name": draw(st.text(min_size=1, max_size=9))}
    return Written(info, data)


@dataclass(frozen=True)
class Tar:
    data: bytes = field(repr=False)
    members: list[tuple[str, bytes]]  # name and type: all that a failure needs to show


@st.composite
def tars(draw: st.DrawFn) -> Tar:
    """A tar in one of three formats; what a format cannot hold is left out."""
    tar_format = draw(st.sampled_from(FORMATS))
    globally = {"comment": "all"} if draw(st.booleans()) and tar_format == tarfile.PAX_FORMAT else {}
    buffer = io.BytesIO()
    members: list[tuple[str, bytes]] = []
    with tarfile.open(
        fileobj=buffer, mode="w", format=tar_format, encoding="utf-8", errors="surrogateescape", pax_headers=globally
    ) as tar:
        for entry in draw(st.lists(written(), max_size=8)):
            with contextlib.suppress(ValueError):
                tar.addfile(entry.info, io.BytesIO(entry.data))
                members.append((entry.info.name, entry.info.type))
    return Tar(buffer.getvalue(), members)


def by_tarfile(data: bytes) -> Members:
    members = Members()
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8", errors="surrogateescape") as tar:
        for info in tar:
            kind = KINDS[info.type]
            raw = info.name.encode(errors="surrogateescape")
            target = info.linkname.encode(errors="surrogateescape")
            content = tar.extractfile(info) if kind is Kind.FILE else None
            xattr = info.pax_headers.get("SCHILY.xattr.user.name")
            seconds = Decimal(info.pax_headers.get("mtime", str(info.mtime)))
            members.count += 1
            members.paths.append(normalise(raw) or b"")
            members.kinds.append(kind)
            members.modes.append(info.mode)
            members.uids.append(info.uid)
            members.gids.append(info.gid)
            members.sizes.append({Kind.FILE: info.size, Kind.SYMLINK: len(target)}.get(kind, 0))
            members.mtimes.append(int(seconds * 10**9))
            members.links.append({Kind.SYMLINK: target, Kind.HARDLINK: normalise(target)}.get(kind))
            members.sha256s.append(hashlib.sha256(content.read()).digest() if content else None)
            members.xattrs.append(None if xattr is None else {b"user.name": xattr.encode()})
            members.offsets.append(info.offset_data)
    return members


@given(tars())
@settings(deadline=None, max_examples=200)
def test_every_tar_that_python_writes_is_read_as_python_reads_it(tar: Tar) -> None:
    assume(tar.members)  # tarfile takes a lone global header for no tar
    assert members_of(tar.data) == by_tarfile(tar.data)


@given(tars(), st.lists(st.integers(1, 1500), max_size=30))
@settings(deadline=None)
def test_a_tar_is_read_the_same_however_it_is_cut_into_blocks(tar: Tar, sizes: list[int]) -> None:
    scan = TarScan(cut(tar.data, sizes), Limits())
    scan.run()
    assert scan.members == members_of(tar.data)
    assert scan.size == len(tar.data)


changes = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), min_size=1, max_size=6)


@given(tars(), changes, st.one_of(st.none(), st.integers(0, 1 << 14)))
@settings(deadline=None, max_examples=200)
def test_a_tar_with_wrong_bytes_is_read_or_said_to_be_unreadable(
    tar: Tar, wrong: list[tuple[int, int]], end: int | None
) -> None:
    damaged = bytearray(tar.data[:end])
    for position, value in wrong:
        if damaged:
            damaged[position % len(damaged)] = value
    outcomes = []
    for sizes in ([], [700] * 40):
        scan = TarScan(cut(bytes(damaged), sizes), Limits())
        try:
            scan.run()
            outcomes.append(str(scan.members))
        except Unreadable as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]
