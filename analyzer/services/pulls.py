"""Images from a registry: the job that pulls them, and what it does before it goes on like an upload."""

import json
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from analyzer import queue
from analyzer.models import Blob, Image, Job, JobSource, Registry, Team, sealing
from analyzer.oci.reference import InvalidReference, Reference, parse_reference
from analyzer.registry.context import Credentials, RegistryContext
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.platforms import ALL, InvalidPlatform, parse_wanted
from analyzer.selectors.access import Bearer, brought_by
from analyzer.selectors.held import brought_blobs, held_layers
from analyzer.services import leases
from analyzer.services.leases import Lease
from analyzer.services.pulling import blob_folder, layout_folder

if TYPE_CHECKING:
    from analyzer.registry.oldimages import StoredBlob
    from analyzer.registry.pull import OfferedLayer, Pulled, Tally

INDEX = "index.json"  # written last: a layout that has it is whole
NAME = 255  # characters that a job's name has
PASSES = (Kind.RATE_LIMITED, Kind.TIMEOUT, Kind.UNREACHABLE, Kind.UNKNOWN_HOST)  # reasons that are gone another time
SPARE = 120.0  # seconds before the end of a task's time at which it gives a pull to the next one


class TimeIsOver(Exception):
    """The task has no time left; what was fetched is kept, and another one goes on."""


def context_of(registry: str, credentials: Credentials | None = None) -> RegistryContext:
    """What a client of that registry is told: the settings' rules and limits, and as whom it asks."""
    return RegistryContext(registry, credentials, settings.REGISTRY_RULES, settings.LIMITS)


def create_pull(
    *,
    team: Team,
    user: Bearer | None,
    reference: str | Reference,
    platform: str | None = None,
    credentials: Credentials | None = None,
) -> Job:
    """A job that pulls `reference`. `platform`: os/arch[/variant], "all", or None for the default one.

    The credentials are kept sealed with the job until it has ended; without any, those of the team's registry of that
    host are used. Raises InvalidReference, InvalidPlatform.
    """
    wanted = parse_reference(reference) if isinstance(reference, str) else reference
    chosen = platform or ""
    if chosen != ALL:
        parse_wanted(chosen)
    with transaction.atomic():
        job = Job.objects.create(
            team=team,
            **brought_by(user),
            name=str(wanted)[:NAME],
            path=str(layout_folder()),
            source=JobSource.REGISTRY,
            reference=str(wanted),
            platform=chosen,
            sealed_credentials=_sealed(credentials),
        )
        queue.ring("open_archive", str(job.pk))
    return job


