"""Several images side by side: what they have together, by layers, by chains or by contents."""

import hashlib
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.cache import cache

from analyzer.models import LayerListing
from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.sharing.several import Together, masks, sized, together

KEYS = ("layers", "chains", "contents")
"""Layers go by diffID, chains by chainID, contents of regular files by sha256 over the images' layers."""


def several(scope: Scope, images: Sequence[ScopeImage], by: str) -> Together:
    """What the images have together. One query for contents; what was counted of layers is remembered."""
    if by == "chains":
        return together(sized(masks([scope.chains_held[image.pk] for image in images]), scope.chain_sizes), len(images))
    held = masks([scope.layers_held[image.pk] for image in images])
    if by == "layers":
        return together(sized(held, scope.layer_sizes), len(images))
    told = " ".join(f"{scope.layers[pk].diff_id}:{mask}" for pk, mask in sorted(held.items()))
    key = f"several-{len(images)}-{hashlib.sha256(told.encode()).hexdigest()}"
    found: Together | None = cache.get(key)
    if found is None:
        found = together(_contents(held), len(images))
        cache.set(key, found, timeout=None)
    return found


def _contents(held: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Who holds each content, and its bytes."""
    holders: dict[bytes, int] = {}
    sizes: dict[bytes, int] = {}
    rows = LayerListing.objects.filter(layer__in=held).values_list("layer_id", "document")
    for pk, document in rows.iterator(chunk_size=20):
        mask = held[pk]
        table = pq.read_table(pa.BufferReader(bytes(document)), columns=["sha256", "size"])
        for sha256, size in zip(table["sha256"].to_pylist(), table["size"].to_pylist(), strict=True):
            if sha256 is not None and size is not None:
                holders[sha256] = holders.get(sha256, 0) | mask
                sizes[sha256] = size
    return sized(holders, sizes)
