"""The bytes of files, out of the blobs that are kept."""

from collections.abc import Iterator, Sequence

from django.conf import settings

from analyzer.archive.compression import Compression
from analyzer.archive.entrybytes import SPARSE, file_bytes, file_head
from analyzer.archive.plainbytes import PlainBytes
from analyzer.blobstore.store import BlobStore
from analyzer.models import Blob, Image, Layer
from analyzer.selectors.access import Viewer
from analyzer.selectors.file_place import Place
from analyzer.selectors.layer_blobs import kept_blobs
from analyzer.services.keeping import store
from analyzer.services.seeking import point_for


class NotKept(Exception):
    """The layer's bytes are not in the store; the message is one sentence for a person."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(f"The bytes of layer {layer.diff_id[7:19]} were not kept: its listing is all there is.")


class Endless(NotKept):
    """Holes of sparse files would be written out as more bytes than any layer may have; a sentence as well."""

    def __init__(self, size: int) -> None:
        limit = f"the limit MAX_LAYER_BYTES={settings.LIMITS.max_layer_bytes}"
        Exception.__init__(self, f"The sparse files here have {size} bytes with their holes: that is over {limit}.")


def refuse_endless(holey: int) -> None:
    """Raises Endless where sparse files of so many bytes together are more than a layer may have."""
    if holey > settings.LIMITS.max_layer_bytes:
        raise Endless(holey)


def open_blob(blobs: BlobStore, blob: Blob, layer: Layer) -> PlainBytes:
    """A reader of the layer's plain tar out of one of its blobs. Raises NotKept where its file is gone."""
    try:
        file = blobs.open(blob.digest)
    except FileNotFoundError:
        raise NotKept(layer) from None
    points = point_for(blobs, blob, layer.tar_size)
    return PlainBytes(file, Compression(blob.compression), layer.tar_size, points)


class Reader:
    """Reads layers of one image for one viewer. Two queries when it is made, none later."""

    def __init__(self, viewer: Viewer, image: Image, layers: Sequence[Layer]) -> None:
        self._blobs = kept_blobs(viewer, image, layers)
        self._store = store()

    def has(self, layer: Layer) -> bool:
        """Whether the layer's bytes are there."""
        blob = self._blobs.get(layer.pk)
        return blob is not None and self._store.has(blob.digest)

    def open(self, layer: Layer) -> PlainBytes:
        """A reader of the layer's plain tar. Raises NotKept."""
        blob = self._blobs.get(layer.pk)
        if blob is None:
            raise NotKept(layer)
        return open_blob(self._store, blob, layer)

    def head(self, place: Place, start: int, size: int) -> bytes:
        """At most `size` bytes of a file from `start` on. Raises NotKept, Damaged, OSError."""
        with self.open(place.layer) as plain:
            return file_head(plain, place.file, start, size, settings.LIMITS)

    def file(self, place: Place) -> "FileBlocks":
        """All bytes of a file. The blob is opened at once. Raises NotKept, Endless."""
        refuse_endless(place.file.size if place.file.offset == SPARSE else 0)
        return FileBlocks(self.open(place.layer), place)


class FileBlocks:
    """The bytes of a file once, in blocks of 1 MiB at most, checked at the end. Whoever has it closes it."""

    def __init__(self, plain: PlainBytes, place: Place) -> None:
        self._plain = plain
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        """Raises Damaged, OSError."""
        with self._plain:
            yield from file_bytes(self._plain, self._place.file, settings.LIMITS)

    def close(self) -> None:
        self._plain.close()
