"""Tar blocks by hand, for what no writer of today writes; and the scan of bytes that lie in memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from analyzer.archive.budget import Limits
from analyzer.archive.scan import LayerScan, scan_layer
from analyzer.archive.source import BlobRef
from analyzer.archive.tarscan import TarScan
from analyzer.filetree.entry import Members

BLOCK = 512
END = bytes(2 * BLOCK)


def checksummed(fields: bytes, *, signed: bool = False) -> bytes:
    """A header block with its checksum filled in."""
    blank = fields[:148] + b" " * 8 + fields[156:]
    total = sum(blank) - (256 * sum(byte > 127 for byte in blank) if signed else 0)
    return fields[:148] + b"%06o\0 " % total + fields[156:]


def header(
    name: bytes = b"file",
    *,
    kind: bytes = b"0",
    size: int | bytes = 0,
    mode: bytes = b"0000644\0",
    uid: bytes = b"0000000\0",
    gid: bytes = b"0000000\0",
    mtime: bytes = b"00000000000\0",
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
    tail: bytes = b"",
    signed: bool = False,
) -> bytes:
    """One header; `tail` is what stands from byte 345 on (the prefix, in ustar)."""
    field = size if isinstance(size, bytes) else b"%011o\0" % size
    fields = name.ljust(100, b"\0") + mode + uid + gid + field + mtime + b" " * 8 + kind + link.ljust(100, b"\0")
    return checksummed((fields + magic).ljust(345, b"\0") + tail.ljust(BLOCK - 345, b"\0"), signed=signed)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def member(name: bytes = b"file", data: bytes = b"", **fields: bytes | bool) -> bytes:
    """A header that states the size of `data`, and `data`."""
    return header(name, size=len(data), **fields) + padded(data)  # type: ignore[arg-type]


def pax(*records: tuple[bytes, bytes], kind: bytes = b"x") -> bytes:
    """An extended header with these records."""
    return member(b"PaxHeaders/0", b"".join(record(*pair) for pair in records), kind=kind)


def record(keyword: bytes, value: bytes) -> bytes:
    """`LENGTH KEYWORD=VALUE\\n`, the length counting itself."""
    rest = b" " + keyword + b"=" + value + b"\n"
    length = len(rest)
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d" % length + rest


def cut(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """`data` in blocks of these sizes; what they do not cover is the last block."""
    start = 0
    for size in sizes:
        if block := data[start : start + size]:
            yield block
        start += size
    if start < len(data):
        yield data[start:]


def read_tar(data: bytes, limits: Limits | None = None, block: int = 1 << 20) -> TarScan:
    """A tar that lies in memory, read in blocks of `block` bytes."""
    scan = TarScan(cut(data, [block] * (len(data) // block)), limits or Limits())
    scan.run()
    return scan


def members_of(data: bytes, limits: Limits | None = None) -> Members:
    return read_tar(data, limits).members


def codes_of(scan: TarScan | LayerScan) -> list[tuple[str, str]]:
    """The findings as (severity, code)."""
    findings = scan.findings if isinstance(scan, LayerScan) else scan.findings.all()
    return [(str(finding.severity), finding.code) for finding in findings]


def blob_of(folder: Path, data: bytes, before: bytes = b"", after: bytes = b"") -> BlobRef:
    """`data` somewhere in a file."""
    path = folder / "carrier"
    path.write_bytes(before + data + after)
    return BlobRef(path, len(before), len(data))


def scan_bytes(folder: Path, data: bytes, limits: Limits | None = None) -> LayerScan:
    return scan_layer(blob_of(folder, data, b"before", b"after"), limits or Limits())
