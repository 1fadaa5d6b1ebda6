"""What people call an image: the references by which their own teams know it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from analyzer.models import Reference, ReferenceMove
from analyzer.selectors.access import Viewer, teams_of


def references_of(viewer: Viewer, image_pks: Iterable[int]) -> dict[int, list[Reference]]:
    """The references of each image as the viewer's teams know them, by name. One query."""
    found: dict[int, list[Reference]] = {}
    references: QuerySet[Reference, Any] = Reference.objects.filter(
        team__in=teams_of(viewer), image_id__in=list(image_pks)
    )
    for reference in references.order_by("repository", "tag", "pk"):
        found.setdefault(reference.image_id, []).append(reference)
    return found


def spoken(reference: Reference) -> str:
    """The reference as it is said: `node:argon`, and `expressweb` for `expressweb:latest`."""
    return said(reference.repository, reference.tag)


def said(repository: str, tag: str) -> str:
    """The same of a reference's parts."""
    name = repository.removeprefix("docker.io/").removeprefix("library/")
    return name if tag == "latest" else f"{name}:{tag}"


def former_names(viewer: Viewer, image_pks: Iterable[int]) -> dict[int, str]:
    """The reference that last pointed at each image, as the viewer's teams knew it. One query, none for no image.

    For images that have no reference any more: it has moved to another one.
    """
    wanted = list(image_pks)
    if not wanted:
        return {}
    moves = ReferenceMove.objects.filter(reference__team__in=teams_of(viewer), image__in=wanted).order_by("at", "pk")
    rows = moves.values_list("image_id", "reference__repository", "reference__tag")
    return {image_pk: said(repository, tag) for image_pk, repository, tag in rows}


def names_of(viewer: Viewer, image_ids: dict[int, str]) -> dict[int, str]:
    """A name for each image ({pk: image ID}): its first reference, or twelve digits of its ID. One query."""
    known = references_of(viewer, image_ids)
    return {pk: name_of(known.get(pk, ()), image_id) for pk, image_id in image_ids.items()}


def name_of(references: Sequence[Reference], image_id: str) -> str:
    """The first of the references, or twelve digits of the ID."""
    return spoken(references[0]) if references else image_id.removeprefix("sha256:")[:12]
