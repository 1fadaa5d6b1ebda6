"""Uploads on their way in: how far they are, and given up by the service."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from analyzer.admin.stored import Stored
from analyzer.models import Upload
from analyzer.services.uploads import cancel
from analyzer.templatetags.layersite import size


@admin.register(Upload)
class UploadAdmin(Stored):
    """Deleting one that is on its way gives it up, with what has arrived of it."""

    list_display = ("name", "team", "user", "arrived", "bytes", "touched", "job")
    list_filter = ("team", ("job", admin.EmptyFieldListFilter))
    list_select_related = ("team", "user", "job")
    search_fields = ("name", "user__username")
    fields = ("id", "name", "team", "user", "arrived", "bytes", "created", "touched", "job")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_upload") and (obj is None or obj.job_id is None)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, dict[str, int], set[str], list[str]]:
        return [str(upload) for upload in objs], {"uploads": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Upload) -> None:
        cancel(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Upload]) -> None:
        for upload in queryset:
            cancel(upload)

    @admin.display(description="arrived", ordering="offset")
    def arrived(self, upload: Upload) -> SafeString:
        return size(upload.offset)

    @admin.display(description="of", ordering="length")
    def bytes(self, upload: Upload) -> SafeString:
        return size(upload.length)
