"""The figures of one image in a list: what is shared, what is its own, what is wasted and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from analyzer.selectors.scope import Scope, ScopeImage
from analyzer.selectors.scope_facts import once_a_scope


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image with its figures. Sizes are bytes, None while a layer is missing; sharing is by chainID."""

    pk: int
    image_id: str
    ref: str
    name: str
    references: tuple[str, ...]
    former: str
    teams: tuple[str, ...]
    platform: str
    size: int | None
    own_size: int | None  # above the base; all of it where no base is known
    shared: int | None
    unique: int | None
    waste: int | None
    own_waste: int | None  # hidden above the base
    inherited_waste: int | None  # hidden inside the base
    efficiency: float | None
    base: ScopeImage | None
    layers: int
    diff_ids: tuple[str | None, ...]  # bottom first
    created: datetime | None
    came_in: datetime | None

    @property
    def place(self) -> tuple[bool, str, bool]:
        """Where names sort it: below what took its name from it, and at the end where it never had one."""
        known = self.name if self.references else self.former
        return not known, known or self.name, not self.references

    def as_json(self) -> dict[str, Any]:
        """The row as the twins and the API give it, in the words of `report --json`."""
        return {
            "image_id": self.image_id,
            "ref": self.ref,
            "references": list(self.references),
            "platform": self.platform,
            "size": self.size,
            "own_size": self.own_size,
            "shared": self.shared,
            "unique": self.unique,
            "waste": self.waste,
            "own_waste": self.own_waste,
            "inherited_waste": self.inherited_waste,
            "efficiency": self.efficiency,
            "base": self.base.image_id if self.base else None,
            "layers": self.layers,
            "created": rfc3339(self.created),
            "teams": list(self.teams),
        }


def image_row(scope: Scope, image: ScopeImage, bases: Mapping[int, ScopeImage]) -> ImageRow:
    """The row of `image`; `bases` as `bases_of` gives them for all that the viewer may see."""
    base = bases.get(image.pk)
    base_chain = scope.chains[base.top_chain] if base and base.top_chain is not None else None
    top = scope.chains[image.top_chain] if image.top_chain is not None else None
    # An image without layers has no chain: 0 bytes, nothing wasted.
    waste = None if image.size is None else top.waste if top else 0
    inherited = None if waste is None else base_chain.waste if base_chain else 0
    shared = scope.shared(image)
    return ImageRow(
        pk=image.pk,
        image_id=image.image_id,
        ref=image.ref,
        name=image.name,
        references=image.references,
        former=image.former,
        teams=image.teams,
        platform=image.platform,
        size=image.size,
        own_size=None if image.size is None else image.size - (base_chain.size if base_chain else 0),
        shared=shared,
        unique=None if image.size is None or shared is None else image.size - shared,
        waste=waste,
        own_waste=None if waste is None or inherited is None else waste - inherited,
        inherited_waste=inherited,
        efficiency=None if waste is None else 1 - waste / image.size if image.size else 1.0,
        base=base,
        layers=len(image.layers),
        diff_ids=tuple(scope.layers[pk].diff_id if pk is not None else None for pk in image.layers),
        created=image.created,
        came_in=image.came_in,
    )


@once_a_scope
def image_rows(scope: Scope, bases: Mapping[int, ScopeImage]) -> dict[int, ImageRow]:
    """The rows of all images of the scope, by primary key."""
    return {pk: image_row(scope, image, bases) for pk, image in scope.images.items()}


def rfc3339(when: datetime | None) -> str | None:
    """A time as the interfaces have it: UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else None
