"""A Docker Engine that the settings name: what it has, and the job that takes images in from it."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction
from django.http import Http404

from analyzer import queue
from analyzer.archive.outerreceived import receive
from analyzer.archive.source import ArchiveError
from analyzer.models import Job, JobSource, JobStage, Team
from analyzer.registry.daemon import DockerDaemon, EngineContainer, EngineImage
from analyzer.registry.errors import Kind, RegistryError
from analyzer.services.engine_rights import may_use_engine
from analyzer.services.pulling import new_layout

NAME = 255  # characters that a job's name has
REFERENCE = 600
NOTE_SECONDS = 1.0


@contextmanager
def engine_for(user: AbstractBaseUser | AnonymousUser) -> Iterator[DockerDaemon]:
    """The engine. Raises Http404 for whom there is none; it itself raises RegistryError."""
    if settings.DOCKER_ENGINE is None or not may_use_engine(user):
        raise Http404
    with DockerDaemon(settings.DOCKER_ENGINE) as daemon:
        yield daemon


def image_of(daemon: DockerDaemon, image_id: str) -> EngineImage:
    """The image that the engine lists under that ID. Raises RegistryError."""
    for image in daemon.images():
        if image.image_id == image_id:
            return image
    raise RegistryError(Kind.NOT_FOUND, "The engine has no such image: it may have been removed meanwhile.")


def container_of(daemon: DockerDaemon, container_id: str, image_id: str) -> EngineContainer:
    """The container, if it stands on that image. Raises Http404, RegistryError."""
    container = daemon.container(container_id)
    if container.image_id != image_id:
        raise Http404
    return container


def create_intake(team: Team, user: User, image: EngineImage) -> Job:
    """A job that takes one image in, under all the names that the engine has for it."""
    names = list(image.names) or [image.image_id]
    while len(" ".join(names)) > REFERENCE:
        names.pop()
    with transaction.atomic():
        job = Job.objects.create(
            team=team,
            user=user,
            name=names[0][:NAME],
            path=str(new_layout()),
            source=JobSource.DOCKER_DAEMON,
            reference=" ".join(names),
        )
        queue.ring("open_archive", str(job.pk))
    return job


def fetch(job: Job, check: Callable[[], None]) -> None:
    """Writes each file of what `docker save` streams into the job's folder, once. `check` raises where the job is lost.

    Raises ArchiveError with the engine's reason, LimitReached, OSError.
    """
    path = Path(job.path)
    if path.exists():
        return
    if settings.DOCKER_ENGINE is None:
        raise ArchiveError("There is no engine any more: DOCKER_ENGINE is not set.")
    rows = Job.objects.filter(pk=job.pk)
    rows.update(stage=JobStage.FETCHING)
    draft = new_layout()  # of this attempt alone
    try:
        draft.mkdir(mode=0o700, parents=True)
        with DockerDaemon(settings.DOCKER_ENGINE) as daemon, daemon.saved(job.reference.split()) as blocks:
            watched = _watched(blocks, check, lambda size: rows.update(fetched=size))
            size = receive(watched, draft, settings.LIMITS, settings.MIN_FREE_DISK_BYTES)
        draft.rename(path)
    except RegistryError as error:
        raise ArchiveError(str(error)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    rows.update(stage=JobStage.OPENING, fetched=size, fetch_total=size, size=size)


def _watched(blocks: Iterator[bytes], check: Callable[[], None], note: Callable[[int], object]) -> Iterator[bytes]:
    size, noted = 0, time.monotonic()
    for block in blocks:
        check()
        yield block
        size += len(block)
        if time.monotonic() - noted > NOTE_SECONDS:
            note(size)
            noted = time.monotonic()
