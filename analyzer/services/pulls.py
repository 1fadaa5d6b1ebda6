"""Images from a registry: the job that pulls them."""

import json
import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from analyzer import queue
from analyzer.models import Job, JobSource, Team, sealing
from analyzer.oci.reference import Reference, parse_reference
from analyzer.registry.context import Credentials, RegistryContext
from analyzer.registry.platforms import ALL, parse_wanted

NAME = 255  # characters that a job's name has


def context_of(registry: str, credentials: Credentials | None = None) -> RegistryContext:
    """What a client of that registry is told: the settings' rules and limits, and as whom it asks."""
    return RegistryContext(registry, credentials, settings.REGISTRY_RULES, settings.LIMITS)


def create_pull(
    *,
    team: Team,
    user: User | None,
    reference: str | Reference,
    platform: str | None = None,
    credentials: Credentials | None = None,
) -> Job:
    """A job that pulls `reference`. `platform`: os/arch[/variant], "all", or None for the default one.

    The credentials are kept sealed with the job until it has ended. Raises InvalidReference, InvalidPlatform.
    """
    wanted = parse_reference(reference) if isinstance(reference, str) else reference
    chosen = platform or ""
    if chosen != ALL:
        parse_wanted(chosen)
    folder = Path(settings.PULL_DIR) / str(uuid.uuid4())
    folder.mkdir(mode=0o700)
    with transaction.atomic():
        job = Job.objects.create(
            team=team,
            user=user,
            name=str(wanted)[:NAME],
            path=str(folder),
            source=JobSource.REGISTRY,
            reference=str(wanted),
            platform=chosen,
            sealed_credentials=_sealed(credentials),
        )
        queue.ring("open_archive", str(job.pk))
    return job


def _sealed(credentials: Credentials | None) -> str:
    return sealing.seal(json.dumps([credentials.username, credentials.password])) if credentials else ""


def _unsealed(sealed: str) -> Credentials | None:
    """Raises SealBroken."""
    return Credentials(*json.loads(sealing.unseal(sealed))) if sealed else None
