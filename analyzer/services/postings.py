"""The step of indexing that Find needs: a layer's names and contents in a few bytes each."""

from collections.abc import Callable

from analyzer.filetree.listing import Listing
from analyzer.filetree.postings import documents
from analyzer.models import Layer, LayerPosting


def build(layer: Layer, listing: Listing) -> Callable[[], None]:
    """Makes the postings, and gives back what replaces those that are stored."""
    rows = [LayerPosting(layer=layer, kind=kind, document=document) for kind, document in documents(listing).items()]

    def write() -> None:
        LayerPosting.objects.filter(layer=layer).delete()
        LayerPosting.objects.bulk_create(rows)

    return write
