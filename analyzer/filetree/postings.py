"""A layer's entries in a few bytes each: enough to tell which listings are worth opening, never too few.

Four documents, made once per layer: `names`, `contents` and `links` are sorted 32-bit numbers (a name's CRC, the first
four bytes of a sha256), `parts` is a Bloom filter of the names' runs of three and of four bytes. Case is folded (A to
Z), so that both kinds of search can use them. Measured over 5 million entries of 3,000 layers: 6.5 bytes and 5 µs each.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from zlib import crc32

from analyzer.filetree.entry import Kind
from analyzer.filetree.hardlinks import follow
from analyzer.filetree.listing import Listing

VERSION = 3
"""Of the form of these documents: a higher one has them made anew."""

KINDS = ("names", "parts", "contents", "links")

BITS_A_GRAM = 8  # 3 % of the runs that are not there seem to be; a name has several, and all must be there
_MULTIPLIERS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)


def documents(listing: Listing) -> dict[str, bytes]:
    """The four documents by kind; empty ones are left out."""
    made = {
        "names": _packed(_names_of(listing)),
        "parts": _filter(_grams_of(listing.paths)),
        "contents": _packed({int.from_bytes(sha256[:4]) for sha256 in listing.sha256s if sha256 is not None}),
        "links": _packed(
            crc32(path) for path in set(follow(listing.paths, listing.kinds, listing.links).below.values())
        ),
    }
    return {kind: document for kind, document in made.items() if document}


def token(name: bytes) -> int:
    """What `names` holds for the last component of a path, if that is no folder."""
    return crc32(name.lower())


def folder_token(name: bytes) -> int:
    """What `names` holds for a folder, also for one that is only implied."""
    return crc32(name.lower() + b"/")


def has_all(document: bytes, tokens: Iterable[int]) -> bool:
    """Whether a document of numbers holds all of these."""
    numbers = _numbers(document)
    return all(_holds(numbers, number, number) for number in tokens)


def has_any(document: bytes, tokens: Iterable[int]) -> bool:
    """Whether a document of numbers holds one of these."""
    numbers = _numbers(document)
    return any(_holds(numbers, number, number) for number in tokens)


def has_between(document: bytes, first: int, last: int) -> bool:
    """Whether a document of numbers holds one from `first` to `last`."""
    return _holds(_numbers(document), first, last)


def grams(piece: bytes) -> frozenset[int]:
    """The runs of a piece of a path that `parts` is asked for; `/` stands where a component begins or ends.

    Runs of four where there are some: measured, three leave five times as many listings to open.
    """
    codes: set[int] = set()
    for part in _between_slashes(piece.lower()):
        size = min(len(part), 4)
        if size >= 3:
            codes.update(int.from_bytes(part[at : at + size]) for at in range(len(part) - size + 1))
    return frozenset(codes)


def has_grams(document: bytes, codes: Iterable[int]) -> bool:
    """Whether `parts` may hold all of these runs: false is certain."""
    size = len(document) * 8
    for code in codes:
        for multiplier in _MULTIPLIERS:
            at = (code * multiplier & 0xFFFFFFFF) * size >> 32
            if not document[at >> 3] >> (at & 7) & 1:
                return False
    return True


def _between_slashes(piece: bytes) -> list[bytes]:
    """`usr/lib` as `usr/` and `/lib`: names are indexed one by one, each with its slashes."""
    parts = piece.split(b"/")
    last = len(parts) - 1
    return [(b"/" if at else b"") + part + (b"/" if at < last else b"") for at, part in enumerate(parts) if part]


def _names_of(listing: Listing) -> set[int]:
    paths, kinds = listing.paths, listing.kinds
    names = {
        crc32(path[path.rfind(b"/") + 1 :].lower() + (b"/" if kind == Kind.DIR else b""))
        for path, kind in zip(paths, kinds, strict=True)
    }
    # An odd layer may have entries below what is no folder: whoever looks for them asks for one there.
    odd = (paths[row] for row in set(listing.parents) if row >= 0 and kinds[row] != Kind.DIR)
    return names.union(folder_token(path[path.rfind(b"/") + 1 :]) for path in odd)


def _grams_of(paths: Sequence[bytes]) -> set[bytes]:
    names = {name for path in paths for name in path.split(b"/")}
    found: set[bytes] = set()
    for name in {name.lower() for name in names}:
        padded = b"/%b/" % name
        found.update([padded[at : at + 3] for at in range(len(padded) - 2)])
        found.update([padded[at : at + 4] for at in range(len(padded) - 3)])
    return found


def _filter(found: set[bytes]) -> bytes:
    bits = bytearray(-(-len(found) * BITS_A_GRAM // 8))
    size = len(bits) * 8
    for gram in found:
        code = int.from_bytes(gram)
        for multiplier in _MULTIPLIERS:
            at = (code * multiplier & 0xFFFFFFFF) * size >> 32
            bits[at >> 3] |= 1 << (at & 7)
    return bytes(bits)


def _packed(numbers: Iterable[int]) -> bytes:
    packed = array("I", sorted(numbers))
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _numbers(document: bytes) -> Sequence[int]:
    if sys.byteorder == "big":
        swapped = array("I", document)
        swapped.byteswap()
        return swapped
    return memoryview(document).cast("I")


def _holds(numbers: Sequence[int], first: int, last: int) -> bool:
    at = bisect_left(numbers, first)
    return at < len(numbers) and numbers[at] <= last
