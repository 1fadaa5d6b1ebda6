"""What moving an image onto another base would change: by layers and by chains, and what the base already has.

The image keeps the layers above its base as they are, on top of the other base's chain. Moving them as they are is an
assumption: a build on the other base may well make other layers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Stack = Sequence[str]
"""The diffIDs of an image, bottom first."""


@dataclass(frozen=True, slots=True)
class Side:
    """The image in its collection, before or after. Bytes."""

    size: int  # of the image
    shared: int  # of its chains that another image has too: by chainID
    layers: int  # unique layers of the whole collection, by diffID
    chains: int  # unique chains of the whole collection, by chainID
    held: tuple[bool, ...]  # of each layer, bottom first: whether another image has its chain


@dataclass(frozen=True, slots=True)
class Rebase:
    """`stack` is what the image would be; `own` of its layers, from the top, are those that were moved."""

    stack: tuple[str, ...]
    own: int
    before: Side
    after: Side
    left: tuple[str, ...]  # layers that the image leaves and that nothing else needs: they go

    @property
    def base(self) -> tuple[str, ...]:
        """The layers of the new base."""
        return self.stack[: len(self.stack) - self.own]

    @property
    def more_shared(self) -> int:
        """Bytes, by chainID, that the image shares then and does not share now; negative where it is fewer."""
        return self.after.shared - self.before.shared

    @property
    def freed(self) -> int:
        """Bytes, by diffID, that the collection needs fewer; negative where it is more."""
        return self.before.layers - self.after.layers

    @property
    def freed_chains(self) -> int:
        """The same by chainID, on an engine's disk: the moved layers are stored again on their new parents."""
        return self.before.chains - self.after.chains


def rebase(image: Stack, base_layers: int, base: Stack, others: Iterable[Stack], size_of: dict[str, int]) -> Rebase:
    """The image, whose lowest `base_layers` layers are its present base, moved onto `base`.

    `others` are the other images of the collection, `base` among them if it is kept; `size_of` has every diffID.
    """
    own = tuple(image[base_layers:])
    moved = (*base, *own)
    kept = [tuple(stack) for stack in others]
    chains = {stack[:depth] for stack in kept for depth in range(1, len(stack) + 1)}
    layers = {diff_id for stack in kept for diff_id in stack}

    def side(stack: tuple[str, ...]) -> Side:
        steps = [stack[:depth] for depth in range(1, len(stack) + 1)]
        mine = set(steps)
        return Side(
            size=sum(size_of[diff_id] for diff_id in stack),
            shared=sum(size_of[chain[-1]] for chain in mine & chains),
            layers=sum(size_of[diff_id] for diff_id in layers.union(stack)),
            chains=sum(size_of[chain[-1]] for chain in chains | mine),
            held=tuple(chain in chains for chain in steps),
        )

    left = tuple(diff_id for diff_id in dict.fromkeys(image) if diff_id not in layers and diff_id not in moved)
    return Rebase(moved, len(own), side(tuple(image)), side(moved), left)
