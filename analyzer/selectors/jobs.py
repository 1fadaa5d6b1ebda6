"""Jobs with how far they are and what came of them, a page of them in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Sum

from analyzer.models import ArchiveImage, Job, JobLayer, JobLayerState, JobState, Layer
from analyzer.selectors.access import Viewer, ref_of, visible_images, visible_layers
from analyzer.selectors.names import names_of

MOST_STRIP_PIECES = 60
MOST_IMAGES = 6
UNREAD = (JobLayerState.WAITING, JobLayerState.READING)


@dataclass(frozen=True, slots=True)
class BlobRow:
    """A blob that the job reads: `length` carried bytes, `done` of them read, `size` of the layer once it is known."""

    position: int
    diff_id: str
    state: str
    length: int
    done: int
    size: int | None
    entries: int | None
    visible: bool  # the layer has a page for this viewer
    limit: str | None  # the setting that stopped the reading


@dataclass(frozen=True, slots=True)
class JobImage:
    ref: str
    name: str


@dataclass(slots=True)
class JobCard:
    """A job as lists show it. Bytes are carried bytes of the archive, but for `brought`."""

    job: Job
    blobs: int = 0
    blobs_ended: int = 0
    blobs_known: int = 0  # stored already
    blobs_not_ok: int = 0
    bytes_total: int = 0
    bytes_done: int = 0
    bytes_known: int = 0
    brought: int = 0  # sizes of the layers that were new, added up
    strip: list[BlobRow] = field(default_factory=list)
    images: list[JobImage] = field(default_factory=list)
    images_count: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)  # of the layers of all its images, where not all are ok
    ahead: int = 0  # queued jobs that come first

    @property
    def active(self) -> bool:
        return not self.job.ended

    @property
    def fraction(self) -> float:
        """Of the bytes to read, from 0 to 1."""
        return self.bytes_done / self.bytes_total if self.bytes_total else float(self.job.ended)

    def seconds_left(self, now: datetime) -> int | None:
        """By the speed so far; None where that says nothing yet."""
        if self.job.state != JobState.RUNNING or self.job.started is None:
            return None
        fresh, elapsed = self.bytes_done, (now - self.job.started).total_seconds()
        if fresh <= 0 or elapsed < 2 or fresh >= self.bytes_total:
            return None
        return max(1, round((self.bytes_total - fresh) * elapsed / fresh))


def cards_of(viewer: Viewer, jobs: Iterable[Job]) -> list[JobCard]:
    """A card for each of the jobs, which the viewer may see. Ten queries at most."""
    cards = {job.pk: JobCard(job) for job in jobs}
    if cards:
        _count_blobs(cards)
        _fill_strips(viewer, cards)
        _name_images(viewer, cards)
        _place_in_line(cards)
    return list(cards.values())


def _count_blobs(cards: dict[Any, JobCard]) -> None:
    rows = JobLayer.objects.filter(job__in=list(cards)).order_by()
    totals = rows.values("job_id", "state").annotate(number=Count("pk"), length=Sum("length"), done=Sum("bytes_done"))
    for row in totals:
        card, state = cards[row["job_id"]], row["state"]
        card.blobs += row["number"]
        card.bytes_total += row["length"]
        card.bytes_done += row["length"] if state not in UNREAD else row["done"]
        card.blobs_ended += row["number"] if state not in UNREAD else 0
        card.blobs_not_ok += row["number"] if state == JobLayerState.NOT_OK else 0
        if state == JobLayerState.KNOWN:
            card.blobs_known, card.bytes_known = row["number"], row["length"]
    size = Subquery(Layer.objects.filter(diff_id=OuterRef("diff_id")).values("size")[:1])
    fresh = rows.filter(state=JobLayerState.READ).annotate(size=size).values("job_id").annotate(brought=Sum("size"))
    for job, brought in fresh.values_list("job_id", "brought"):
        cards[job].brought = brought or 0


def _fill_strips(viewer: Viewer, cards: dict[Any, JobCard]) -> None:
    rows = JobLayer.objects.filter(job__in=list(cards), position__lt=MOST_STRIP_PIECES)
    for row in blob_rows(viewer, rows):
        cards[row[0]].strip.append(row[1])


def blob_rows(viewer: Viewer, rows: Any) -> list[tuple[Any, BlobRow]]:
    """The job's key and the row of each of these JobLayers, in their order. Three queries."""
    fetched = list(rows.values_list("job_id", "position", "diff_id", "state", "length", "bytes_done", "outcome__limit"))
    # What is only declared may be false, and is nobody's: figures are shown of bytes that were read and hashed.
    read = {row[2] for row in fetched if row[3] in (JobLayerState.READ, JobLayerState.KNOWN)}
    figures = {
        diff_id: (size, entries)
        for diff_id, size, entries in Layer.objects.filter(diff_id__in=read).values_list("diff_id", "size", "entries")
    }
    shown = set(visible_layers(viewer).filter(diff_id__in=read).values_list("diff_id", flat=True))
    return [
        (
            job,
            BlobRow(
                position=position,
                diff_id=diff_id,
                state=state,
                length=length,
                done=done if state in UNREAD else length,
                size=figures[diff_id][0] if diff_id in figures else None,
                entries=figures[diff_id][1] if diff_id in figures else None,
                visible=diff_id in shown,
                limit=limit,
            ),
        )
        for job, position, diff_id, state, length, done, limit in fetched
    ]


def _name_images(viewer: Viewer, cards: dict[Any, JobCard]) -> None:
    by_archive = {card.job.archive_id: card for card in cards.values() if card.job.archive_id}
    for card in by_archive.values():
        card.findings = card.job.archive.findings if card.job.archive else []
    rows = ArchiveImage.objects.filter(archive__in=list(by_archive), image__in=visible_images(viewer)).order_by()
    for archive, number in rows.values_list("archive_id").annotate(Count("pk")):
        by_archive[archive].images_count = number
    first = rows.filter(position__lt=MOST_IMAGES).select_related("image").order_by("archive_id", "position")
    found = list(first.only("archive_id", "image__image_id", "image__forged_chain_id"))
    names = names_of(viewer, {row.image_id: row.image.image_id for row in found})
    for row in found:
        by_archive[row.archive_id].images.append(JobImage(ref_of(row.image), names[row.image_id]))
    partial = [pk for pk, card in by_archive.items() if card.job.state == JobState.PARTIAL]
    for archive, layers in rows.filter(archive__in=partial).values_list("archive_id", "layers") if partial else ():
        card = by_archive[archive]
        for layer in layers:
            card.statuses[layer["status"]] = card.statuses.get(layer["status"], 0) + 1


def _place_in_line(cards: dict[Any, JobCard]) -> None:
    queued = [card for card in cards.values() if card.job.state == JobState.QUEUED]
    if not queued:
        return
    line = list(Job.objects.filter(state=JobState.QUEUED).values_list("created", flat=True))
    for card in queued:
        card.ahead = sum(1 for created in line if created < card.job.created)
