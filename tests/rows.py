"""Rows as an analysis would have left them, without an archive: for tests of what is read from the database.

    base = add_image(team, ["base"], layers={"debian": 1000})
    app = add_image(team, ["app"], layers={"debian": 1000, "app": 200}, waste=50)

A layer is known by a word of the test's own: the same word is the same diffID everywhere.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from analyzer.models import (
    CAUSES,
    Archive,
    ArchiveImage,
    Chain,
    Holding,
    Image,
    ImageLayer,
    Job,
    JobLayer,
    JobStage,
    JobState,
    Layer,
    Reference,
    Team,
)
from analyzer.oci.digest import chain_ids, digest_of

START = datetime(2026, 11, 24, 5, 50, tzinfo=UTC)


def diff_id(word: str) -> str:
    """The diffID of the layer that tests call `word`."""
    return digest_of(word.encode())


def add_layer(word: str, size: int, *, files: int = 1) -> Layer:
    """The layer `word`, made if it is not there; `size` in bytes."""
    layer, _ = Layer.objects.get_or_create(
        diff_id=diff_id(word),
        defaults={"size": size, "tar_size": size + 1024, "entries": files, "kinds": {"file": files}},
    )
    return layer


def add_chain(layers: Sequence[Layer], waste: int) -> list[Chain]:
    """The chains from the bottom up; `waste` is superseded by the topmost layer."""
    chains: list[Chain] = []
    for depth, chain_id in enumerate(chain_ids(layer.diff_id for layer in layers)):
        top = depth == len(layers) - 1
        wasted = waste if top else 0
        chain, _ = Chain.objects.get_or_create(
            chain_id=chain_id,
            defaults={
                "parent": chains[-1] if chains else None,
                "layer": layers[depth],
                "depth": depth,
                "size": sum(layer.size for layer in layers[: depth + 1]),
                "merged_entries": 1,
                **{f"waste_{cause}": 0 for cause in CAUSES},
                "waste_superseded": max(wasted, chains[-1].waste if chains else 0),
                "dive_cumulative": 0,
                "dive_minimal": 0,
                "dive_wasted": 0,
                "added": 1,
                "modified": 0,
                "removed": 0,
                "changes": b"",
            },
        )
        chains.append(chain)
    return chains


def add_image(
    team: Team,
    names: Sequence[str],
    *,
    layers: Mapping[str, int],
    waste: int = 0,
    missing: Sequence[str] = (),
    minutes: int = 0,
    **fields: Any,
) -> Image:
    """An image that `team` holds. `layers`: words to bytes, bottom first; `missing`: those that are not stored.

    It is named `docker.io/library/NAME`, and came in `minutes` after START.
    """
    stored = [add_layer(word, size) if word not in missing else None for word, size in layers.items()]
    known: list[Layer] = []
    for layer in stored:
        if layer is None:
            break
        known.append(layer)
    chains = add_chain(known, waste)
    whole = not missing
    identity = f"{names} {list(layers)} {fields}"
    came_in = START + timedelta(minutes=minutes)
    image, created = Image.objects.get_or_create(
        image_id=fields.pop("image_id", digest_of(identity.encode())),
        forged_chain_id=fields.pop("forged_chain_id", ""),
        incomplete_in=None if whole else team,
        defaults={
            "top_chain": chains[-1] if whole and chains else None,
            "size": sum(layers.values()) if whole else None,
            "config": b"{}",
            "os": "linux",
            "architecture": "amd64",
            "created_at": came_in,
            "stored": came_in,
            **fields,
        },
    )
    if created:
        for index, (word, layer) in enumerate(zip(layers, stored, strict=True)):
            chain = chains[index] if index < len(chains) else None
            ImageLayer.objects.create(image=image, index=index, diff_id=diff_id(word), layer=layer, chain=chain)
    Holding.objects.get_or_create(team=team, image=image, defaults={"created": came_in})
    for name in names:
        repository, _, tag = name.partition(":")
        Reference.objects.update_or_create(
            team=team, repository=f"docker.io/library/{repository}", tag=tag or "latest", defaults={"image": image}
        )
    return image


def add_job(
    team: Team,
    name: str = "app.docker.tar",
    *,
    state: str = JobState.DONE,
    images: Sequence[Image] = (),
    layers: Mapping[str, str] = {},
    findings: Sequence[Mapping[str, Any]] = (),
    **fields: Any,
) -> Job:
    """A job; `layers`: words to states of their blobs, 1,000 bytes each. An ended one has its archive."""
    archive = None
    if state in (JobState.DONE, JobState.PARTIAL):
        archive = Archive.objects.create(
            team=team,
            name=name,
            format="docker-archive",
            size=4096,
            whole=state == JobState.DONE,
            findings=list(findings),
        )
        for position, image in enumerate(images):
            ArchiveImage.objects.create(
                archive=archive,
                image=image,
                position=position,
                layers=[{"status": "ok" if item.layer_id else "missing"} for item in image.image_layers.all()],
            )
    defaults: dict[str, Any] = {"stage": JobStage.ENDED if state != JobState.RUNNING else JobStage.LAYERS}
    if state == JobState.QUEUED:
        defaults = {"stage": JobStage.WAITING}
    job = Job.objects.create(
        team=team, name=name, path="", size=4096, state=state, archive=archive, **{**defaults, **fields}
    )
    for position, (word, layer_state) in enumerate(layers.items()):
        JobLayer.objects.create(
            job=job,
            position=position,
            path="",
            offset=position * 1000,
            length=1000,
            diff_id=diff_id(word),
            state=layer_state,
            bytes_done={"waiting": 0, "reading": 620}.get(layer_state, 1000),
        )
    return job
