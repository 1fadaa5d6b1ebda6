"""Archives taken in by the tests themselves, without a worker."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from analyzer.models import Archive, Content, Image, Job, Layer, Team
from analyzer.selectors.documents import archive_document
from analyzer.services import work
from analyzer.services.assembly import Sender
from analyzer.services.foreground import take_in
from analyzer.services.jobs import create_job
from analyzer.services.leases import Taken
from tests.archives import Members, write


def bring(folder: Path, members: Members, team: Team, *, name: str = "app.tar", compression: str = "none") -> Archive:
    """The archive as `manage.py analyze` stores it."""
    path = write(folder / name, members, compression=compression)
    return take_in(path, Sender(team, None, name), settings.LIMITS, folder)


def document_of(archive: Archive) -> dict[str, Any]:
    return archive_document(archive)


def run_job(folder: Path, members: Members, team: Team, *, name: str = "app.tar", compression: str = "none") -> Job:
    """The archive as workers take it in, step by step in this process."""
    path = write(folder / name, members, compression=compression)
    job = create_job(team=team, user=None, name=name, path=path, size=path.stat().st_size)
    run_steps(job)
    job.refresh_from_db()
    return job


def run_steps(job: Job) -> None:
    """What the tasks do, one after the other; a step that finds nothing to do is passed over, as there."""
    with suppress(Taken):
        work.open_step(str(job.pk))
    for pk in list(job.layers.values_list("pk", flat=True)):
        with suppress(Taken):
            work.layer_step(pk)
    with suppress(Taken):
        work.assemble_step(str(job.pk))


def codes(archive: Archive) -> list[str]:
    return [finding["code"] for finding in archive.findings]


def stored() -> dict[str, int]:
    """How many rows of each kind there are."""
    return {model.__name__: model.objects.count() for model in (Image, Layer, Content, Archive)}
