"""What moving an image onto another base would change: by layers and by chains, and what the base already has.

The image keeps the layers above its base as they are, on top of the other base's chain. Moving them as they are is an
assumption: a build on the other base may well make other layers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


class Stacks:
    """The images of a collection, counted by layer and by chain, so that one can be moved without counting all anew."""

    def __init__(self, stacks: Iterable[Stack], size_of: Mapping[str, int]) -> None:
        """`size_of` has the bytes of every diffID."""
        self._size_of = size_of
        self._layer_users: Counter[str] = Counter()
        self._chain_users: Counter[tuple[str, ...]] = Counter()
        self.layers = 0  # bytes of the unique layers, by diffID
        self.chains = 0  # bytes of the unique chains, by chainID
        for stack in stacks:
            self.add(stack)

    def add(self, stack: Stack) -> None:
        """One more image."""
        for diff_id in set(stack):
            self._layer_users[diff_id] += 1
            if self._layer_users[diff_id] == 1:
                self.layers += self._size_of[diff_id]
        for chain in _chains(stack):
            self._chain_users[chain] += 1
            if self._chain_users[chain] == 1:
                self.chains += self._size_of[chain[-1]]

    def remove(self, stack: Stack) -> None:
        """One image of the collection less."""
        for diff_id in set(stack):
            self._layer_users[diff_id] -= 1
            if not self._layer_users[diff_id]:
                self.layers -= self._size_of[diff_id]
        for chain in _chains(stack):
            self._chain_users[chain] -= 1
            if not self._chain_users[chain]:
                self.chains -= self._size_of[chain[-1]]

    def rebase(self, image: Stack, base_layers: int, base: Stack) -> Rebase:
        """What would change if `image`, one of the collection, moved from its lowest `base_layers` layers onto `base`.

        The collection is as before afterwards.
        """
        told = self.move(image, base_layers, base)
        self.remove(told.stack)
        self.add(image)
        return told

    def move(self, image: Stack, base_layers: int, base: Stack) -> Rebase:
        """The same, and the image stays moved."""
        moved = (*base, *image[base_layers:])
        before = self._side(image)
        self.remove(image)
        left = tuple(
            diff_id for diff_id in dict.fromkeys(image) if not self._layer_users[diff_id] and diff_id not in moved
        )
        self.add(moved)
        after = self._side(moved)
        return Rebase(moved, len(image) - base_layers, before, after, left)

    def _side(self, stack: Stack) -> Side:
        """The figures of an image that is in the collection."""
        held = tuple(self._chain_users[chain] > 1 for chain in _chains(stack))
        sizes = [self._size_of[diff_id] for diff_id in stack]
        return Side(
            size=sum(sizes),
            shared=sum(size for size, is_held in zip(sizes, held, strict=True) if is_held),
            layers=self.layers,
            chains=self.chains,
            held=held,
        )


def _chains(stack: Stack) -> list[tuple[str, ...]]:
    """The chains of an image from the bottom up: each is known by all of its layers."""
    whole = tuple(stack)
    return [whole[:depth] for depth in range(1, len(whole) + 1)]
