"""Runs of rows that are done with, so that a layer that empties a folder again does not pay for it again.

The runs are those below folders of one sorted listing: of two, one lies within the other, or they are apart.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator


class Spans:
    """Runs of rows; one that a later run encloses is forgotten."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []

    def add(self, span: range) -> None:
        at = bisect_left(self._starts, span.start)
        if span and not (at and self._stops[at - 1] >= span.stop):
            end = bisect_left(self._starts, span.stop, at)
            self._starts[at:end], self._stops[at:end] = [span.start], [span.stop]

    def outside(self, span: range) -> Iterator[range]:
        """The parts of `span` that are in no run."""
        at = bisect_right(self._starts, span.start)
        start = max(span.start, self._stops[at - 1]) if at else span.start
        while start < span.stop:
            inner = at < len(self._starts) and self._starts[at] < span.stop
            yield range(start, self._starts[at] if inner else span.stop)
            start = self._stops[at] if inner else span.stop
            at += 1
