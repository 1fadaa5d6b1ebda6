"""What administrators had done to the store, how far it is, and what came of it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from analyzer.admin.stored import Stored
from analyzer.models import Upkeep
from analyzer.services.drift import ask_to_check
from analyzer.templatetags.layersite import size
from analyzer.units import grouped

NOTHING = "–"


@admin.register(Upkeep)
class UpkeepAdmin(Stored):
    """Rows of work: looked at. The reconciler brings lost ones back."""

    list_display = ("kind", "subject", "state", "progress", "promised_bytes", "freed_bytes", "user", "created")
    list_filter = ("kind", "state")
    list_select_related = ("user",)
    search_fields = ("subject", "user__username")
    fields = (
        "kind",
        "subject",
        "state",
        "error",
        "promised_bytes",
        "freed_bytes",
        "user",
        "attempt",
        "created",
        "started",
        "finished",
    )

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        row = self.get_object(request, object_id)
        columns, results = _table(row.results) if row else ((), ())
        return super().change_view(request, object_id, form_url, {"columns": columns, "results": results})

    def get_urls(self) -> list[URLPattern]:
        check = self.admin_site.admin_view(self.check_storage)
        return [path("check/", check, name="analyzer_upkeep_check"), *super().get_urls()]

    def check_storage(self, request: HttpRequest) -> HttpResponse:
        """Has the storage checked, or mended too: the buttons of the first page."""
        mend = request.POST.get("what") == "mend"
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_keep_permission(request) or (mend and not self.has_drop_permission(request)):
            raise PermissionDenied
        user: Any = request.user
        return self.begun(request, ask_to_check(user, mend=mend))

    @admin.display(description="read")
    def progress(self, row: Upkeep) -> str:
        return f"{row.bytes_done * 100 // row.bytes_total} %" if row.bytes_total else "–"

    @admin.display(description="bytes promised")
    def promised_bytes(self, row: Upkeep) -> SafeString:
        return size(row.promised)

    @admin.display(description="bytes freed")
    def freed_bytes(self, row: Upkeep) -> SafeString:
        return size(row.freed)


def _table(results: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """The results as a table: a column for each word that one of them has."""
    columns = list(dict.fromkeys(name for result in results.values() for name in result))
    rows = [[name, *(_cell(result.get(column)) for column in columns)] for name, result in results.items()]
    return ["", *columns], rows


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return NOTHING
    return grouped(value) if isinstance(value, int) else str(value)
