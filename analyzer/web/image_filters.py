"""What the table of images can be narrowed to; each filter is a parameter of the address."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from analyzer.models import Holding, Image
from analyzer.selectors.access import Viewer, teams_of
from analyzer.selectors.scope import Scope, ScopeImage

Images = QuerySet[Image]


class ImageFilters(django_filters.FilterSet):  # type: ignore[misc]
    """`q` (part of a reference, start of an ID), `platform`, `team`, `layer` (a diffID), `base` (an image's ref)."""

    q = django_filters.CharFilter(method="named")
    platform = django_filters.ChoiceFilter(method="on_platform", empty_label="all platforms")
    team = django_filters.ChoiceFilter(method="held_by", empty_label="all teams")
    layer = django_filters.CharFilter(method="with_layer")
    base = django_filters.CharFilter(method="on_base")

    def __init__(
        self, *args: Any, viewer: Viewer, scope: Scope, bases: Mapping[int, ScopeImage], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.scope = scope
        self.bases = bases
        platforms = sorted({image.platform for image in scope.images.values() if image.platform})
        self.filters["platform"].extra["choices"] = [(name, name) for name in platforms]
        self.filters["team"].extra["choices"] = [(team.slug, team.name) for team in teams_of(viewer)]

    @property
    def active(self) -> bool:
        """Whether anything is narrowed."""
        return any(self.form.cleaned_data.values())

    @property
    def base_name(self) -> str:
        """What the image is called that `base` asks for."""
        wanted = self.form.cleaned_data.get("base") or ""
        return next((image.name for image in self.scope.images.values() if image.ref == wanted), wanted[:19])

    def named(self, images: Images, name: str, value: str) -> Images:
        wanted = value.strip().lower()
        return images.filter(pk__in=[image.pk for image in self.scope.images.values() if _is_named(image, wanted)])

    def on_platform(self, images: Images, name: str, value: str) -> Images:
        return images.filter(pk__in=[image.pk for image in self.scope.images.values() if image.platform == value])

    def held_by(self, images: Images, name: str, value: str) -> Images:
        team = teams_of(self.viewer).filter(slug=value)
        return images.filter(Exists(Holding.objects.filter(image=OuterRef("pk"), team__in=team)))

    def with_layer(self, images: Images, name: str, value: str) -> Images:
        wanted = {pk for pk, layer in self.scope.layers.items() if layer.diff_id == value}
        users = [image.pk for image in self.scope.images.values() if not wanted.isdisjoint(image.layers)]
        return images.filter(pk__in=users)

    def on_base(self, images: Images, name: str, value: str) -> Images:
        return images.filter(pk__in=[pk for pk, base in self.bases.items() if base.ref == value])


def _is_named(image: ScopeImage, wanted: str) -> bool:
    """Whether `wanted` is part of what people write for the image or wrote, begins its references, or begins its ID."""
    if image.former and wanted in image.former.lower():
        return True
    for reference in (text.lower() for text in image.references):
        spoken = reference.removeprefix("docker.io/").removeprefix("library/")
        if wanted in spoken or reference.startswith(wanted):
            return True
    return image.image_id.startswith(wanted if wanted.startswith("sha256:") else f"sha256:{wanted}")
