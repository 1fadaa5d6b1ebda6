"""An order of things in which the alike stand together."""

from collections.abc import Sequence


def clustered(likeness: Sequence[Sequence[float]]) -> list[int]:
    """The indexes in the order of the leaves of a dendrogram, the alike beside each other.

    Average linkage (UPGMA: Sokal and Michener, 1958) by nearest-neighbour chains (Murtagh, 1983), which needs as many
    steps as there are pairs. `likeness` is symmetric, larger for what is more alike. Of two clusters that are joined
    the one with more members comes first, of equals the one with the smaller index.
    """
    members: dict[int, list[int]] = {index: [index] for index in range(len(likeness))}
    near = {index: dict(enumerate(line)) for index, line in enumerate(likeness)}
    chain: list[int] = []
    while len(members) > 1:
        if not chain:
            chain.append(min(members))
        last = chain[-1]
        before = chain[-2] if len(chain) > 1 else None
        # Of the equally near the one before, or else the chain would go round in circles.
        best = max(
            (other for other in members if other != last),
            key=lambda other: (near[last][other], other == before, -other),
        )
        if best != before:
            chain.append(best)
            continue
        del chain[-2:]
        first, second = sorted((last, best), key=lambda key: (-len(members[key]), members[key][0]))
        mine, theirs = len(members[first]), len(members[second])
        for other in members:
            if other not in (first, second):
                mean = (near[first][other] * mine + near[second][other] * theirs) / (mine + theirs)
                near[first][other] = near[other][first] = mean
        members[first] = members[first] + members.pop(second)
    return next(iter(members.values()), [])
