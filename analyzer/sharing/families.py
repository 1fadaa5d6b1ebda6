"""Families of images: those that stand on the same chain, few enough to be the rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from analyzer.sharing.forest import Forest, Place

FEWEST = 4  # rows that a family is taken apart into, if there are as many


@dataclass(slots=True)
class Family:
    """The images that end in `place`; one alone has no place. All of them stand on the chain `on`, if on any."""

    images: Sequence[int]
    on: int | None
    place: Place | None = None
    parts: "list[Family]" = field(default_factory=list)

    def rows(self) -> "Iterator[Family]":
        """The family, or its parts in the order of the forest where it was taken apart."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.rows()


def families(forest: Forest, ends: Mapping[int, Sequence[int]], place: Place, most: int) -> list[Family]:
    """The images of `place` as at most `most` rows in the order of the forest, each image in one of them.

    `ends` has the images by the chain that they end on. While there is room, the largest family is taken apart: into
    the images that end on its chain and the families on it. Where these are more than a third of the room that is
    left, those with the most bytes are rows, and the others together one row.

    Shared bytes along a forest are an ultrametric: of any three images, the two least shared figures are the same. So
    single, average and complete linkage (Jardine and Sibson, Mathematical Taxonomy, 1971) all give the forest itself
    as the dendrogram, and its order is the clustered one.
    """
    whole = _family(forest, ends, place)
    heap: list[tuple[int, int, Family]] = []
    rows = made = 1
    if len(whole.images) > 1:
        heappush(heap, (-len(whole.images), 0, whole))
    while heap:
        _, _, family = heappop(heap)
        room = most - rows + 1
        parts = _parts(forest, ends, family, room if family is whole else min(room, max(FEWEST, room // 3)))
        if not parts:
            continue
        family.parts = parts
        rows += len(parts) - 1
        for part in parts:
            if len(part.images) > 1:
                made += 1
                heappush(heap, (-len(part.images), made, part))
    return [family for family in whole.rows() if family.images]


def _family(forest: Forest, ends: Mapping[int, Sequence[int]], place: Place) -> Family:
    images = [image for key in forest.walk(forest.at(place)) for image in ends.get(key, ())]
    if len(images) == 1:
        key = next(key for key in forest.walk(forest.at(place)) if ends.get(key))
        return Family(images, key)
    on = place.at
    # Up to where it branches or an image ends all of them stand on the run of layers.
    while on is not None and place.start is None and not ends.get(on) and len(forest.on(on)) == 1:
        on = forest.on(on)[0]
    return Family(images, on, place)


def _parts(forest: Forest, ends: Mapping[int, Sequence[int]], family: Family, room: int) -> list[Family]:
    """What the family is made of, in at most `room` parts; none where it can't be taken apart."""
    place = family.place
    if place is None:
        return []
    at, start = (family.on, None) if place.start is None else (place.at, place.start)
    here = list(ends.get(at, ())) if at is not None and start is None else []
    begin = start or 0
    on_it = [key for key in forest.on(at)[begin:] if forest.images[key]]
    room -= len(here)
    if room < bool(on_it):
        return []
    fitting = on_it if len(on_it) <= room else on_it[: room - 1]
    if not here and not fitting:
        return []
    parts = [Family([image], at) for image in here]
    parts += [_family(forest, ends, Place(key)) for key in fitting]
    if len(fitting) < len(on_it):
        parts.append(_family(forest, ends, Place(at, forest.on(at).index(on_it[len(fitting)]))))
    return parts
