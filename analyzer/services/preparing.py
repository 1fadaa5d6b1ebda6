"""The step of a layer's index that makes files of big gzip layers quick to open."""

from collections.abc import Callable

from analyzer.filetree.listing import Listing
from analyzer.models import Layer
from analyzer.services.keeping import store
from analyzer.services.seeking import prepare


def prepare_layer(layer: Layer, _: Listing) -> Callable[[], None]:
    """Finds the seek points of the blobs that are kept; nothing is left to write in the database.

    Raises Damaged, OSError.
    """
    blobs = store()
    for blob in layer.blobs.filter(kept=True):
        if blobs.has(blob.digest):
            prepare(blobs, blob, layer.tar_size)
    return lambda: None
