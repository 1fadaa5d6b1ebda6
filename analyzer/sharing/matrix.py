"""Shared bytes of every two rows, each row an image or a family of them."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

from analyzer.sharing.forest import Forest

Key = TypeVar("Key")
Matrix = list[list[int]]


def by_chains(forest: Forest, rows: Sequence[int | None]) -> Matrix:
    """Bytes of the chains that both rows stand on; `rows` are the tops of these chains, None for none at all.

    They are in the order of the forest. There, two rows share no more than any two between them: so each figure is a
    minimum of those of neighbours, as in an array of longest common prefixes (Manber and Myers, 1990).
    """
    paths = [forest.path(row) if row is not None else [] for row in rows]
    between = [_common(forest, one, other) for one, other in pairwise(paths)]
    own = [forest.under[row] if row is not None else 0 for row in rows]
    matrix = [[0] * len(rows) for _ in rows]
    for first, line in enumerate(matrix):
        line[first] = least = own[first]
        for second in range(first + 1, len(rows)):
            least = min(least, between[second - 1])
            line[second] = matrix[second][first] = least
    return matrix


def _common(forest: Forest, one: Sequence[int], other: Sequence[int]) -> int:
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared = forest.under[mine]
    return shared


def by_sets(rows: Sequence[frozenset[Key]], size: Callable[[Key], int]) -> Matrix:
    """Bytes of the things (layers, say) that both rows have. As much work as there are pairs that share something."""
    holders: dict[Key, list[int]] = {}
    for index, row in enumerate(rows):
        for key in row:
            holders.setdefault(key, []).append(index)
    together: dict[tuple[int, ...], int] = {}
    for key, held in holders.items():  # what the same rows hold is added up once
        together[tuple(held)] = together.get(tuple(held), 0) + size(key)
    matrix = [[0] * len(rows) for _ in rows]
    for held_by, bytes_ in together.items():
        for first in held_by:
            line = matrix[first]
            for second in held_by:
                line[second] += bytes_
    return matrix


def shares(matrix: Sequence[Sequence[int]], sizes: Sequence[int]) -> list[list[float]]:
    """Of each figure the part that it is of the smaller row, 0 to 1 (the overlap coefficient of Szymkiewicz, 1934)."""
    return [
        [
            shared / smaller if (smaller := min(sizes[first], sizes[second])) else 0.0
            for second, shared in enumerate(line)
        ]
        for first, line in enumerate(matrix)
    ]


def reordered(matrix: Matrix, order: Sequence[int]) -> Matrix:
    """The same with rows and columns in that order."""
    return [[matrix[first][second] for second in order] for first in order]
