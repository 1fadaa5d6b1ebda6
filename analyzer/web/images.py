"""The table of images: filters, sort and page stand in the address; htmx exchanges the table alone."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from analyzer.selectors.access import visible_images
from analyzer.selectors.bases import bases_of
from analyzer.selectors.figures import image_rows
from analyzer.selectors.scope import scope_of
from analyzer.web.image_filters import ImageFilters
from analyzer.web.image_table import COLUMNS, ImageTable, strips_of
from analyzer.web.images_words import heading
from analyzer.web.tables import arrange
from analyzer.web.twins import twin, wanted


@login_required
def images(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request.user)
    bases = bases_of(scope)
    filters = ImageFilters(
        request.GET, queryset=visible_images(request.user), viewer=request.user, scope=scope, bases=bases
    )
    shown = filters.qs.values_list("pk", flat=True)
    known = image_rows(scope, bases)
    rows = [known[pk] for pk in shown if pk in known]
    table = ImageTable(rows, order_by="name")
    arrange(table, request)
    if wanted(request):
        return twin(request, "images", [row.as_json() for row in table.data], COLUMNS)
    sizes = {layer.diff_id: layer.size for layer in scope.layers.values()}
    context = {
        "filters": filters,
        "table": table,
        "rows": strips_of(rows, [row.record for row in table.paginated_rows], sizes),
        "total": len(scope.images),
        "found": len(rows),
        "kept": [(name, request.GET[name]) for name in ("layer", "base", "sort") if request.GET.get(name)],
        "heading": heading(rows, len(scope.images)),
    }
    template = "analyzer/_images_table.html" if request.htmx else "analyzer/images.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    response["Vary"] = "HX-Request, Cookie"
    return response


urlpatterns = [path("images/", images, name="images")]
