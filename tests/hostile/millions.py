"""Archives of millions of entries, which are small on the disk: they cost by their number alone."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache

from isal import isal_zlib

from analyzer.oci.digest import digest_of
from tests.archives import Opaque, tar
from tests.hostile.blobs import blob_archive
from tests.hostile.ordinary import Make

_GZIP = 31  # window bits: with a gzip header
_END = bytes(1024)  # of a tar


def _headers(thousands: int, shape: str) -> Iterator[bytes]:
    """Headers of empty files whose names have seven digits, a thousand at a time.

    Digits that add up to nines stand in the field of the owner's name, so that all have the same checksum.
    """
    head = bytearray(tar({shape.format("@@@@", "###"): b""})[:512])
    head[265:272] = b"%%%%$$$"
    placeholders = sum(b"@@@@###%%%%$$$")
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % (sum(head) - placeholders + 7 * sum(b"09"))
    first = bytes(head)
    block = b"".join(
        first.replace(b"###", b"%03d" % number).replace(b"$$$", b"%03d" % (999 - number)) for number in range(1_000)
    )
    for number in range(thousands):
        yield block.replace(b"@@@@", b"%04d" % number).replace(b"%%%%", b"%04d" % (9_999 - number))


def _packed(blocks: Iterable[bytes]) -> bytes:
    """One member of gzip; several after each other are one gzip."""
    packed = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _GZIP)
    return b"".join(map(packed.compress, blocks)) + packed.flush()


@cache
def _a_million() -> tuple[bytes, str]:
    """A gzip of a million headers in a thousand folders, and the diffID of the layer that they and an end make."""
    known = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for block in _headers(1_000, "d{}/{}"):
            known.update(block)
            yield block

    packed = _packed(hashed())
    known.update(_END)
    return packed, f"sha256:{known.hexdigest()}"


def _hidden() -> bytes:
    """A million entries, and a layer that hides them all."""
    packed, diff_id = _a_million()
    empty = tar([("", Opaque())])
    return blob_archive(packed + _packed([_END]), empty, name="hidden", diff_ids=(diff_id, digest_of(empty)))


def _over_the_limit() -> bytes:
    """Two millions, each name twice, and one more."""
    packed, _ = _a_million()
    return blob_archive(packed * 2 + _packed([tar({"more": b""})]), name="over")


MILLIONS: dict[str, Make] = {
    "a-million-entries-and-a-marker-that-hides-them": _hidden,
    "two-million-entries-and-one": _over_the_limit,  # over MAX_LAYER_ENTRIES
    "two-hundred-and-one-thousand-members": lambda: _packed(_headers(201, "member{}{}")),  # over MAX_ARCHIVE_MEMBERS
}