def refusal_in_words(error: InvalidReference | InvalidPlatform) -> str:
    """Why `create_pull` refused, as a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def bring(job: Job, lease: Lease) -> None:
    """Fetches what the job names into its layout, unless that is there. The job's fields are those of the row then.

    Raises RegistryError, LimitReached, SealBroken, OSError, LeaseLost, TimeIsOver.
    """
    layout = layout_folder(Path(job.path))
    if (layout / INDEX).exists():
        return
    deadline = time.monotonic() + max(settings.JOB_TIME_LIMIT_SECONDS - SPARE, 30.0)

    def tick() -> None:
        lease.check()
        if time.monotonic() > deadline:
            raise TimeIsOver

    reference = parse_reference(job.reference)
    reporter = _Reporter(job)
    credentials = credentials_for(job.team, reference.registry, job.sealed_credentials)
    try:
        pulled = fetch_into(
            layout, job.team, job.user, reference, job.platform, credentials, report=reporter.report, tick=tick
        )
    except RegistryError as error:
        # Wrong bytes may come right, but would be fetched whole at each look until they do.
        if error.kind in PASSES or (error.passes and error.kind != Kind.MISMATCH):
            job.watched_tags.update(digest="")  # the next look of the watch brings it again
        raise
    fields = {"digest": pulled.digest, "held": sorted(pulled.held), "size": _size_of(layout)}
    leases.patiently(lambda: _note(job, pulled.tally, **fields))


def fetch_into(
    layout: Path,
    team: Team,
    user: User | None,
    reference: Reference,
    platform: str,
    credentials: Credentials | None,
    *,
    report: "Callable[[Tally], None]" = lambda tally: None,
    tick: Callable[[], None] = lambda: None,
) -> "Pulled":
    """Writes an OCI layout of what `reference` stands for; blobs of layers that the user's teams hold are left out.

    Raises RegistryError, LimitReached, OSError, InvalidPlatform, and what `tick` and `report` raise.
    """
    from analyzer.registry.client import RegistryClient  # every command loads this module, few need httpx
    from analyzer.registry.pull import pull
    from analyzer.services.registry_limits import noted

    every = platform == ALL
    kept = Registry.objects.filter(team=team, host=reference.registry)
    with RegistryClient(context_of(reference.registry, credentials), tick) as client, noted(client, kept):
        return pull(
            client,
            reference,
            layout,
            blob_folder(team.pk),
            _Stored(team, user),
            platform=None if every else parse_wanted(platform),
            every=every,
            parallel=settings.PULL_PARALLEL,
            report=report,
        )


def relied_on(job: Job, gone: Sequence[str]) -> bool:
    """Whether layers that are gone were not fetched for being there."""
    return bool(job.held) and (not gone or job.layers.filter(diff_id__in=gone).count() < len(set(gone)))


def bring_again(job: Job) -> None:
    """Lets the next `bring` begin anew: what was held is not there any more."""
    (Path(job.path) / INDEX).unlink(missing_ok=True)
    job.layers.all().delete()
    Job.objects.filter(pk=job.pk).update(held=[], saved=0)


def credentials_for(team: Team, host: str, sealed: str = "") -> Credentials | None:
    """Those that came with the pull, else those of the team's registry of that host. Raises SealBroken."""
    if sealed:
        return Credentials(*json.loads(sealing.unseal(sealed)))
    kept = Registry.objects.filter(team=team, host=host).exclude(username="").order_by("pk").first()
    return Credentials(kept.username, kept.password()) if kept else None


def _sealed(credentials: Credentials | None) -> str:
    return sealing.seal(json.dumps([credentials.username, credentials.password])) if credentials else ""


def _size_of(layout: Path) -> int:
    return sum(path.stat().st_size for path in layout.rglob("*") if path.is_file())


def _note(job: Job, tally: "Tally", **fields: object) -> None:
    told = {"fetch_total": tally.total, "fetched": tally.fetched, "saved": tally.saved, **fields}
    if not Job.objects.filter(pk=job.pk, lease_token=job.lease_token).update(**told):
        raise leases.LeaseLost
    for name, value in told.items():
        setattr(job, name, value)


class _Reporter:
    """Writes how far a pull is, once a second; a database that is away is no reason to stop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._written = 0.0

    def report(self, tally: "Tally") -> None:
        if time.monotonic() - self._written < 1.0:
            return
        self._written = time.monotonic()
        try:
            _note(self._job, tally)
        except leases.AWAY:
            connection.close()


class _Stored:
    """What the teams of whoever pulls hold (see registry.pull.Known)."""

    def __init__(self, team: Team, user: User | None) -> None:
        whose = Q(memberships__user=user) | Q(pk=team.pk) if user else Q(pk=team.pk)
        self._teams: QuerySet[Team] = Team.objects.filter(whose).distinct()

    def config(self, digest: str) -> bytes | None:
        image = Image.objects.filter(image_id=digest, holdings__team__in=self._teams).first()
        return bytes(image.config) if image else None

    def held(self, layers: "Sequence[OfferedLayer]") -> Collection[str]:
        """Those whose layer is held by its diffID, unless their blob is known and carries another layer."""
        there = held_layers(self._teams, {layer.diff_id for layer in layers})
        brought = brought_blobs(self._teams, {layer.digest for layer in layers})
        return {
            layer.digest
            for layer in layers
            if layer.diff_id in there and brought.get(layer.digest, layer.diff_id) == layer.diff_id
        }

    def stored(self, digests: Collection[str]) -> "dict[str, StoredBlob]":
        """Blobs that an archive of these teams brought, and whose layer is held."""
        from analyzer.registry.oldimages import StoredBlob

        brought = brought_blobs(self._teams, digests)
        rows = Blob.objects.filter(digest__in=brought).values_list("digest", "size")
        return {digest: StoredBlob(brought[digest], size) for digest, size in rows}
