"""The sha256 of a regular file as a reader of it would see it: the holes of a sparse file are zeros, and count."""

from analyzer.archive.hashing import new_sha256
from analyzer.archive.layerfindings import LayerFindings
from analyzer.archive.sparse import SparseMap
from analyzer.archive.tarheader import MAX_NUMBER, HeaderError
from analyzer.archive.tarstream import TarStream
from analyzer.oci.findings import escape

MAX_HASHED_HOLES = 1 << 30  # bytes of holes that are hashed for all files of a layer together: half a second's work
_ZEROS = bytes(1 << 20)


class ContentReader:
    """Reads the data of one file after the other; each time the stream stands behind the padding afterwards."""

    def __init__(self, stream: TarStream, findings: LayerFindings) -> None:
        self._stream = stream
        self._findings = findings
        self._holes_left = MAX_HASHED_HOLES
        self._sparse_bytes = 0

    def plain(self, path: bytes, stored: int) -> bytes:
        """Raises Damaged if the tar ends before `stored` bytes."""
        digest = new_sha256()
        self._stream.pass_on(stored, digest.update, _name(path))
        self._stream.pad(stored)
        return digest.digest()

    def sparse(self, path: bytes, stored: int, layout: SparseMap) -> bytes | None:
        """None, and a finding, where the holes are too many to be hashed. Raises Damaged, HeaderError."""
        self._sparse_bytes += layout.length
        if self._sparse_bytes > MAX_NUMBER:  # the sizes of a layer must add up within 64 bits
            raise HeaderError("the sizes of the layer's sparse files add up to more than 8 EiB")
        if layout.holes > self._holes_left:
            detail = f"A sparse file of {layout.length:,} bytes, most of them holes, was not read; no sha256 is known."
            self._findings.add("sparse-not-hashed", detail, path)
            self.skip(stored)
            return None
        self._holes_left -= layout.holes
        digest = new_sha256()
        for zeros, size in layout.pieces():
            for start in range(0, zeros, len(_ZEROS)):
                digest.update(memoryview(_ZEROS)[: zeros - start])
            self._stream.pass_on(size, digest.update, _name(path))
        self._stream.pad(stored)
        return digest.digest()

    def skip(self, stored: int) -> None:
        """Passes over data that nobody needs."""
        self._stream.skip(stored)
        self._stream.pad(stored)


def _name(path: bytes) -> str:
    return f"the file {escape(path)}"
