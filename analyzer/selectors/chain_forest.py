"""The chain forest of a scope: its chains as they stand on each other, and the boxes of them that a page draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from analyzer.selectors.scope import Scope, ScopeImage, ScopeLayer
from analyzer.selectors.scope_facts import once_a_scope
from analyzer.sharing.forest import Box, Forest, Node, Place, boxes

MOST_BOXES = 300
"""Plotly takes about a millisecond for each, and the page some 300 bytes."""

UNFOLDED = 120
"""Up to so many chains each has a box of its own; of more, runs of chains are one box."""


@dataclass(frozen=True)
class Woods:
    """The chains of the whole images of `scope`; their sizes add up to its unique chains. Keys are the scope's."""

    scope: Scope
    forest: Forest
    ends: Mapping[int, Sequence[ScopeImage]]  # the images of which the chain is the top, by name
    keys: Mapping[str, int] = field(repr=False)  # of the chains, by chainID

    def layer(self, key: int) -> ScopeLayer:
        return self.scope.layers[self.scope.chains[key].layer]

    def names(self, key: int) -> list[str]:
        """The names of the images that end on the chain."""
        return [image.name for image in self.ends.get(key, ())]

    @cached_property
    def size(self) -> int:
        """Bytes of all chains."""
        return sum(node.size for node in self.forest.nodes.values())

    def place(self, chain_id: str, start: str) -> Place | None:
        """The place that an address means by a chainID and a number; None if there is none."""
        if chain_id and chain_id not in self.keys:
            return None
        at = self.keys[chain_id] if chain_id else None
        if not start:
            return Place(at)
        number = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else -1
        return Place(at, number) if 0 <= number < len(self.forest.on(at)) else None

    def drawn(self, place: Place) -> list[Box]:
        """The boxes of `place`: runs are folded where it holds many chains, and what is thin stands together."""
        bottom = self.forest.at(place)
        number = sum(1 for _ in self.forest.walk(bottom))
        width = sum(self.forest.above[key] for key in bottom)
        return boxes(self.forest, place, most=MOST_BOXES, least=width // MOST_BOXES, fold=number > UNFOLDED)

    def largest(self, keys: Sequence[int]) -> int:
        """Of these chains the one whose own layer has the most bytes."""
        return max(keys, key=lambda key: (self.forest.nodes[key].size, -key))

    def images_on(self, place: Place) -> list[ScopeImage]:
        """The images that end in `place`, in the order of the forest."""
        return [image for key in self.forest.walk(self.forest.at(place)) for image in self.ends.get(key, ())]


@once_a_scope
def woods_of(scope: Scope) -> Woods:
    """The forest of the scope. No query."""
    ends: dict[int, list[ScopeImage]] = {}
    for image in sorted(scope.whole, key=lambda image: (image.name, image.pk)):
        if image.top_chain is not None:
            ends.setdefault(image.top_chain, []).append(image)
    used = {chain for image in scope.whole for chain in image.chains}
    chains, layers = scope.chains, scope.layers
    nodes = [Node(key, chains[key].parent, layers[chains[key].layer].size, len(ends.get(key, ()))) for key in used]
    return Woods(scope, Forest(nodes), ends, {chains[key].chain_id: key for key in used})
