"""Large files that a layer hides: gone from the merged view, and still in the image for whoever looks."""

from collections.abc import Iterator, Sequence

from analyzer.filetree.irregular import Case, capped
from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.oci.findings import Finding, Severity

LARGE = 10 << 20
"""Bytes from which a hidden file is told."""


def hidden_large_files(diff: LayerDiff, listings: Sequence[Listing]) -> list[Finding]:
    """The findings of the layer that hides them, which is the top one of `listings`, bottom first; largest first."""
    return capped("hidden-large-file", Severity.INFO, _cases(diff, listings))


def _cases(diff: LayerDiff, listings: Sequence[Listing]) -> Iterator[Case]:
    large = [dead for dead in diff.dead if dead.size >= LARGE]
    for dead in sorted(large, key=lambda dead: (-dead.size, dead.layer, dead.ordinal)):
        detail = f"{dead.size:,} B of layer {dead.layer} are hidden here ({dead.cause}), and still in the image."
        yield listings[dead.layer].paths[dead.ordinal], detail
