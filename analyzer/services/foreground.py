"""An archive taken in at once, without workers: what `manage.py analyze` does. Blobs stay where they are."""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import IntegrityError, transaction

from analyzer.archive.budget import Limits
from analyzer.archive.opening import open_archive
from analyzer.archive.scan import LayerScan
from analyzer.archive.source import ArchiveContents, ArchiveFormat, LayerSource, Presence
from analyzer.filetree.listing import Listing
from analyzer.models import Archive
from analyzer.services.assembly import Sender, assemble
from analyzer.services.chains import ChainBuilder, LayerGone, layer_there
from analyzer.services.held import held_outcome
from analyzer.services.layers import (
    NewLayer,
    StoredLayer,
    arrange,
    read_blob,
    store_blob,
    store_layer,
    stored_layer,
)
from analyzer.services.outcome import LayerOutcome
from analyzer.services.work import unique_blobs

READERS = 2
"""Threads that read. Known layers are hashed side by side; of new ones one is scanned at a time, in several threads of
its own, while the one before is arranged, encoded and stored: measured faster than two scans that share two cores."""

AHEAD = READERS + 1
"""Layers that are being read or wait to be stored: storing many entries takes longer than reading them."""

ATTEMPTS = 3  # at an archive whose layers others remove while it is taken in

BlobKey = tuple[str, int, int]
Report = Callable[[int, int], None]
"""Called with the bytes read so far and the bytes to read."""


@dataclass(slots=True)
class _Reading:
    """How far each reader is."""

    total: int
    report: Report | None
    done: dict[int, int]

    def of(self, index: int) -> Callable[[int], None]:
        def progress(count: int) -> None:
            self.done[index] = count
            if self.report:
                self.report(sum(self.done.values()), self.total)

        return progress


def take_in(
    path: Path,
    sender: Sender,
    limits: Limits,
    work_folder: Path,
    report: Report | None = None,
    *,
    layout: ArchiveFormat = ArchiveFormat.OCI_LAYOUT,
    held: Collection[str] = (),
) -> Archive:
    """Stores and analyses one archive. Raises ArchiveError, LimitReached: then no image of it is stored.

    `layout` is what a folder is called; `held` are digests of blobs that it leaves out, as their layers are stored.
    Raises LayerGone or IntegrityError where others removed its layers meanwhile, again and again.
    """
    reserve = settings.MIN_FREE_DISK_BYTES
    with open_archive(
        path, limits, work_folder, name=sender.name, reserve=reserve, layout=layout, held=held
    ) as contents:
        return take_in_contents(contents, sender, limits, report)


def take_in_contents(
    contents: ArchiveContents, sender: Sender, limits: Limits, report: Report | None = None
) -> Archive:
    """The same for an archive that is open, wherever its blobs lie. Raises as `take_in`."""
    for _ in range(ATTEMPTS - 1):
        with suppress(LayerGone, IntegrityError):
            return _take_in(contents, sender, limits, report)
    return _take_in(contents, sender, limits, report)


def _take_in(contents: ArchiveContents, sender: Sender, limits: Limits, report: Report | None) -> Archive:
    outcomes: dict[BlobKey, LayerOutcome] = {}
    listings: dict[str, Listing] = {}
    with ThreadPoolExecutor(1) as encoder:
        for source, read in _read_all(contents, limits, report):
            outcome, new = arrange(source, read, limits)
            outcomes[_key(source)] = outcome
            if new:
                listings[new.diff_id] = new.listing
            if outcome.ok:
                _store(outcome, new, encoder)

    def outcome_of(source: LayerSource) -> LayerOutcome:
        if source.presence is Presence.HELD:
            return held_outcome(source)
        return outcomes[_key(source)] if source.blob else LayerOutcome.absent(source)

    return assemble(sender, contents, outcome_of, ChainBuilder(listings))


def _store(outcome: LayerOutcome, new: NewLayer | None, encoder: ThreadPoolExecutor) -> None:
    encode = encoder.submit(new.listing.to_parquet).result if new else None
    with transaction.atomic():
        layer = store_layer(new, encode) if new else layer_there(outcome.diff_id)
        store_blob(outcome, layer)


def _key(source: LayerSource) -> BlobKey:
    if source.blob is None:
        raise ValueError("a layer without bytes has no place")
    return str(source.blob.path), source.blob.offset, source.blob.length


def _read_all(
    contents: ArchiveContents, limits: Limits, report: Report | None
) -> Iterator[tuple[LayerSource, LayerOutcome | LayerScan]]:
    """Each blob of the archive, largest first: the longest work is begun first."""
    sources = sorted(unique_blobs(contents), key=lambda source: -source.blob.length if source.blob else 0)
    reading = _Reading(sum(source.blob.length for source in sources if source.blob), report, {})
    scanning = Lock()

    def read(index: int, source: LayerSource, stored: StoredLayer | None) -> LayerOutcome | LayerScan:
        with nullcontext() if stored else scanning:
            return read_blob(source, stored, limits, reading.of(index))

    waiting: deque[tuple[LayerSource, Future[LayerOutcome | LayerScan]]] = deque()

    def next_read() -> tuple[LayerSource, LayerOutcome | LayerScan]:
        source, future = waiting.popleft()
        return source, future.result()

    with ThreadPoolExecutor(READERS) as pool:
        try:
            for index, source in enumerate(sources):
                waiting.append((source, pool.submit(read, index, source, stored_layer(source.diff_id))))
                if len(waiting) == AHEAD:
                    yield next_read()
            while waiting:
                yield next_read()
        finally:  # whoever stops early is not to wait for what nobody wants any more
            for _, future in waiting:
                future.cancel()
