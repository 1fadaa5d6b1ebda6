"""Where what was found shows: each image that has the layer, and whether its merged view shows that very entry."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from zlib import crc32

from analyzer.filetree import postings
from analyzer.filetree.covering import hides, may_hide
from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import dead_rows
from analyzer.filetree.listing import Listing
from analyzer.models import Chain, ImageLayer, LayerListing
from analyzer.selectors.finding.hits import Hit
from analyzer.selectors.finding.kept import postings_of
from analyzer.selectors.finding.sight import Budget, Sight
from analyzer.selectors.memo import Memo

MOST_DEAD = 2_000_000  # rows that are kept in memory, 8 bytes each
CHUNK = 500

Dead = dict[int, "array[int]"]
_dead: Memo[Dead] = Memo(MOST_DEAD, lambda dead: 20 + sum(map(len, dead.values())))

Visible = bool | None
"""None: not known, as a layer is missing or there was no time to look."""


@dataclass(frozen=True, slots=True)
class Step:
    """A layer of an image, bottom first; None where it is not stored, or nothing is known of the chain."""

    layer: int | None
    chain: int | None


Stacks = Mapping[int, Sequence[Step]]
"""The layers of each image, by primary key."""


def stacks_of(sight: Sight, layers: Collection[int]) -> Stacks:
    """The images in sight that have one of these layers, whole. One query."""
    with_one = ImageLayer.objects.filter(layer__in=layers).values("image_id")
    rows = ImageLayer.objects.filter(image__in=sight.images.filter(pk__in=with_one)).order_by("image_id", "index")
    stacks: dict[int, list[Step]] = {}
    for image, layer, chain in rows.values_list("image_id", "layer_id", "chain_id"):
        stacks.setdefault(image, []).append(Step(layer, chain))
    return stacks


def places_of(hits: Sequence[Hit], stacks: Stacks, unindexed: Set[int], budget: Budget) -> list[dict[int, Visible]]:
    """For each hit the images that have it, and whether they show it. `unindexed`: layers that lack their postings."""
    by_layer: dict[int, list[int]] = {}
    for number, hit in enumerate(hits):
        by_layer.setdefault(hit.layer, []).append(number)
    view = _View(stacks, by_layer, unindexed, budget)
    places: list[dict[int, Visible]] = [{} for _ in hits]
    for image, stack in stacks.items():
        for index, step in enumerate(stack):
            for number in by_layer.get(step.layer, ()) if step.layer is not None else ():
                # A layer may stand in an image twice: the entry shows if it does once.
                places[number][image] = places[number].get(image) or view.shows(hits[number], stack, index)
    return places


class _View:
    """What is needed to tell whether entries are hidden, read once for all of them."""

    def __init__(
        self, stacks: Stacks, by_layer: Mapping[int, Sequence[int]], unindexed: Set[int], budget: Budget
    ) -> None:
        above: set[int] = set()
        layers: set[int] = set()
        for stack in stacks.values():
            first = next((index for index, step in enumerate(stack) if step.layer in by_layer), len(stack))
            above.update(step.chain for step in stack[first:] if step.chain is not None)
            layers.update(step.layer for step in stack[first:] if step.layer is not None)
        self.dead = _dead_of(above)
        self.budget = budget
        self.unindexed = unindexed & layers
        self.links = dict(postings_of("links", layers - self.unindexed))
        self.layers = layers
        self.names: dict[int, bytes] | None = None
        self.hidden: dict[tuple[int, bytes], bool] = {}
        self.listings: dict[int, Listing] = {}

    def shows(self, hit: Hit, stack: Sequence[Step], index: int) -> Visible:
        if hit.lost:
            return False
        known = True
        for step in stack[index:]:
            if step.chain is None:
                known = False
                continue
            rows = self.dead[step.chain].get(index) if step.chain in self.dead else None
            if rows is not None and _holds(rows, hit.ordinal):
                return False
        if not known:
            return None
        if hit.kind == Kind.DIR:  # which has one name alone
            return True
        upper = [step.layer for step in stack[index + 1 :] if step.layer is not None]
        if hit.shared or any(self._links_to(layer, hit.path) for layer in upper):
            return self._shows_name(hit.path, upper)
        return True

    def _links_to(self, layer: int, path: bytes) -> bool:
        """Whether a hard link of the layer gives an entry of a lower one a further name."""
        if layer in self.unindexed:
            return True
        return layer in self.links and postings.has_all(self.links[layer], [crc32(path)])

    def _shows_name(self, path: bytes, upper: Sequence[int]) -> Visible:
        """Whether no layer above takes this name away; its bytes may live on under another."""
        for layer in upper:
            if (layer, path) not in self.hidden:
                if self.budget.is_over():
                    return None
                self.hidden[layer, path] = self._is_hidden_by(layer, path)
            if self.hidden[layer, path]:
                return False
        return True

    def _is_hidden_by(self, layer: int, path: bytes) -> bool:
        if self.names is None:
            self.names = dict(postings_of("names", self.layers - self.unindexed))
        if layer not in self.unindexed and not may_hide(self.names.get(layer, b""), path):
            return False
        if layer not in self.listings:
            document = LayerListing.objects.filter(layer=layer).values_list("document", flat=True).first()
            if document is None:
                return False
            if len(self.listings) > CHUNK:
                self.listings.clear()
            self.listings[layer] = Listing.from_parquet(bytes(document), columns=["path", "kind"])
        return hides(self.listings[layer], path)


def _dead_of(chains: Collection[int]) -> dict[int, Dead]:
    """What the top layer of each chain hides, by the chain's primary key."""
    found: dict[int, Dead] = {}
    lacking: list[int] = []
    ordered = sorted(chains)
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        for pk, chain_id in Chain.objects.filter(pk__in=some).values_list("pk", "chain_id"):
            dead = _dead.get(chain_id)
            if dead is None:
                lacking.append(pk)
            else:
                found[pk] = dead
    for start in range(0, len(lacking), CHUNK):
        rows = Chain.objects.filter(pk__in=lacking[start : start + CHUNK]).values_list("pk", "chain_id", "changes")
        for pk, chain_id, changes in rows:
            found[pk] = dead_rows(bytes(changes))
            _dead.put(chain_id, found[pk])
    return {pk: dead for pk, dead in found.items() if dead}


def _holds(rows: "array[int]", row: int) -> bool:
    at = bisect_left(rows, row)
    return at < len(rows) and rows[at] == row
