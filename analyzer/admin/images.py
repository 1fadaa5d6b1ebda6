"""Images: deleted from every team, by the service that frees what only they use."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from analyzer.admin.confirming import confirmed_delete
from analyzer.admin.stored import Stored
from analyzer.models import Blob, Holding, Image, ImageLayer, Layer, Reference
from analyzer.services.deleting import doomed_images, subject_of
from analyzer.services.reindexing import ask_to_reindex
from analyzer.services.verifying import ask_to_verify
from analyzer.templatetags.layersite import size


class ReferenceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Reference
    fields = ("team", "repository", "tag", "moved")
    readonly_fields = fields
    extra = 0
    can_delete = False


class HoldingInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Holding
    fields = ("team", "created")
    readonly_fields = fields
    extra = 0
    can_delete = False


@admin.register(Image)
class ImageAdmin(Stored):
    """Deleting takes the image from every team, and with it what only it uses."""

    list_display = ("digest", "names", "platform", "bytes", "held_by", "stored")
    list_filter = ("os", "architecture", "teams")
    search_fields = ("image_id", "references__repository", "references__tag")
    ordering = ("-stored",)
    fields = ("image_id", "forged_chain_id", "bytes", "platform", "created_text", "stored")
    inlines = (ReferenceInline, HoldingInline)
    actions = ("verify", "reindex", "remove")
    buttons = actions

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        images: QuerySet[Image] = super().get_queryset(request)
        return images.defer("config", "history").prefetch_related("references", "teams")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("analyzer.delete_image")

    @admin.action(description="Verify digests", permissions=["keep"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Image]) -> HttpResponse:
        user: Any = request.user
        blobs = Blob.objects.filter(layer__in=self._layers(queryset))
        return self.begun(request, ask_to_verify(blobs, subject_of(queryset, "image"), user))

    @admin.action(description="Re-index in today's format", permissions=["keep"])
    def reindex(self, request: HttpRequest, queryset: QuerySet[Image]) -> HttpResponse:
        user: Any = request.user
        return self.begun(request, ask_to_reindex(self._layers(queryset), subject_of(queryset, "image"), user))

    @admin.action(description="Delete from every team …", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Image]) -> HttpResponse:
        return confirmed_delete(self, request, queryset, doomed_images(list(queryset)), "image")

    def _layers(self, images: QuerySet[Image]) -> QuerySet[Layer]:
        return Layer.objects.filter(
            Exists(ImageLayer.objects.filter(layer=OuterRef("pk"), image__in=images.values("pk")))
        )

    @admin.display(description="image ID", ordering="image_id")
    def digest(self, image: Image) -> str:
        return f"{image.image_id[7:19]}{' (other layers)' if image.forged_chain_id else ''}"

    @admin.display(description="references")
    def names(self, image: Image) -> str:
        return ", ".join(dict.fromkeys(reference.short for reference in image.references.all()))

    @admin.display(description="platform")
    def platform(self, image: Image) -> str:
        return "/".join(part for part in (image.os, image.architecture, image.variant) if part)

    @admin.display(description="size", ordering="size")
    def bytes(self, image: Image) -> SafeString:
        return size(image.size)

    @admin.display(description="teams")
    def held_by(self, image: Image) -> str:
        return ", ".join(team.name for team in image.teams.all())
