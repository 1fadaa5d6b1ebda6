"""Entries that match: layers narrowed by their postings, then the rows of the listings that are worth opening."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from analyzer.filetree import parquet, postings
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.filetree.pattern import Pattern
from analyzer.models import LayerListing
from analyzer.selectors.finding.kept import postings_of, read
from analyzer.selectors.finding.sight import Budget, Sight

ROWS = 20_000  # paths that are looked at between two looks at the clock
CHUNK = 50  # documents that are in memory at once
_COLUMNS = ("kind", "implied", "size", "link", "sha256")

THREADS = 2
AHEAD = 4  # listings that are looked at while the next is read

Looked = TypeVar("Looked")
Rows = Callable[[parquet.Opened], list[int]]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry of a layer. `shared`: a hard link, or what one leads to; `lost`: its own layer replaces it."""

    layer: int  # primary key
    ordinal: int
    path: bytes
    kind: Kind
    size: int
    link: bytes | None
    sha256: bytes | None
    shared: bool
    lost: bool = False


def by_patterns(sight: Sight, patterns: Sequence[Pattern], budget: Budget) -> tuple[int, list[Hit]]:
    """The entries whose path matches, newest layer first; whiteouts are none.

    Of several patterns, each narrowing to the same layers and matching whatever the one before it does, the first that
    matches anything is meant: its place is given back too. Each listing is opened once for all of them.
    """
    first = patterns[0]
    best, hits = len(patterns) - 1, list[Hit]()

    def look(document: bytes) -> tuple[parquet.Opened, int, list[int]]:
        opened = parquet.Opened(document)
        return opened, *_matching(patterns[: best + 1], opened.column("path"), budget)

    listings = _listings(_candidates(sight, first.kind, first.may_be_in, budget), budget)
    for layer, (opened, place, rows) in _meanwhile(look, listings):
        if place > best:  # was looked at before it was known that a better one matches
            continue
        found = _of_listing(layer, opened, rows)
        if found and place < best:
            best, hits = place, []
        hits += found[: budget.matches + 1 - len(hits)]
        if best == 0 and len(hits) > budget.matches:
            break
    if len(hits) > budget.matches:
        budget.spent = True
    return best, hits[: budget.matches]


def _meanwhile(look: Callable[[bytes], Looked], listings: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Looked]]:
    """What `look` makes of each document, in their order: while it is at some, the next are on their way here.

    Reading from a database and from Parquet both leave the other threads of Python alone.
    """
    waiting: deque[tuple[int, Future[Looked]]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for layer, document in listings:
                waiting.append((layer, pool.submit(look, document)))
                if len(waiting) > AHEAD:
                    first, made = waiting.popleft()
                    yield first, made.result()
            while waiting:
                first, made = waiting.popleft()
                yield first, made.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _matching(patterns: Sequence[Pattern], paths: Any, budget: Budget) -> tuple[int, list[int]]:
    """The first of the patterns that matches any of the paths, and the rows that it matches.

    The last matches whatever one before it does: mostly nothing, and then the others need not look.
    """
    import pyarrow as pa

    found: list[int] = []
    for start in range(0, len(paths), ROWS):
        if start and (budget.is_over() or (len(patterns) == 1 and len(found) > budget.matches)):
            break
        found += (start + row for row in patterns[-1].rows(paths.slice(start, ROWS)))
    if found:
        taken = paths.take(pa.array(found, pa.int64()))
        for place, pattern in enumerate(patterns[:-1]):
            if rows := pattern.rows(taken):
                return place, [found[row] for row in rows]
    return len(patterns) - 1, found


def by_content(sight: Sight, digits: str, budget: Budget) -> list[Hit]:
    """The regular files whose sha256 begins with these hexadecimal digits (7 at least), newest layer first."""
    head = digits[:8]
    first, last = int(head.ljust(8, "0"), 16), int(head.ljust(8, "f"), 16)

    def rows(opened: parquet.Opened) -> list[int]:
        return _beginning_with(opened.column("sha256"), digits)

    return _hits(sight, "contents", lambda document: postings.has_between(document, first, last), rows, budget)


def _hits(sight: Sight, kind: str, fits: Callable[[bytes], bool], rows: Rows, budget: Budget) -> list[Hit]:
    hits: list[Hit] = []
    for layer, document in _listings(_candidates(sight, kind, fits, budget), budget):
        opened = parquet.Opened(document)
        hits += _of_listing(layer, opened, rows(opened))
        if len(hits) > budget.matches:
            budget.spent = True
            return hits[: budget.matches]
    return hits


def _candidates(sight: Sight, kind: str, fits: Callable[[bytes], bool], budget: Budget) -> list[int]:
    """The layers that may have it, newest first; one that is not indexed yet may have anything."""
    if not kind:
        return sorted(sight.layer_keys, reverse=True)
    found = set(sight.unindexed)  # first: a layer that is indexed meanwhile has its postings later on
    for number, (layer, document) in enumerate(postings_of(kind, sight.layer_keys - found, sight.layers())):
        if fits(document):
            found.add(layer)
        if number % CHUNK == 0 and budget.is_over():
            return []
    return sorted(found, reverse=True)


def _listings(layers: Sequence[int], budget: Budget) -> Iterator[tuple[int, bytes]]:
    """The listings in the order of the layers, a few at a time, as long as the budget lasts."""
    at, size = 0, 4
    while at < len(layers) and not budget.is_over():
        some = layers[at : at + size]
        at, size = at + size, CHUNK
        documents = dict(read(LayerListing.objects.filter(layer_id__in=some).values_list("layer_id", "document")))
        for layer in some:
            if layer in documents:
                if budget.is_over():
                    return
                yield layer, documents[layer]


def _of_listing(layer: int, opened: parquet.Opened, rows: Sequence[int]) -> list[Hit]:
    if not rows:
        return []
    import pyarrow as pa

    listing = Listing.from_parquet(opened, ["path", *_COLUMNS])
    kinds, implied = listing.kinds, listing.implied
    wanted = [row for row in rows if not implied[row] and kinds[row] < Kind.WHITEOUT]
    taken: Any = listing.table
    picked = taken.take(pa.array(wanted, pa.int64())).to_pydict()
    linked = _linked(listing) if Kind.HARDLINK in kinds else frozenset()
    lost = listing.conflicts.lost
    return [
        Hit(layer, row, path, Kind(kind), size, link, sha256, kind == Kind.HARDLINK or path in linked, row in lost)
        for row, path, kind, size, link, sha256 in zip(
            wanted, picked["path"], picked["kind"], picked["size"], picked["link"], picked["sha256"], strict=True
        )
    ]


def _linked(listing: Listing) -> frozenset[bytes]:
    """The paths that the layer's hard links lead to."""
    pairs = zip(listing.links, listing.kinds, strict=True)
    return frozenset(link for link, kind in pairs if kind == Kind.HARDLINK and link is not None)


def _beginning_with(column: Any, digits: str) -> list[int]:
    import pyarrow as pa
    import pyarrow.compute as pc

    compute: Any = pc
    whole = bytes.fromhex(digits[: len(digits) // 2 * 2])
    rows: list[int] = compute.indices_nonzero(compute.starts_with(column.cast(pa.binary()), whole)).to_pylist()
    if len(digits) % 2 == 0:
        return rows
    return [row for row in rows if column[row].as_py()[len(whole)] >> 4 == int(digits[-1], 16)]
