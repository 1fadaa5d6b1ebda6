"""The step of a layer's index that reads its package databases, as far as their bytes were kept."""

import logging
from collections.abc import Callable, Iterator, Sequence

from django.conf import settings

from analyzer.archive.entrybytes import Stored, file_bytes
from analyzer.archive.plainbytes import PlainBytes
from analyzer.archive.unreadable import Damaged
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.models import Layer, LayerPackage
from analyzer.oci.findings import escape
from analyzer.packages.known import Package, by_name, kind_of, most_bytes
from analyzer.packages.reading import Unread, packages_in
from analyzer.services.keeping import store
from analyzer.services.reading import NotKept, open_blob

log = logging.getLogger(__name__)

MOST_PACKAGES = 50_000  # of a layer
_BATCH = 2_000
_LONGEST_TEXT, _LONGEST_PATH = 255, 1024


def build(layer: Layer, listing: Listing) -> Callable[[], None]:
    """Reads the databases of the layer; what it gives back writes the packages. Raises OSError."""
    rows = [row for row, path in enumerate(listing.paths) if listing.kinds[row] == Kind.FILE and kind_of(path)]
    packages = [
        LayerPackage(
            layer=layer,
            kind=package.kind,
            name=_text(package.name),
            version=_text(package.version),
            path=escape(listing.paths[row])[:_LONGEST_PATH],
            ordinal=row,
        )
        for row, package in _limited(_packages(layer, listing, rows))
    ]

    def write() -> None:
        LayerPackage.objects.filter(layer=layer).delete()
        LayerPackage.objects.bulk_create(packages, batch_size=_BATCH)

    return write


def _text(name: str) -> str:
    """As every database takes it: no NUL, no half of a surrogate pair."""
    return name.replace("\0", "").encode("utf-8", "replace").decode()[:_LONGEST_TEXT]


def _limited(packages: Iterator[tuple[int, Package]]) -> Iterator[tuple[int, Package]]:
    for count, found in enumerate(packages):
        if count == MOST_PACKAGES:
            return
        yield found


def _packages(layer: Layer, listing: Listing, rows: Sequence[int]) -> Iterator[tuple[int, Package]]:
    """Each with the row of the file that says so; in the order of the tar, so that a blob is read once."""
    unread = []
    for row in rows:
        package = by_name(listing.paths[row])
        if package is not None:
            yield row, package
        elif listing.sizes[row] <= most_bytes(listing.paths[row]):
            unread.append(row)
    plain = open_kept(layer) if unread else None
    if plain is None:
        return
    with plain:
        for row in sorted(unread, key=listing.offsets.__getitem__):
            for package in _of_file(plain, listing, row):
                yield row, package


def open_kept(layer: Layer) -> PlainBytes | None:
    """A reader of the layer's plain tar out of a blob that is kept, rather a plain one; None where there is none."""
    blobs = store()
    for blob in sorted(layer.blobs.filter(kept=True), key=lambda blob: blob.compression != "none"):
        try:
            return open_blob(blobs, blob, layer)
        except NotKept:
            continue
    return None


def _of_file(plain: PlainBytes, listing: Listing, row: int) -> list[Package]:
    path = listing.paths[row]
    file = Stored(path, listing.offsets[row], listing.sizes[row], listing.sha256s[row])
    try:
        return packages_in(kind_of(path) or "", path, b"".join(file_bytes(plain, file, settings.LIMITS)))
    except (Unread, Damaged) as error:
        log.info("no packages read from %s: %s", escape(path), error)
        return []
