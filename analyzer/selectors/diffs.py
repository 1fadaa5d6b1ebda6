"""What the top layer of a chain changes and hides, decoded once while it is looked at."""

from collections.abc import Iterable, Sequence

from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.models import Chain, Layer
from analyzer.selectors.listings import layers_of, listings_of
from analyzer.selectors.memo import Memo

MOST_ENTRIES = 4_000_000  # of all diffs that are kept: a byte or two each
DEAD_WEIGHT = 50  # a hidden entry weighs as much as this many others
MOST_CHAINS = 10_000

Hidden = dict[int, int]
"""Index of the layer that brought bytes → how many of them the chain's top layer hides."""

_diffs: Memo[LayerDiff] = Memo(MOST_ENTRIES, lambda diff: len(diff.changes) + DEAD_WEIGHT * len(diff.dead) + 1)
_hidden: Memo[Hidden] = Memo(MOST_CHAINS, lambda hidden: 1 + len(hidden))


def diff_of(chain: Chain, layers: Sequence[Layer] | None = None) -> LayerDiff:
    """The diff of the chain's top layer. `layers` are those of the chain, bottom first, where they are at hand.

    No query if it was looked at lately; else one, and those for layers and listings that are not at hand.
    """
    diff = _diffs.get(chain.chain_id)
    if diff is None:
        changes = bytes(Chain.objects.values_list("changes", flat=True).get(pk=chain.pk))
        diff = _decoded(chain, changes, listings_of(layers_of(chain) if layers is None else layers))
    return diff


def diffs_of(chains: Sequence[Chain], layers: Sequence[Layer], wanted: Iterable[int]) -> dict[int, LayerDiff]:
    """The diffs of some of an image's layers, by index; `chains` and `layers` are all of them, bottom first.

    One query for those that are not at hand.
    """
    found = {index: _diffs.get(chains[index].chain_id) for index in wanted}
    lacking = [index for index, diff in found.items() if diff is None]
    if lacking:
        listings = listings_of(layers)
        pks = [chains[index].pk for index in lacking]
        changes = dict(Chain.objects.filter(pk__in=pks).values_list("pk", "changes"))
        for index in lacking:
            found[index] = _decoded(chains[index], bytes(changes[chains[index].pk]), listings[: index + 1])
    return {index: diff for index, diff in found.items() if diff is not None}


def _decoded(chain: Chain, changes: bytes, listings: Sequence[Listing]) -> LayerDiff:
    diff = LayerDiff.from_bytes(changes, listings)
    _diffs.put(chain.chain_id, diff)
    return diff


def hidden_by_layer(chains: Sequence[Chain], layers: Sequence[Layer]) -> dict[int, Hidden]:
    """For the chains of one image and their layers, bottom first: index of the layer that brought bytes → index of
    the one that hides them → how many bytes. Two queries at most."""
    brought: dict[int, Hidden] = {}
    for hider, hidden in _hidden_by(chains, layers).items():
        for index, size in hidden.items():
            brought.setdefault(index, {})[hider] = size
    return brought


def _hidden_by(chains: Sequence[Chain], layers: Sequence[Layer]) -> dict[int, Hidden]:
    """By the index of the hiding layer; those that hide nothing are left out."""
    wasteful = [depth for depth, chain in enumerate(chains) if chain.waste > (chains[depth - 1].waste if depth else 0)]
    found = {depth: _hidden.get(chains[depth].chain_id) for depth in wasteful}
    lacking = [depth for depth, hidden in found.items() if hidden is None]
    if lacking:
        listings = listings_of(layers[: lacking[-1] + 1])
        pks = [chains[depth].pk for depth in lacking]
        changes = dict(Chain.objects.filter(pk__in=pks).values_list("pk", "changes"))
        for depth in lacking:
            chain = chains[depth]
            found[depth] = _sums(_decoded(chain, bytes(changes[chain.pk]), listings[: depth + 1]))
            _hidden.put(chain.chain_id, found[depth] or {})
    return {depth: hidden for depth, hidden in found.items() if hidden}


def _sums(diff: LayerDiff) -> Hidden:
    hidden: Hidden = {}
    for dead in diff.dead:
        if dead.size:
            hidden[dead.layer] = hidden.get(dead.layer, 0) + dead.size
    return hidden
