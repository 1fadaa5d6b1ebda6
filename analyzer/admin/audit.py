"""The audit log: read, filtered, taken along as CSV or JSON. Nothing in it is changed, by nobody."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from analyzer.admin.stored import Stored
from analyzer.models import AuditLine
from analyzer.web.twins import twin, wanted

COLUMNS = ("at", "actor", "action", "object", "team", "details")
MOST_ROWS = 100_000


class Distinct(admin.AllValuesFieldListFilter):
    """The values that there are; an empty one stands for the program itself, or for no team."""

    empty_value = "–"


@admin.register(AuditLine)
class AuditLineAdmin(Stored):
    """Newest first. `?format=csv` gives what is filtered."""

    change_list_template = "admin/analyzer/auditline/change_list.html"
    list_display = ("at", "who", "action", "object", "team", "told")
    list_filter = (("action", Distinct), ("actor", Distinct), ("team", Distinct))
    search_fields = ("actor", "action", "object", "team")
    date_hierarchy = "at"
    fields = ("at", "who", "action", "object", "team", "details")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, or its twin."""
        kind = wanted(request)
        if not kind:
            return super().changelist_view(request, extra_context)
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.copy()
        del query["format"]
        asked = HttpRequest()
        asked.__dict__.update(request.__dict__)
        asked.GET = query  # type: ignore[assignment]
        try:
            lines = self.get_changelist_instance(asked).get_queryset(asked)[:MOST_ROWS]
        except IncorrectLookupParameters:
            raise Http404 from None
        rows = ({column: _plain(line, column) for column in COLUMNS} for line in lines.iterator(chunk_size=2_000))
        return twin(request, "audit", rows, COLUMNS)

    @admin.display(description="who", ordering="actor")
    def who(self, line: AuditLine) -> str:
        return line.actor or "layersite"

    @admin.display(description="details")
    def told(self, line: AuditLine) -> str:
        return ", ".join(f"{name} {value}" for name, value in line.details.items() if value not in (None, ""))


def _plain(line: AuditLine, column: str) -> Any:
    value = getattr(line, column)
    if column == "at":
        return value.isoformat()
    if column == "details":
        return ", ".join(f"{name}={each}" for name, each in value.items())
    return value
