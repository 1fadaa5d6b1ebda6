"""Common ground of a scope: the sets of files that several images carry in layers of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from analyzer.models import CommonGround
from analyzer.oci.digest import EMPTY_LAYER_DIFF_ID
from analyzer.selectors.near_misses import homes, layers_of
from analyzer.selectors.scope import Scope, ScopeImage, ScopeLayer


@dataclass(frozen=True, slots=True)
class Folder:
    """Where files of a set lie: a folder or a file, its path escaped."""

    path: str
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set of files for a layer that `images` could share. `size` is bytes once, `saving` what is stored again."""

    layers: tuple[ScopeLayer, ...]
    images: tuple[ScopeImage, ...]  # by name
    brought_by: tuple[ScopeImage, ...]  # for each layer the image that ends lowest
    files: int
    size: int
    folders: tuple[Folder, ...]

    @property
    def rows(self) -> list[tuple[ScopeLayer, ScopeImage]]:
        """Each layer with the image that brought it."""
        return list(zip(self.layers, self.brought_by, strict=True))

    @property
    def saving(self) -> int:
        """Bytes over the unique layers, less the bytes once."""
        return self.size * (len(self.layers) - 1)


def asked_for(scope: Scope) -> dict[str, int]:
    """The layers that a scope's common ground is made of: diffID → entries."""
    layers = (scope.layers[pk] for pk in layers_of(scope))
    return {layer.diff_id: layer.entries for layer in layers if layer.diff_id != EMPTY_LAYER_DIFF_ID}


def candidates_of(scope: Scope, ground: CommonGround, least: int) -> list[Candidate]:
    """The sets of at least `least` bytes that could lie in a shared base, those that would save most first.

    Two images must carry the files in different layers, neither image in the other's: where all images that have one of
    the layers have the other too, no new base helps, the image repeats itself (near misses and waste show that).
    """
    pks = {layer.diff_id: pk for pk, layer in scope.layers.items()}
    rows = [row for row in ground.sets if row["size"] >= least]
    used = {pks[ground.diff_ids[number]] for row in rows for number in row["layers"]}
    where = homes(scope, used)
    found = []
    for row in rows:
        layers = [pks[ground.diff_ids[number]] for number in row["layers"]]
        if _apart([{image.pk for image in where[pk]} for pk in layers]):
            found.append(_candidate(scope, row, layers, where))
    return found


def _candidate(
    scope: Scope, row: Mapping[str, Any], layers: Sequence[int], where: Mapping[int, list[ScopeImage]]
) -> Candidate:
    images = {image.pk: image for pk in layers for image in where[pk]}
    return Candidate(
        layers=tuple(scope.layers[pk] for pk in layers),
        images=tuple(sorted(images.values(), key=lambda image: (image.name, image.pk))),
        brought_by=tuple(where[pk][0] for pk in layers),
        files=row["files"],
        size=row["size"],
        folders=tuple(Folder(*folder) for folder in row["folders"]),
    )


def _apart(images: Sequence[set[int]]) -> bool:
    """Whether two of these sets each have an image that the other has not: else they contain one another in turn."""
    ordered = sorted(images, key=len)
    return any(not smaller <= larger for smaller, larger in pairwise(ordered))
