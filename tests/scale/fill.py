"""The plan into a database, through the services that take archives in; the clock is that of the plan."""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from random import Random
from unittest import mock

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from analyzer.archive.source import ArchiveContents, ArchiveFormat, BlobRef, ImageSource, LayerSource, Presence
from analyzer.filetree.listing import Listing
from analyzer.models import Archive, Job, JobLayer, JobLayerState, JobStage, JobState, Membership, Role, Team
from analyzer.oci.annotations import BASE_DIGEST, BASE_NAME
from analyzer.oci.config import parse_config
from analyzer.oci.digest import digest_of
from analyzer.services.assembly import Sender, assemble
from analyzer.services.chains import ChainBuilder
from analyzer.services.layers import store_blob, store_layer
from analyzer.services.outcome import LayerOutcome
from tests.scale.layers import Recipe, build
from tests.scale.packages import Universe
from tests.scale.plan import Build, Plan
from tests.scale.words import TEAMS

LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ARCHIVES_A_TRANSACTION = 10
LISTINGS = 400_000  # entries of listings that are at hand: the bases that are built on now
ADMIN, PASSWORD = "admin", "admin-pass-1"


def fill(images: int, *, seed: int = 1, density: float = 1.0, report: Callable[[int], None] = lambda _: None) -> None:
    """Takes in so many images. `density` scales the files of every layer; 1 makes 5 M entries of 1,000 images."""
    filling = _Filling(Universe(seed, density))
    plan = Plan(images, seed)
    done = 0
    for batch in _batched(plan.builds()):
        with transaction.atomic():
            for item in batch:
                filling.take_in(item)
        done += len(batch)
        report(done)


def _batched(builds: Iterator[Build]) -> Iterator[list[Build]]:
    batch: list[Build] = []
    for item in builds:
        batch.append(item)
        if len(batch) == ARCHIVES_A_TRANSACTION:
            yield batch
            batch = []
    yield batch


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """What Django takes for now."""

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return moment

    with mock.patch.object(timezone, "datetime", Then):
        yield


class _Listings(dict[str, Listing]):
    """The listings that were used last."""

    def __init__(self) -> None:
        super().__init__()
        self._order: OrderedDict[str, int] = OrderedDict()
        self._entries = 0

    def keep(self, diff_id: str, listing: Listing) -> None:
        self[diff_id] = listing
        self._order[diff_id] = len(listing)
        self._entries += len(listing)
        while self._entries > LISTINGS:
            oldest, entries = self._order.popitem(last=False)
            self._entries -= entries
            del self[oldest]


class _Filling:
    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.listings = _Listings()
        self.outcomes: dict[str, LayerOutcome] = {}
        self.manifests: dict[tuple[str, ...], str] = {}  # diffIDs → digest of the newest manifest with these layers
        with at(datetime(2025, 11, 19, tzinfo=timezone.get_default_timezone())):
            self.user, self.teams = _people()

    def take_in(self, item: Build) -> None:
        with at(item.moment):
            recipes = [step.recipe for step in item.steps if step.recipe is not None]
            outcomes = {recipe.diff_id: self._layer(recipe) for recipe in recipes}
            if item.lacks_layer:
                missing = recipes[-2].diff_id
                outcomes[missing] = LayerOutcome("missing", missing)
            source = _source(item, outcomes, self._claims(item))
            self.manifests[tuple(recipe.diff_id for recipe in recipes)] = source.manifest_digest or ""
            size = sum(layer.size or 0 for layer in source.layers) + 40_960
            contents = ArchiveContents(ArchiveFormat.DOCKER_ARCHIVE, size, [source], [], [])
            team = self.teams[item.team]
            builder = ChainBuilder(self.listings)
            assemble(
                Sender(team, self.user, item.name),
                contents,
                lambda layer: outcomes[layer.diff_id or ""],
                builder,
                lambda archive: _job(archive, item.moment, source, outcomes),
            )

    def _claims(self, item: Build) -> dict[str, str]:
        if item.base is None:
            return {}
        name, steps = item.base
        digest = self.manifests[tuple(step.recipe.diff_id for step in steps if step.recipe)]
        return {BASE_NAME: name, BASE_DIGEST: digest}

    def _layer(self, recipe: Recipe) -> LayerOutcome:
        known = self.outcomes.get(recipe.diff_id)
        if known is None:
            new = build(recipe, self.universe)
            digest, size = recipe.blob(new.tar_size)
            known = LayerOutcome("ok", recipe.diff_id, digest, size, "gzip")
            store_blob(known, store_layer(new))
            self.listings.keep(recipe.diff_id, new.listing)
            self.outcomes[recipe.diff_id] = known
        return known


