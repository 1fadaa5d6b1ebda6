"""Jobs: cancelled, tried again and removed by the service."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from analyzer.admin.stored import Stored
from analyzer.models import Job
from analyzer.services.jobs import JobNotReady, cancel_job, remove_job, retry_job
from analyzer.templatetags.layersite import size


@admin.register(Job)
class JobAdmin(Stored):
    """Deleting an ended job forgets it and its staged archive; the images stay."""

    list_display = ("name", "state", "stage", "bytes", "team", "user", "created")
    list_filter = ("state", "team")
    list_select_related = ("team", "user")
    search_fields = ("name", "id", "layers__diff_id", "layers__digest")
    fields = (
        "id",
        "name",
        "state",
        "stage",
        "error",
        "bytes",
        "team",
        "user",
        "attempt",
        "created",
        "started",
        "finished",
    )
    actions = ("cancel", "retry")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_job") and (obj is None or obj.ended)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, dict[str, int], set[str], list[str]]:
        return [str(job) for job in objs], {"jobs": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Job) -> None:
        remove_job(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, remove_job)

    @admin.action(description="Cancel the selected jobs", permissions=["delete"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, cancel_job)

    @admin.action(description="Try the selected jobs again", permissions=["delete"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, retry_job)

    def _each(self, request: HttpRequest, jobs: QuerySet[Job], act: Any) -> None:
        for job in jobs:
            try:
                act(job)
            except JobNotReady as refused:
                self.message_user(request, f"{job.name}: {refused}", messages.WARNING)

    @admin.display(description="size", ordering="size")
    def bytes(self, job: Job) -> SafeString:
        return size(job.size)
