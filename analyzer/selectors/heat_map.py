"""What every two images of a scope share, or every two families of them where the images are many."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.selectors.chain_forest import Woods
from analyzer.selectors.scope import ScopeImage
from analyzer.sharing.clustering import clustered
from analyzer.sharing.families import Family, families
from analyzer.sharing.forest import Place
from analyzer.sharing.matrix import Matrix, by_chains, by_sets, reordered, shares

MOST_ROWS = 64
"""A side: names can still be read beside them, and the page stays small."""

KEYS = ("chain", "layer")
"""By chainID, what an engine's disk holds once; by diffID, what this store holds once."""


@dataclass(frozen=True, slots=True)
class Row:
    """An image, or a family of them with the `place` of the forest in which they end. `size`: their mean, in bytes."""

    name: str
    images: Sequence[ScopeImage]
    place: Place | None
    size: int

    @property
    def image(self) -> ScopeImage | None:
        return self.images[0] if self.place is None else None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows: the bytes that each image of one shares with each image of the other, and their part of the smaller."""

    one: Row
    other: Row
    shared: int
    share: float

    @property
    def smaller(self) -> int:
        """Bytes of the smaller row."""
        return min(self.one.size, self.other.size)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """`shared` in bytes and `shares` (0 to 1) of every two rows; the alike stand together."""

    key: str
    rows: Sequence[Row]
    shared: Matrix
    shares: Sequence[Sequence[float]]

    def pairs(self) -> list[Pair]:
        """Every two rows, those that share the most first."""
        number = len(self.rows)
        order = sorted(
            ((first, second) for first in range(number) for second in range(first + 1, number)),
            key=lambda pair: (-self.shared[pair[0]][pair[1]], -self.shares[pair[0]][pair[1]], pair),
        )
        return [Pair(self.rows[a], self.rows[b], self.shared[a][b], self.shares[a][b]) for a, b in order]


def heat_map(woods: Woods, place: Place, key: str = "chain") -> HeatMap:
    """The images that end in `place`, at most MOST_ROWS rows; `key` is one of KEYS. No query.

    By chainID the order is that of the forest, which clusters exactly; by diffID it is that of average linkage over the
    shares of the rows.
    """
    by_pk = woods.scope.images
    ends = {chain: [image.pk for image in images] for chain, images in woods.ends.items()}
    found = families(woods.forest, ends, place, MOST_ROWS)
    members = [[by_pk[pk] for pk in family.images] for family in found]
    layers = [[frozenset(pk for pk in image.layers if pk is not None) for image in images] for images in members]
    if key == "layer":
        sizes = [[sum(woods.scope.layers[pk].size for pk in has) for has in each] for each in layers]
        matrix = by_sets([frozenset.intersection(*each) for each in layers], lambda pk: woods.scope.layers[pk].size)
    else:
        sizes = [[image.size or 0 for image in images] for images in members]
        matrix = by_chains(woods.forest, [family.on for family in found])
    means = [sum(each) // len(each) for each in sizes]
    rows = [
        Row(_name(woods, family, images), images, family.place, mean)
        for family, images, mean in zip(found, members, means, strict=True)
    ]
    part = shares(matrix, means)
    if key == "layer":
        order = clustered(part)
        rows, matrix = [rows[index] for index in order], reordered(matrix, order)
        part = shares(matrix, [row.size for row in rows])
    return HeatMap(key, rows, matrix, part)


def _name(woods: Woods, family: Family, images: Sequence[ScopeImage]) -> str:
    """The image's name, or how many stand on what: `12 on debian:bookworm`."""
    if family.place is None:
        return images[0].name
    more = " more" if family.place.start else ""
    if family.on is None:
        return f"{len(images):,}{more}"
    path = woods.forest.path(family.on)
    named = next((names[0] for key in reversed(path) if (names := woods.names(key))), "")
    return f"{len(images):,}{more} on {named or woods.layer(family.on).diff_id[7:19]}"
