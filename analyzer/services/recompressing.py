"""Kept bytes in less room: as zstd that we make ourselves, in frames, so that a file in it opens at once.

A blob is known by the digest of its bytes, so what is made here is another blob of the same layer, marked as made here:
nobody pulls it, and no figure of what a pull transfers counts it. The blob that an archive brought stays known, with
digest and size; its bytes go, and can't be had back from the store (no two gzips are alike). The layer's own tar can:
it is checked against the diffID before anything goes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import zstandard
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from analyzer.archive.compression import Compression
from analyzer.archive.plainbytes import PlainBytes
from analyzer.archive.room import Room
from analyzer.archive.scan import hash_layer
from analyzer.archive.source import BlobRef
from analyzer.archive.unreadable import Damaged
from analyzer.models import Blob, Layer, Upkeep, UpkeepKind
from analyzer.services import upkeep
from analyzer.services.keeping import drop_blobs, keep_blob, kept_bytes, readable_blob, store
from analyzer.services.upkeep import Work

LEVEL = 6  # 54 MB/s and 31 % of a plain layer; 9 takes half as long again for 30 %
FRAME_BYTES = 4 << 20  # of the plain tar: what is inflated to read any one file


def ask_to_recompress(layers: Iterable[Layer], subject: str, user: User | None) -> Upkeep:
    """Work for a worker: the kept bytes of these layers as zstd, where that takes less room."""
    found = list(layers)
    total = sum(blob.size for blob in map(readable_blob, found) if blob)
    plan = {"layers": [layer.diff_id for layer in found]}
    return upkeep.ask(UpkeepKind.RECOMPRESS, subject, plan, user, bytes_total=total)


def recompress(work: Work) -> None:
    """Each layer of the plan; what takes no less room stays as it is."""
    before = freed = 0
    for diff_id in work.row.plan["layers"]:
        layer = Layer.objects.filter(diff_id=diff_id).first()
        source = readable_blob(layer) if layer else None
        size = source.size if source else 0
        if diff_id not in work.results:
            done = (
                _recompress(work, layer, source, before) if layer and source else {"what": "No bytes of it are kept."}
            )
            work.done(diff_id, done)
        freed += work.results[diff_id].get("freed", 0)
        before += size
    work.write(freed=freed)


def _recompress(work: Work, layer: Layer, source: Blob, before: int) -> Mapping[str, Any]:
    if source.compression == Compression.ZSTD:
        return {"what": "It is zstd already."}
    draft = draft_of(work.row)
    try:
        try:
            made = _write(draft, layer, source, work, before)
        except (Damaged, FileNotFoundError):
            return {"what": "Its bytes are damaged or gone: verify its digests."}
        size = draft.stat().st_size
        kept = list(layer.blobs.filter(kept=True))
        room = sum(blob.size for blob in kept)
        if size >= room:
            return {"what": "It would take no less room.", "before": room, "after": size}
        keep_blob(made, BlobRef(draft, 0, size))
        if hash_layer(kept_bytes(made), settings.LIMITS).diff_id != layer.diff_id:
            return {"what": "What was made could not be read back, and was given up."}
        _swap(layer, made, size, [blob.digest for blob in kept])
        keep_blob(made, BlobRef(draft, 0, size))  # again, in case a sweep took the bytes before the row was there
    finally:
        draft.unlink(missing_ok=True)
    gone = sum(blob.size for blob in kept if not store().has(blob.digest))
    return {"what": "done", "before": room, "after": size, "freed": gone - size, "digest": made}


def draft_of(row: Upkeep) -> Path:
    """Where what is made lies until it is whole; the same file again for who goes on after a kill."""
    return Path(settings.WORK_DIR) / f"upkeep-{row.pk}"


def _write(draft: Path, layer: Layer, source: Blob, work: Work, before: int) -> str:
    """The layer's tar as zstd; returns the digest. Raises Damaged where the bytes are not the layer's, OSError."""
    whole, plain_hash = hashlib.sha256(), hashlib.sha256()
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    Room(draft.parent, settings.MIN_FREE_DISK_BYTES).need(source.size)
    pending = bytearray()
    done = 0
    plain = PlainBytes(store().open(source.digest), Compression(source.compression), layer.tar_size)
    with plain, draft.open("wb") as sink:

        def write(block: bytes) -> None:
            frame = compressor.compress(block)
            whole.update(frame)
            sink.write(frame)

        for block in plain.all():
            plain_hash.update(block)
            pending += block
            done += len(block)
            while len(pending) >= FRAME_BYTES:
                write(bytes(pending[:FRAME_BYTES]))
                del pending[:FRAME_BYTES]
                work.lease.progress(before + source.size * done // max(layer.tar_size, 1))
        if pending:
            write(bytes(pending))
    if f"sha256:{plain_hash.hexdigest()}" != layer.diff_id:
        raise Damaged("The tar in the blob is another layer's.")
    return f"sha256:{whole.hexdigest()}"


def _swap(layer: Layer, made: str, size: int, old: list[str]) -> None:
    """One transaction: the new blob's bytes are the kept ones, and those of before are not."""
    with transaction.atomic():
        held = Layer.objects.select_for_update().filter(pk=layer.pk).first()
        if held is None:  # deleted meanwhile: nobody claims what was made, and the sweep takes it
            return
        fields = {"layer": held, "size": size, "compression": Compression.ZSTD.value, "made": True}
        Blob.objects.get_or_create(digest=made, defaults=fields)
        Blob.objects.filter(digest=made).update(kept=True, verified=timezone.now(), fault="")
        old = [digest for digest in old if digest != made]
        Blob.objects.filter(digest__in=old).update(kept=False)
        transaction.on_commit(partial(drop_blobs, old))
