"""An archive taken in at once, without workers: what `manage.py analyze` does. Blobs stay where they are."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from analyzer.archive.budget import Limits
from analyzer.archive.opening import open_archive
from analyzer.archive.source import ArchiveContents, LayerSource
from analyzer.filetree.listing import Listing
from analyzer.models import Archive, Layer
from analyzer.services.assembly import Sender, assemble
from analyzer.services.chains import ChainBuilder
from analyzer.services.layers import NewLayer, read_layer, store_blob, store_layer, stored_layer
from analyzer.services.outcome import LayerOutcome
from analyzer.services.work import unique_blobs

READERS = 2
"""Layers read at the same time. Hashing and inflating leave the interpreter to others; more readers only wait."""

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


def take_in(path: Path, sender: Sender, limits: Limits, work_folder: Path, report: Report | None = None) -> Archive:
    """Stores and analyses one archive. Raises ArchiveError, LimitReached: then nothing of it is stored."""
    with open_archive(path, limits, work_folder, name=sender.name) as contents:
        outcomes: dict[BlobKey, LayerOutcome] = {}
        listings: dict[str, Listing] = {}
        for source, outcome, new in _read_all(contents, limits, report):
            if outcome.ok:
                with transaction.atomic():
                    layer = store_layer(new) if new else Layer.objects.get(diff_id=outcome.diff_id)
                    store_blob(outcome, layer)
            if new:
                listings[new.diff_id] = new.listing
            outcomes[_key(source)] = outcome

        def outcome_of(source: LayerSource) -> LayerOutcome:
            return outcomes[_key(source)] if source.blob else LayerOutcome.absent(source)

        return assemble(sender, contents, outcome_of, ChainBuilder(listings))


def _key(source: LayerSource) -> BlobKey:
    if source.blob is None:
        raise ValueError("a layer without bytes has no place")
    return str(source.blob.path), source.blob.offset, source.blob.length


def _read_all(
    contents: ArchiveContents, limits: Limits, report: Report | None
) -> Iterator[tuple[LayerSource, LayerOutcome, NewLayer | None]]:
    """Each blob of the archive, as its reading ends."""
    sources = unique_blobs(contents)
    reading = _Reading(sum(source.blob.length for source in sources if source.blob), report, {})
    with ThreadPoolExecutor(READERS) as pool:
        futures: dict[Future[tuple[LayerOutcome, NewLayer | None]], LayerSource] = {
            pool.submit(read_layer, source, stored_layer(source.diff_id), limits, reading.of(index)): source
            for index, source in enumerate(sources)
        }
        for future in as_completed(futures):
            outcome, new = future.result()
            yield futures[future], outcome, new
