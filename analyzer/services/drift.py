"""Where store and rows tell different things: found, and mended where that loses nothing that anybody claims.

What is on its way in looks just like what was left behind, so nothing younger than an hour is called odd.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from analyzer.blobstore.store import Found
from analyzer.models import Blob, Image, Layer, Upkeep, UpkeepKind, Upload
from analyzer.services import removal, upkeep, uploads
from analyzer.services.keeping import UNCLAIMED_SECONDS, drop_blobs, store
from analyzer.services.upkeep import Work

Mend = Callable[[], object]

AGAIN = "The next archive that has it brings it again."
MOST_LISTED = 2_000
WRITE_EVERY = 200


@dataclass(frozen=True, slots=True)
class Oddity:
    """`mend` is None where a person has to look. `bytes` is what mending frees of the disk."""

    kind: str
    name: str
    words: str
    bytes: int = 0
    mend: Mend | None = None

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, "words": self.words, "bytes": self.bytes}


def oddities() -> Iterator[Oddity]:
    """Everything that does not fit, as it is found. Reads no blob: what a check found before is told again."""
    claimed = dict(Blob.objects.filter(kept=True).values_list("digest", "size"))
    faults = dict(Blob.objects.filter(kept=True).exclude(fault="").values_list("digest", "fault"))
    yield from _files(claimed, faults)
    yield from _rows()


def _files(claimed: dict[str, int], faults: dict[str, str]) -> Iterator[Oddity]:
    oldest = time.time() - UNCLAIMED_SECONDS
    absent = set(claimed)
    for found in store().found():
        if found.digest is None:
            yield Oddity("strange", found.name, "Not a name that the store gives: left alone, look at it.", found.size)
            continue
        absent.discard(found.digest)
        odd = _file(found.digest, found, claimed.get(found.digest), faults.get(found.digest, ""), oldest)
        if odd is not None:
            yield odd
    for digest in sorted(absent):
        # Since the rows were read, it may have been written, or have gone as it should.
        if not store().has(digest) and Blob.objects.filter(digest=digest, kept=True).exists():
            told = "Its row says that its bytes are kept, and they are not."
            yield Oddity("row-without-file", digest, told, 0, partial(_forget_bytes, digest))


def _file(digest: str, found: Found, claimed: int | None, fault: str, oldest: float) -> Oddity | None:
    forget = partial(_forget_bytes, digest)
    if not found.is_file:
        return Oddity("link", digest, "A link stands in place of the blob: it goes, its target stays.", 0, forget)
    if claimed is None:
        if found.written > oldest or Blob.objects.filter(digest=digest, kept=True).exists():
            return None
        return Oddity("file-without-row", digest, "Nothing claims these bytes.", found.size, forget)
    if found.size != claimed:
        told = f"{found.size:,} bytes where {claimed:,} belong. {AGAIN}"
        return Oddity("wrong-size", digest, told, found.size, forget)
    if fault:
        return Oddity("damaged", digest, f"{fault} {AGAIN}", found.size, forget)
    return None


def _forget_bytes(digest: str) -> None:
    """The row no longer promises the bytes, and what stands in their place goes."""
    blobs = store()
    odd = Blob.objects.filter(digest=digest, kept=True).first()
    if odd is not None and blobs.has(digest) and blobs.size(digest) == odd.size and not odd.fault:
        return  # somebody brought it meanwhile
    Blob.objects.filter(digest=digest, kept=True).update(kept=False, verified=None, fault="")
    if not blobs.has(digest):
        blobs.delete(digest)  # a link, if anything
    drop_blobs([digest])


def _rows() -> Iterator[Oddity]:
    before = timezone.now() - timedelta(seconds=UNCLAIMED_SECONDS)
    for image in Image.objects.filter(holdings__isnull=True, stored__lt=before).only("image_id"):
        yield Oddity(
            "image-without-team", image.image_id, "No team holds it.", 0, partial(removal.remove_unheld, image.pk)
        )
    for layer in removal.orphans(before):
        yield Oddity(
            "layer-without-image",
            layer.diff_id,
            "A job that ended early left it.",
            0,
            partial(removal.remove_unused, layer),
        )
    bare = Layer.objects.filter(listing__isnull=True, image_layers__isnull=False, created__lt=before)
    for layer in bare.distinct():
        yield Oddity("layer-without-listing", layer.diff_id, "Its listing is gone: re-index it, if its bytes are kept.")
    begun = Upload.objects.filter(job=None, created__lt=before)
    for upload in begun if not settings.BLOB_STORE_STAGING else ():  # else its file may be on another host
        if not uploads.staging().part(upload.pk).exists() and not uploads.staging().archive(upload.pk).exists():
            told = "Its part file is gone, so it can't go on."
            yield Oddity("upload-without-file", str(upload.pk), told, 0, partial(uploads.cancel, upload))
    for path in uploads.strays(UNCLAIMED_SECONDS):
        told = "A staged file that no upload and no job is about."
        yield Oddity("staged-without-row", path.name, told, path.stat().st_size, partial(path.unlink, missing_ok=True))


def ask_to_check(user: User | None, *, mend: bool) -> Upkeep:
    """Work for a worker: all oddities are listed, and mended if that is wanted."""
    return upkeep.ask(UpkeepKind.MEND if mend else UpkeepKind.CHECK, "the storage", {}, user)


def check(work: Work) -> None:
    """Lists what is odd."""
    _go_through(work, mend=False)


def mend(work: Work) -> None:
    """Lists what is odd, and mends what can be mended. Twice is as good as once."""
    _go_through(work, mend=True)
    store().sweep(UNCLAIMED_SECONDS)


def _go_through(work: Work, *, mend: bool) -> None:
    """Noted now and then: whoever is killed begins again, and finds what is left."""
    freed = number = 0
    results: dict[str, Any] = {}
    for number, odd in enumerate(oddities(), 1):
        if mend and odd.mend is not None:
            odd.mend()
            freed += odd.bytes
        if number <= MOST_LISTED:
            results[odd.name] = {**odd.as_json(), "mended": mend and odd.mend is not None}
        if number % WRITE_EVERY == 0:
            work.write(results=results)
    if number > MOST_LISTED:
        results["…"] = {"words": f"and {number - MOST_LISTED:,} more"}
    work.write(results=results, freed=freed if mend else None)
