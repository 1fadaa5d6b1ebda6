"""The merged view of an image as its pages ask for it: what a container sees, and what is picked of it."""

from analyzer.models import Chain, Image
from analyzer.selectors.entry_select import mask_of
from analyzer.selectors.entry_source import Source, merged_source
from analyzer.selectors.listings import merged_of


def image_files(image: Image, text: str = "", kind: str = "", at: int | None = None) -> Source | None:
    """The merged view on top of layer `at` (of all, if None), and which rows match both text and kind.

    None where a layer up to there is missing, or there is none. Two queries, and those for a view that is not at hand.
    """
    chain = chain_at(image, at)
    if chain is None:
        return None
    merged = merged_of(chain)
    diff_ids = list(image.image_layers.order_by("index").values_list("diff_id", flat=True))
    return merged_source(merged, diff_ids, mask_of(merged, None, text, kind, ""))


def chain_at(image: Image, at: int | None) -> Chain | None:
    """The chain that ends with layer `at`, 0 at the bottom, or the image's own; None where it is not known."""
    if at is None:
        return image.top_chain
    row = image.image_layers.filter(index=at).select_related("chain").first()
    return row.chain if row else None
