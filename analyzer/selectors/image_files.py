"""The merged view of an image as its pages ask for it: what a container sees, and what is picked of it."""

from analyzer.models import Image
from analyzer.selectors.entry_select import mask_of
from analyzer.selectors.entry_source import Source, merged_source
from analyzer.selectors.listings import merged_of


def image_files(image: Image, text: str = "", kind: str = "") -> Source | None:
    """The merged view, and which rows match both; None where a layer is missing, or there is none.

    Two queries, and those for a merged view that is not at hand.
    """
    chain = image.top_chain
    if chain is None:
        return None
    merged = merged_of(chain)
    diff_ids = list(image.image_layers.order_by("index").values_list("diff_id", flat=True))
    return merged_source(merged, merged.layers, diff_ids, mask_of(merged, None, text, kind, ""))
