"""Classifies each layer against the chain below it, once per chainID in the life of the system."""

from collections.abc import Sequence
from weakref import WeakValueDictionary

from django.conf import settings

from analyzer.filetree.hiddenlarge import hidden_large_files
from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.overlay import UnionMount
from analyzer.models import Chain, Layer, LayerListing
from analyzer.oci.digest import chain_ids
from analyzer.oci.findings import Finding


class LayerGone(Exception):
    """A layer was removed while the archive was being taken in; its blob has to be read again."""

    def __init__(self, diff_ids: Sequence[str]) -> None:
        super().__init__(f"removed meanwhile: {', '.join(diff_ids)}")
        self.diff_ids = diff_ids


def layer_there(diff_id: str | None) -> Layer:
    """The stored layer. Raises LayerGone."""
    layer = Layer.objects.filter(diff_id=diff_id).first()
    if layer is None:
        raise LayerGone([diff_id or ""])
    return layer


class ChainBuilder:
    """Builds the chains of images one after the other.

    `listings` may hold listings that were read just now, by diffID; others come from the database. The state of
    the last chain is kept, since images of one archive often stand on each other. A layer that stands several times
    in a chain is in memory once.
    """

    def __init__(self, listings: dict[str, Listing] | None = None) -> None:
        self._listings = listings or {}
        self._loaded: WeakValueDictionary[str, Listing] = WeakValueDictionary()  # by diffID, as long as it is mounted
        self._mount = UnionMount()
        self._mounted: list[str] = []  # chainIDs that the mount holds, bottom first

    def build(self, diff_ids: Sequence[str]) -> list[Chain]:
        """The chain of each layer, bottom first; those that are not known yet are stored.

        Raises LayerGone, and LimitReached for the entries of all layers together.
        """
        wanted = chain_ids(diff_ids)
        known = {chain.chain_id: chain for chain in Chain.objects.filter(chain_id__in=wanted)}
        chains: list[Chain] = []
        for index, chain_id in enumerate(wanted):
            chain = known.get(chain_id)
            if chain is None:
                self._mount_up_to(wanted[:index], diff_ids[:index])
                diff = self._apply(chain_id, diff_ids[index])
                chain = self._store(chain_id, diff_ids[index], chains[-1] if chains else None, diff)
            chains.append(chain)
        return chains

    def _mount_up_to(self, wanted: Sequence[str], diff_ids: Sequence[str]) -> None:
        if self._mounted != wanted[: len(self._mounted)]:
            self._mount, self._mounted = UnionMount(), []
        for chain_id, diff_id in zip(wanted[len(self._mounted) :], diff_ids[len(self._mounted) :], strict=True):
            self._apply(chain_id, diff_id)

    def _apply(self, chain_id: str, diff_id: str) -> LayerDiff:
        listing = self._listing(diff_id)
        rows = len(listing) + sum(map(len, self._mount.listings))
        settings.LIMITS.check("max_image_entries", rows, "The number of entries of the image's layers")
        diff = self._mount.apply(listing)
        self._mounted.append(chain_id)
        return diff

    def _listing(self, diff_id: str) -> Listing:
        listing = self._listings.get(diff_id) or self._loaded.get(diff_id)
        if listing is None:
            row = LayerListing.objects.filter(layer__diff_id=diff_id).first()
            if row is None:
                raise LayerGone([diff_id])
            listing = self._loaded[diff_id] = Listing.from_parquet(bytes(row.document))
        return listing

    def _store(self, chain_id: str, diff_id: str, parent: Chain | None, diff: LayerDiff) -> Chain:
        layer = layer_there(diff_id)
        dead = {f"waste_{cause}": size for cause, size in diff.dead_bytes.items()}
        below = {name: getattr(parent, name) if parent else 0 for name in dead}
        chain, _ = Chain.objects.get_or_create(
            chain_id=chain_id,
            defaults={
                "parent": parent,
                "layer": layer,
                "depth": parent.depth + 1 if parent else 0,
                "size": layer.size + (parent.size if parent else 0),
                "merged_entries": self._mount.entries,
                **{name: below[name] + size for name, size in dead.items()},
                "dive_cumulative": diff.dive.cumulative,
                "dive_minimal": diff.dive.minimal,
                "dive_wasted": diff.dive.wasted,
                "added": diff.added,
                "modified": diff.modified,
                "removed": diff.removed,
                "changes": diff.to_bytes(self._mount.listings[-1]),
                "findings": [finding.as_json() for finding in self._findings(diff)],
            },
        )
        return chain

    def _findings(self, diff: LayerDiff) -> list[Finding]:
        return [*diff.findings, *hidden_large_files(diff, self._mount.listings)]
