"""The archives that brought an image, as far as the viewer may see them, and what was odd in them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analyzer.models import Archive, ArchiveImage, Image
from analyzer.oci.advice import ADVICE
from analyzer.oci.findings import CODES
from analyzer.selectors.access import Viewer, teams_of

MOST = 50


@dataclass(frozen=True, slots=True)
class Arrival:
    """The image in one archive. `layers` is what the archive says of each blob, bottom first."""

    archive: int
    name: str
    format: str
    size: int
    created: datetime
    user: str
    team: str
    references: tuple[str, ...]
    layers: Sequence[Mapping[str, Any]]

    @property
    def whole(self) -> bool:
        return all(layer.get("status") == "ok" for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding of an archive about the image, or about the archive as a whole."""

    severity: str
    code: str
    layer: int | None
    path: str | None
    detail: str
    raw: bytes | None = None  # the path byte for byte
    rule: str | None = None  # of a file that looks like a secret
    state: str = ""  # visible or hidden: what the merged view does with it

    @property
    def meaning(self) -> str:
        return CODES.get(self.code, "")

    @property
    def advice(self) -> str:
        """What to do about it."""
        return ADVICE.get(self.code, "")

    @property
    def sign(self) -> str:
        """Its sign: see `.state` in `site.css`."""
        return {"error": "failed", "warning": "partial"}.get(self.severity, "")


def arrivals_of(viewer: Viewer, image: Image) -> list[Arrival]:
    """The latest archives that brought the image, newest first, at most MOST. One query."""
    rows = (
        ArchiveImage.objects.filter(image=image, archive__team__in=teams_of(viewer))
        .select_related("archive__team", "archive__user")
        .defer("archive__findings", "archive__attestations")
        .order_by("-archive__created", "-pk")[:MOST]
    )
    return [
        Arrival(
            archive=row.archive_id,
            name=row.archive.name,
            format=row.archive.format,
            size=row.archive.size,
            created=row.archive.created,
            user=row.archive.user.get_username() if row.archive.user else "",
            team=row.archive.team.name,
            references=tuple(row.references),
            layers=row.layers,
        )
        for row in rows
    ]


def carried_by(arrivals: Sequence[Arrival], layer_count: int) -> list[Mapping[str, Any]]:
    """For each layer what the newest archive says of its blob that has it whole; else what the newest says."""
    carried: list[Mapping[str, Any]] = []
    for index in range(layer_count):
        told = [arrival.layers[index] for arrival in arrivals if index < len(arrival.layers)]
        whole = [layer for layer in told if layer.get("status") == "ok"]
        carried.append(next(iter(whole or told), {}))
    return carried


def _raw(item: Mapping[str, Any]) -> bytes | None:
    if "path_bytes" in item:
        return base64.b64decode(item["path_bytes"])
    return item["path"].encode() if item.get("path") is not None else None


def problems_of(image: Image, archive: int | None) -> list[Problem]:
    """What is odd about the image in this archive, errors first. One query. None: no archive, nothing to tell."""
    found = Archive.objects.filter(pk=archive).values_list("findings", flat=True).first() if archive else None
    order = {"error": 0, "warning": 1, "info": 2}
    problems = [
        Problem(
            item["severity"],
            item["code"],
            item.get("layer"),
            item.get("path"),
            item["detail"],
            _raw(item),
        )
        for item in found or []
        if item.get("image_id") in {image.image_id, None}
    ]
    return sorted(problems, key=lambda problem: (order.get(problem.severity, 3), problem.layer or 0))
