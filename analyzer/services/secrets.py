"""The step of a layer's index that looks for files that look like secrets, as far as their bytes were kept.

What a rule finds stays in this process: rows, logs and errors have the path and the name of the rule alone.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.conf import settings

from analyzer.archive.entrybytes import Stored, whole_file
from analyzer.archive.plainbytes import PlainBytes
from analyzer.archive.unreadable import Damaged
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.filetree.lookup import rows_of
from analyzer.models import Layer, LayerSecret, SecretSearch
from analyzer.oci.findings import escape
from analyzer.secrets.contents import rules_in
from analyzer.secrets.names import NameRule, by_name, suspects
from analyzer.secrets.noise import is_noise
from analyzer.services.packages import open_kept

log = logging.getLogger(__name__)

MOST_SECRETS = 1_000  # of a layer
MOST_FILE_BYTES = 256 << 10  # larger files are known by their names alone
MOST_LAYER_BYTES = 512 << 20  # of small files
MOST_SECONDS = 20.0  # for the bytes of a layer

NAME, CONTENT = "name", "content"


@dataclass(slots=True)
class _Search:
    read: int = 0
    found: dict[int, tuple[str, str]] = field(default_factory=dict)  # row → rules, source


def build(layer: Layer, listing: Listing) -> Callable[[], None]:
    """Searches the layer; what it gives back writes what was found. Raises OSError."""
    named = dict(_named(listing))
    paths, sizes = listing.paths, listing.sizes
    small = [row for row in _files(listing) if sizes[row] <= MOST_FILE_BYTES and not is_noise(paths[row])]
    search = _Search()
    plain = open_kept(layer) if small else None
    if plain is not None:
        with plain:
            _read(plain, listing, small, named, search)
    for row, rule in named.items():  # those that are left were not read
        if rule.sure:
            search.found[row] = rule.words, NAME
    rows = [
        LayerSecret(
            layer=layer,
            path=escape(listing.paths[row]).replace("\0", "")[:1024],
            ordinal=row,
            rule=rules[:200],
            source=source,
        )
        for row, (rules, source) in sorted(search.found.items())[:MOST_SECRETS]
    ]
    ended = SecretSearch(
        layer=layer, kept=plain is not None or not small, read=search.read, unread=len(small) - search.read
    )

    def write() -> None:
        LayerSecret.objects.filter(layer=layer).delete()
        SecretSearch.objects.filter(layer=layer).delete()
        LayerSecret.objects.bulk_create(rows)
        ended.save(force_insert=True)

    return write


def _files(listing: Listing) -> Iterator[int]:
    """Regular files with bytes."""
    sizes = listing.sizes
    return (row for row in rows_of(listing.kinds, Kind.FILE) if sizes[row])


def _named(listing: Listing) -> Iterator[tuple[int, NameRule]]:
    paths, kinds, sizes = listing.paths, listing.kinds, listing.sizes
    for row in suspects(paths):
        rule = by_name(paths[row]) if kinds[row] == Kind.FILE and sizes[row] else None
        if rule is not None and not is_noise(paths[row]):
            yield row, rule


def _read(plain: PlainBytes, listing: Listing, rows: list[int], named: dict[int, NameRule], search: _Search) -> None:
    """In the order of the tar, so that a blob is read once. Takes out of `named` what was read."""
    deadline = time.monotonic() + MOST_SECONDS
    left = MOST_LAYER_BYTES
    for row in sorted(rows, key=listing.offsets.__getitem__):
        left -= listing.sizes[row]
        if left < 0 or time.monotonic() > deadline:
            return
        path = listing.paths[row]
        file = Stored(path, listing.offsets[row], listing.sizes[row], listing.sha256s[row])
        try:
            data = whole_file(plain, file, settings.LIMITS)
        except Damaged:
            log.info("not searched for secrets: %s", escape(path))
            continue
        search.read += 1
        rule = named.pop(row, None)
        found = rules_in(data)
        if rule is not None and (rule.proof is None or rule.proof.search(data)):
            found = [rule.words, *(each for each in found if each.lower() != rule.words)]
        if found:
            search.found[row] = ", ".join(found), CONTENT
