"""Layers and the blobs that carry them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from analyzer.admin.stored import Stored
from analyzer.models import Blob, Layer
from analyzer.templatetags.layersite import layer_style, size


@admin.register(Layer)
class LayerAdmin(Stored):
    """Layers go with the last image that stands on them."""

    list_display = ("digest", "bytes", "entries", "images_count", "created")
    search_fields = ("diff_id", "blobs__digest")
    ordering = ("-created",)
    fields = ("diff_id", "bytes", "tar_bytes", "entries", "kinds", "findings", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layer]:
        layers: QuerySet[Layer] = super().get_queryset(request)
        return layers.annotate(images_count=Count("image_layers__image", distinct=True))

    @admin.display(description="diffID", ordering="diff_id")
    def digest(self, layer: Layer) -> SafeString:
        return format_html(
            '<span class="chip" style="{}"><i></i>{}</span>', layer_style(layer.diff_id), layer.diff_id[7:19]
        )

    @admin.display(description="size", ordering="size")
    def bytes(self, layer: Layer) -> SafeString:
        return size(layer.size)

    @admin.display(description="tar size", ordering="tar_size")
    def tar_bytes(self, layer: Layer) -> SafeString:
        return size(layer.tar_size)

    @admin.display(description="images", ordering="images_count")
    def images_count(self, layer: Any) -> int:
        return int(layer.images_count)


@admin.register(Blob)
class BlobAdmin(Stored):
    """Blobs go with their layer."""

    list_display = ("short_digest", "layer", "bytes", "compression", "kept", "created")
    list_filter = ("compression", "kept")
    list_select_related = ("layer",)
    search_fields = ("digest", "layer__diff_id")
    ordering = ("-created",)
    fields = ("digest", "layer", "bytes", "compression", "kept", "findings", "created")

    @admin.display(description="blob digest", ordering="digest")
    def short_digest(self, blob: Blob) -> str:
        return str(blob.digest[7:19])

    @admin.display(description="size", ordering="size")
    def bytes(self, blob: Blob) -> SafeString:
        return size(blob.size)
