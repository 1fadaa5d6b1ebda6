"""What the top layer of a chain changes and hides, decoded once while it is looked at."""

from collections.abc import Sequence

from analyzer.filetree.layerdiff import LayerDiff
from analyzer.models import Chain, Layer
from analyzer.selectors.listings import layers_of, listing_of
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
        layers = layers_of(chain) if layers is None else layers
        changes = bytes(Chain.objects.values_list("changes", flat=True).get(pk=chain.pk))
        diff = LayerDiff.from_bytes(changes, [listing_of(layer) for layer in layers])
        _diffs.put(chain.chain_id, diff)
    return diff


def hidden_by_layer(chains: Sequence[Chain], layers: Sequence[Layer]) -> dict[int, Hidden]:
    """For the chains of one image and their layers, bottom first: index of the layer that brought bytes → index of
    the one that hides them → how many bytes."""
    brought: dict[int, Hidden] = {}
    below = 0
    for hider, chain in enumerate(chains):
        waste = chain.waste
        hidden = _hidden.get(chain.chain_id) if waste > below else {}
        below = waste
        if hidden is None:
            hidden = {}
            for dead in diff_of(chain, layers[: hider + 1]).dead:
                if dead.size:
                    hidden[dead.layer] = hidden.get(dead.layer, 0) + dead.size
            _hidden.put(chain.chain_id, hidden)
        for index, size in hidden.items():
            brought.setdefault(index, {})[hider] = size
    return brought
