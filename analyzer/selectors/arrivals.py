"""What came in lately: jobs, and archives that were taken in without one, as commands do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analyzer.models import Archive, ArchiveImage, JobState, Team
from analyzer.selectors.access import Viewer, ref_of, teams_of, visible_images, visible_jobs
from analyzer.selectors.jobs import JobCard, JobImage, cards_of
from analyzer.selectors.names import names_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """An archive and what became of it. `card` is its job, if it is still there; `size` in bytes."""

    name: str
    size: int
    team: Team
    state: str
    at: datetime
    images: Sequence[JobImage]
    images_count: int
    card: JobCard | None


def arrivals_of(viewer: Viewer, most: int, team: Team | None = None) -> list[Arrival]:
    """The newest `most` of what came into the viewer's teams, or into one of them."""
    jobs = visible_jobs(viewer).select_related("team", "archive")
    archives = Archive.objects.filter(team__in=teams_of(viewer), job__isnull=True).select_related("team")
    if team is not None:
        jobs, archives = jobs.filter(team=team), archives.filter(team=team)
    came = [_of_job(card) for card in cards_of(viewer, jobs[:most])]
    came += _without_job(viewer, list(archives.defer("findings", "attestations")[:most]))
    return sorted(came, key=lambda arrival: arrival.at, reverse=True)[:most]


def _of_job(card: JobCard) -> Arrival:
    job = card.job
    return Arrival(job.name, job.size, job.team, job.state, job.created, card.images, card.images_count, card)


def _without_job(viewer: Viewer, archives: Sequence[Archive]) -> list[Arrival]:
    rows = ArchiveImage.objects.filter(archive__in=archives, image__in=visible_images(viewer)).select_related("image")
    rows = rows.only("archive_id", "image__image_id", "image__forged_chain_id").order_by("archive_id", "position")
    names = names_of(viewer, {row.image_id: row.image.image_id for row in rows})
    images: dict[int, list[JobImage]] = {}
    for row in rows:
        images.setdefault(row.archive_id, []).append(JobImage(ref_of(row.image), names[row.image_id]))
    return [
        Arrival(
            name=archive.name,
            size=archive.size,
            team=archive.team,
            state=JobState.DONE if archive.whole else JobState.PARTIAL,
            at=archive.created,
            images=images.get(archive.pk, []),
            images_count=len(images.get(archive.pk, [])),
            card=None,
        )
        for archive in archives
    ]
