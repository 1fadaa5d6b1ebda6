"""What people call an image: the references by which their own teams know it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from analyzer.models import Reference
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
    return reference.short.removesuffix(":latest")


def names_of(viewer: Viewer, image_ids: dict[int, str]) -> dict[int, str]:
    """A name for each image ({pk: image ID}): its first reference, or twelve digits of its ID. One query."""
    known = references_of(viewer, image_ids)
    return {
        pk: spoken(known[pk][0]) if pk in known else image_id.removeprefix("sha256:")[:12]
        for pk, image_id in image_ids.items()
    }
