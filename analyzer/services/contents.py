"""Contents are counted over all layers, inside the transaction that stores or removes a layer.

Rows are always touched in the order of their digest, so that two layers that arrive or leave at the same
time wait for each other instead of deadlocking.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice

from django.db import connection

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.models import Content

ROWS_A_STATEMENT = 300

_FILES = bytes(kind == Kind.FILE for kind in range(256))


@dataclass(frozen=True, slots=True)
class ContentRows:
    """Contents of one layer, sorted by digest, as columns: a million tuples cost the garbage collector seconds."""

    prefixes: Sequence[bytes]  # the first 20 bytes of the sha256
    sizes: Sequence[int]  # bytes
    copies: Sequence[int]  # in the layer

    def __iter__(self) -> Iterator[tuple[bytes, int, int]]:
        return zip(self.prefixes, self.sizes, self.copies, strict=True)


def rows_of(listing: Listing) -> ContentRows:
    """The contents of a layer's regular files; a file that was not hashed is left out."""
    prefix_bytes = Content.PREFIX_BYTES
    files = listing.kinds.translate(_FILES)
    prefixes = [sha256[:prefix_bytes] if sha256 else b"" for sha256 in compress(listing.sha256s, files)]
    size_of = dict(zip(prefixes, compress(listing.sizes, files), strict=True))
    distinct = len(size_of) == len(prefixes)
    size_of.pop(b"", None)  # of what was not hashed
    ordered = sorted(size_of)
    sizes = list(map(size_of.__getitem__, ordered))
    if distinct:
        return ContentRows(ordered, sizes, [1] * len(ordered))
    copies = Counter(prefixes)
    return ContentRows(ordered, sizes, list(map(copies.__getitem__, ordered)))


def add(rows: ContentRows) -> None:
    """Counts a new layer's contents in."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            _copy(rows)
            cursor.execute(
                "INSERT INTO analyzer_content AS held (sha256_prefix, size, layers, copies)"
                " SELECT sha256_prefix, size, 1, copies FROM layer_content ORDER BY sha256_prefix"
                " ON CONFLICT (sha256_prefix) DO UPDATE"
                " SET layers = held.layers + 1, copies = held.copies + excluded.copies"
            )
            cursor.execute("DROP TABLE layer_content")
        return
    with connection.cursor() as cursor:
        remaining = iter(rows)
        while some := list(islice(remaining, ROWS_A_STATEMENT)):
            # Many rows a statement: half the time, and the interpreter is left to the threads that read.
            places = ",".join(["(%s,%s,1,%s)"] * len(some))
            cursor.execute(
                f"INSERT INTO analyzer_content (sha256_prefix, size, layers, copies) VALUES {places}"  # noqa: S608
                " ON CONFLICT (sha256_prefix) DO UPDATE SET layers = layers + 1, copies = copies + excluded.copies",
                [value for row in some for value in row],
            )


def subtract(rows: ContentRows) -> None:
    """Counts a removed layer's contents out; a content that no layer holds is gone."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(rows)
            cursor.execute(
                "SELECT 1 FROM analyzer_content JOIN layer_content USING (sha256_prefix) ORDER BY sha256_prefix"
                " FOR UPDATE OF analyzer_content"
            )
            cursor.execute(
                "UPDATE analyzer_content AS held SET layers = held.layers - 1, copies = held.copies - gone.copies"
                " FROM layer_content AS gone WHERE held.sha256_prefix = gone.sha256_prefix"
            )
            cursor.execute(
                "DELETE FROM analyzer_content AS held USING layer_content AS gone"
                " WHERE held.sha256_prefix = gone.sha256_prefix AND held.layers <= 0"
            )
            cursor.execute("DROP TABLE layer_content")
            return
        cursor.executemany(
            "UPDATE analyzer_content SET layers = layers - 1, copies = copies - %s WHERE sha256_prefix = %s",
            [(copies, prefix) for prefix, _, copies in rows],
        )
        cursor.executemany(
            "DELETE FROM analyzer_content WHERE sha256_prefix = %s AND layers <= 0",
            [(prefix,) for prefix, _, _ in rows],
        )


def _copy(rows: ContentRows) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE layer_content (sha256_prefix bytea, size bigint, copies integer) ON COMMIT DROP"
        )
        with cursor.copy("COPY layer_content (sha256_prefix, size, copies) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["bytea", "int8", "int4"])
            for row in rows:
                copy.write_row(row)