def _people() -> tuple[User, dict[str, Team]]:
    """The teams, and an administrator who is in all of them."""
    user = User.objects.filter(username=ADMIN).first() or User.objects.create_superuser(ADMIN, password=PASSWORD)
    teams = {}
    for name in TEAMS:
        teams[name], _ = Team.objects.get_or_create(slug=name, defaults={"name": name.capitalize()})
    for team in Team.objects.all():
        Membership.objects.get_or_create(team=team, user=user, defaults={"role": Role.OWNER})
    return user, teams


def _source(item: Build, outcomes: dict[str, LayerOutcome], annotations: dict[str, str]) -> ImageSource:
    recipes = [step.recipe for step in item.steps if step.recipe is not None]
    built = item.built.isoformat().replace("+00:00", "Z")
    document = {
        "architecture": item.architecture,
        "os": "linux",
        "created": built,
        "config": {
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", f"APP_BUILD={item.name}"],
            "Entrypoint": ["/app/start"],
            "WorkingDir": "/app",
            "Labels": dict(item.labels),
        },
        "history": [
            {"created": built, "created_by": step.created_by, "empty_layer": step.recipe is None} for step in item.steps
        ],
        "rootfs": {"type": "layers", "diff_ids": [recipe.diff_id for recipe in recipes]},
    }
    raw = json.dumps(document, separators=(",", ":")).encode()
    config = parse_config(raw, 64)
    return ImageSource(
        image_id=digest_of(raw),
        config=raw,
        document=config.document,
        platform=config.platform,
        created=config.created,
        history=config.history,
        layers=[_layer_source(outcomes[diff_id]) for diff_id in config.diff_ids],
        references=list(item.references),
        manifest_digest=digest_of(b"manifest " + raw),
        annotations=annotations,
    )


def _layer_source(outcome: LayerOutcome) -> LayerSource:
    if not outcome.ok:
        return LayerSource(Presence.MISSING, None, outcome.diff_id)
    blob = BlobRef(Path("/"), 0, outcome.blob_size or 0)
    return LayerSource(Presence.PRESENT, blob, outcome.diff_id, outcome.blob_digest, outcome.blob_size, LAYER_TYPE)


def _job(archive: Archive, moment: datetime, source: ImageSource, outcomes: dict[str, LayerOutcome]) -> None:
    """The job that brought it, as it was left when it ended."""
    seconds = 2 + archive.size / 2e8
    came = moment - timedelta(seconds=seconds + Random(archive.name).random())
    job = Job.objects.create(
        team=archive.team,
        user=archive.user,
        name=archive.name,
        path="",
        size=archive.size,
        state=JobState.DONE if archive.whole else JobState.PARTIAL,
        stage=JobStage.ENDED,
        bytes_total=archive.size,
        archive=archive,
        created=came,
        started=came,
        finished=moment,
    )
    JobLayer.objects.bulk_create(
        JobLayer(
            job=job,
            position=position,
            path="",
            offset=512,
            length=layer.size or 0,
            diff_id=layer.diff_id or "",
            digest=layer.digest or "",
            state=JobLayerState.READ,
            bytes_done=layer.size or 0,
            outcome=outcomes[layer.diff_id or ""].as_json(),
        )
        for position, layer in enumerate(source.layers)
        if layer.blob
    )


def quickly() -> None:
    """Whoever makes a collection can make it again: nothing waits for the disk."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-400000")
