"""Contents are counted over all layers, inside the transaction that stores or removes a layer.

Rows are always touched in the order of their digest, so that two layers that arrive or leave at the same
time wait for each other instead of deadlocking.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import TypeAlias

from django.db import connection

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.models import Content

ContentRow: TypeAlias = tuple[bytes, int, int]
"""The first 20 bytes of the sha256, size in bytes, copies in the layer."""

ROWS_A_STATEMENT = 300

_FILES = bytes(kind == Kind.FILE for kind in range(256))


def rows_of(listing: Listing) -> list[ContentRow]:
    """The contents of a layer's regular files, sorted by digest; a file that was not hashed is left out."""
    files = [
        (sha256[: Content.PREFIX_BYTES], size)
        for sha256, size in compress(zip(listing.sha256s, listing.sizes, strict=True), listing.kinds.translate(_FILES))
        if sha256 is not None
    ]
    size_of = dict(files)
    copies = Counter(prefix for prefix, _ in files)
    return [(prefix, size_of[prefix], copies[prefix]) for prefix in sorted(size_of)]


def add(rows: Sequence[ContentRow]) -> None:
    """Counts a new layer's contents in. Rows must be sorted by digest."""
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
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            # Many rows a statement: half the time, and the interpreter is left to the threads that read.
            some = rows[start : start + ROWS_A_STATEMENT]
            places = ",".join(["(%s,%s,1,%s)"] * len(some))
            cursor.execute(
                f"INSERT INTO analyzer_content (sha256_prefix, size, layers, copies) VALUES {places}"  # noqa: S608
                " ON CONFLICT (sha256_prefix) DO UPDATE SET layers = layers + 1, copies = copies + excluded.copies",
                [value for row in some for value in row],
            )


def subtract(rows: Sequence[ContentRow]) -> None:
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


def _copy(rows: Iterable[ContentRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE layer_content (sha256_prefix bytea, size bigint, copies integer) ON COMMIT DROP"
        )
        with cursor.copy("COPY layer_content (sha256_prefix, size, copies) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["bytea", "int8", "int4"])
            for row in rows:
                copy.write_row(row)
