"""Archives that claim more than they have: sizes, counts, windows."""

import io
import tarfile

from tests.archives import tar
from tests.hostile.blobs import blob_archive, one_layer
from tests.hostile.ordinary import Make


def _claimed(size: int, data: bytes = b"few") -> bytes:
    """A tar of a file that claims `size` bytes, and has few."""
    block = bytearray(tar({"claims": data}))
    block[124:136] = b"\x80" + size.to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


def _sparse(length: int) -> bytes:
    """A PAX sparse file that has nothing but a hole."""
    records = {"major": "1", "minor": "0", "realsize": str(length), "name": "hole"}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        info = tarfile.TarInfo("GNUSparseFile.0/hole")
        info.pax_headers = {f"GNU.sparse.{key}": value for key, value in records.items()}
        body = b"1\n%d\n0\n" % length
        info.size = 512
        made.addfile(info, io.BytesIO(body + bytes(512 - len(body))))
    return out.getvalue()


def _endless_pax() -> bytes:
    """An extended header of a tebibyte, of which the archive has nothing."""
    return _claimed(1 << 40, b"").replace(b"claims", b"././@P", 1)[:156] + b"x" + _claimed(1 << 40)[157:]


CLAIMS: dict[str, Make] = {
    "zstd-that-claims-a-window-of-two-gigabytes": lambda: blob_archive(
        b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([21 << 3]) + b"\x03\xff\xff\xff" + b"\0", name="window"
    ),
    "a-layer-that-claims-eight-exabytes": lambda: one_layer(_claimed((1 << 63) - 1), "claims"),
    "a-layer-that-claims-more-than-64-bits": lambda: one_layer(_claimed((1 << 80) - 1), "claims-more"),
    "an-archive-member-that-claims-eight-exabytes": lambda: _claimed((1 << 63) - 1),
    "a-sparse-file-of-an-exabyte": lambda: one_layer(_sparse(1 << 60), "sparse"),
    "a-pax-header-without-an-end": lambda: one_layer(_endless_pax(), "pax"),
}
