"""The bytes of files, out of the blobs that are kept."""

from collections.abc import Iterator

from django.conf import settings

from analyzer.archive.compression import Compression
from analyzer.archive.entrybytes import file_bytes, file_head
from analyzer.archive.plainbytes import PlainBytes
from analyzer.models import Layer
from analyzer.selectors.access import Viewer
from analyzer.selectors.file_place import Place
from analyzer.selectors.layer_blobs import blobs_of
from analyzer.services.keeping import store
from analyzer.services.seeking import point_for


class NotKept(Exception):
    """The layer's bytes are not in the store; the message is one sentence for a person."""


def plain_bytes(viewer: Viewer, layer: Layer) -> PlainBytes:
    """A reader of the layer's plain tar, out of a kept blob that the viewer's teams brought. Raises NotKept."""
    blobs = store()
    for blob in blobs_of(viewer, layer):
        if blob.kept:
            try:
                file = blobs.open(blob.digest)
            except FileNotFoundError:  # removed meanwhile
                continue
            points = point_for(blobs, blob, layer.tar_size)
            return PlainBytes(file, Compression(blob.compression), layer.tar_size, points)
    raise NotKept(
        f"The bytes of layer {layer.diff_id[7:19]} were not kept: its figures and its listing are all there is."
    )


def read_file(viewer: Viewer, place: Place) -> Iterator[bytes]:
    """All bytes of a file in blocks of 1 MiB at most, checked at the end. The blob is opened at once.

    Raises NotKept before the first block, Damaged and OSError while reading.
    """
    return _closing(plain_bytes(viewer, place.layer), place)


def read_head(viewer: Viewer, place: Place, start: int, size: int) -> bytes:
    """At most `size` bytes from `start` on. Raises NotKept, Damaged, OSError."""
    with plain_bytes(viewer, place.layer) as plain:
        return file_head(plain, place.file, start, size, settings.LIMITS)


def _closing(plain: PlainBytes, place: Place) -> Iterator[bytes]:
    with plain:
        yield from file_bytes(plain, place.file, settings.LIMITS)
