"""The blobs that carry layers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from analyzer.admin.confirming import confirmed_drop
from analyzer.admin.stored import Stored
from analyzer.models import Blob
from analyzer.services.deleting import subject_of
from analyzer.services.verifying import ask_to_verify
from analyzer.templatetags.layersite import size


@admin.register(Blob)
class BlobAdmin(Stored):
    """Blobs go with their layer; their bytes may go before."""

    list_display = ("short_digest", "layer", "bytes", "compression", "kept", "made", "verified", "fault", "created")
    list_filter = ("compression", "kept", "made", ("fault", admin.EmptyFieldListFilter))
    list_select_related = ("layer",)
    search_fields = ("digest", "layer__diff_id")
    ordering = ("-created",)
    fields = (
        "digest",
        "layer",
        "bytes",
        "compression",
        "kept",
        "made",
        "verified",
        "fault",
        "findings",
        "created",
    )
    actions = ("verify", "drop")
    buttons = actions

    @admin.action(description="Verify digests", permissions=["keep"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Blob]) -> HttpResponse:
        user: Any = request.user
        return self.begun(request, ask_to_verify(queryset, subject_of(queryset, "blob"), user))

    @admin.action(description="Drop the bytes, keep the listing …", permissions=["drop"])
    def drop(self, request: HttpRequest, queryset: QuerySet[Blob]) -> HttpResponse:
        return confirmed_drop(self, request, queryset, queryset)

    @admin.display(description="blob digest", ordering="digest")
    def short_digest(self, blob: Blob) -> str:
        return str(blob.digest[7:19])

    @admin.display(description="size", ordering="size")
    def bytes(self, blob: Blob) -> SafeString:
        return size(blob.size)
