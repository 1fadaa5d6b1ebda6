"""Listings and merged views at hand: documents that never change, decoded once while they are looked at."""

import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from analyzer.filetree.listing import Listing
from analyzer.filetree.merged import Merged, merge
from analyzer.filetree.overlay import UnionMount
from analyzer.models import Chain, Layer, LayerListing
from analyzer.selectors.memo import Memo

MOST_ENTRIES = 120_000
"""Entries of all listings, and of all merged views, that a process keeps at hand: 300 to 600 bytes each once their
columns have been looked at, so about 100 MB in all."""

_listings: Memo[Listing] = Memo(MOST_ENTRIES, lambda listing: len(listing) + 1)
_merged: Memo[Merged] = Memo(MOST_ENTRIES, lambda merged: len(merged) + 1)


def listing_of(layer: Layer) -> Listing:
    """One query, if it is not at hand. Raises LayerListing.DoesNotExist for a layer removed meanwhile."""
    listing = _listings.get(layer.diff_id)
    if listing is None:
        document = LayerListing.objects.values_list("document", flat=True).get(layer_id=layer.pk)
        listing = Listing.from_parquet(bytes(document))
        _listings.put(layer.diff_id, listing)
    return listing


def listings_of(layers: Sequence[Layer]) -> list[Listing]:
    """Those of several layers, in their order. One query for all that are not at hand."""
    found = {layer.diff_id: _listings.get(layer.diff_id) for layer in layers}
    lacking = [layer.pk for layer in layers if found[layer.diff_id] is None]
    if lacking:
        rows = LayerListing.objects.filter(layer_id__in=lacking).values_list("layer__diff_id", "document")
        for diff_id, document in rows.iterator(chunk_size=20):
            listing = Listing.from_parquet(bytes(document))
            _listings.put(diff_id, listing)
            found[diff_id] = listing
    return [found[layer.diff_id] or listing_of(layer) for layer in layers]


def layers_of(chain: Chain) -> list[Layer]:
    """The layers of a chain, bottom first, found through any image that stands on it; else link by link."""
    row = chain.image_layers.first()
    if row is not None:
        rows = row.image.image_layers.filter(index__lte=row.index).select_related("layer").order_by("index")
        return [item.layer for item in rows if item.layer is not None]
    below = layers_of(chain.parent) if chain.parent else []
    return [*below, chain.layer]


def merged_of(chain: Chain) -> Merged:
    """What a container on this chain sees. Replayed from the listings once, then kept as a file of the cache."""
    merged = _merged.get(chain.chain_id)
    if merged is None:
        path = _path(chain.chain_id)
        if path.exists():
            merged = Merged.from_parquet(path.read_bytes())
        else:
            merged = replay(layers_of(chain))
            _write(path, merged.to_parquet())
        _merged.put(chain.chain_id, merged)
    return merged


def replay(layers: Sequence[Layer]) -> Merged:
    """The merged view of these layers, bottom first."""
    mount = UnionMount()
    for layer in layers:
        mount.apply(listing_of(layer))
    return merge(mount)


def _write(path: Path, document: bytes) -> None:
    """Whole or not at all: another process may be writing the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    draft.write_bytes(document)
    os.replace(draft, path)


def forget_merged(chain_id: str) -> None:
    """Drops the cached view of a chain that was removed."""
    _path(chain_id).unlink(missing_ok=True)


def _path(chain_id: str) -> Path:
    digits = chain_id.removeprefix("sha256:")
    return Path(settings.CACHE_DIR, "merged", digits[:2], f"{digits}.parquet")
