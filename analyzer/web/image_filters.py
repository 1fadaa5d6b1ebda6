"""What the table of images can be narrowed to; each filter is a parameter of the address."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from analyzer.models import Holding, Image, ImageLayer, Reference
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
        known = Reference.objects.filter(image=OuterRef("pk"), team__in=teams_of(self.viewer))
        # A repository and its tag are two columns; what is searched for may span both.
        repository, colon, tag = value.rpartition(":")
        wanted = Q(repository__icontains=value) | Q(tag__icontains=value)
        if colon:
            wanted |= Q(repository__iendswith=repository, tag__istartswith=tag)
        image_id = value.lower() if value.startswith("sha256:") else f"sha256:{value.lower()}"
        return images.filter(Q(Exists(known.filter(wanted))) | Q(image_id__startswith=image_id))

    def on_platform(self, images: Images, name: str, value: str) -> Images:
        return images.filter(pk__in=[image.pk for image in self.scope.images.values() if image.platform == value])

    def held_by(self, images: Images, name: str, value: str) -> Images:
        team = teams_of(self.viewer).filter(slug=value)
        return images.filter(Exists(Holding.objects.filter(image=OuterRef("pk"), team__in=team)))

    def with_layer(self, images: Images, name: str, value: str) -> Images:
        return images.filter(Exists(ImageLayer.objects.filter(image=OuterRef("pk"), layer__diff_id=value)))

    def on_base(self, images: Images, name: str, value: str) -> Images:
        return images.filter(pk__in=[pk for pk, base in self.bases.items() if base.ref == value])
