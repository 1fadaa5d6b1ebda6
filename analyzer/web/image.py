"""The Image page: stack, history, and tabs about the image; with the twins of its tables."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from analyzer.models import Image
from analyzer.selectors.access import image_for
from analyzer.selectors.image import ImagePage, image_page
from analyzer.selectors.image_archives import Problem, problems_of
from analyzer.selectors.image_config import config_view
from analyzer.selectors.image_dockerfile import dockerfile_of
from analyzer.selectors.image_secrets import secrets_of, with_states
from analyzer.selectors.pushes import push_before
from analyzer.selectors.stored import stored_document
from analyzer.web import image_words as words
from analyzer.web.engine import writable_layer
from analyzer.web.image_files import files_context, files_source
from analyzer.web.image_findings import findings_context, notes, picked
from analyzer.web.image_packages import packages_context
from analyzer.web.image_twins import TABLES
from analyzer.web.image_window import cut_for, rows_page, window_of
from analyzer.web.listing_query import ListingQuery
from analyzer.web.twins import twin, wanted

TABS = ("files", "layers", "packages", "waste", "dockerfile", "config", "findings", "archives")
FILES_PARTS = {"files": "analyzer/_tree_found.html", "merged": "analyzer/_image_files.html"}


@login_required
@require_safe
@vary_on_headers("HX-Target")
def image(request: HttpRequest, ref: str) -> HttpResponse:
    """The page; its tabs alone where htmx asks for them; a twin of one of its tables, or of the whole image."""
    found = image_for(request.user, ref)
    if wanted(request) and "part" not in request.GET:
        return JsonResponse(stored_document(request.user, found), json_dumps_params={"ensure_ascii": False})
    if request.GET.get("part") == "config":
        return HttpResponse(bytes(found.config), content_type="application/json")
    if (target := request.headers.get("HX-Target", "")) in FILES_PARTS:
        source = files_source(found, ListingQuery.of(request))
        return render(request, FILES_PARTS[target], files_context(request, found, source, embedded=True))
    page = image_page(request.user, found, timezone.now())
    secrets = secrets_of(found)
    if "findings" in (request.GET.get("tab"), request.GET.get("part")):
        secrets = with_states(found, secrets)
    problems = secrets.beside(problems_of(found, page.arrivals[0].archive if page.arrivals else None))
    if wanted(request):
        return _twin(request, page, picked(request, problems))
    context = _tabs(request, found, page, problems)
    if context["tab"] == "findings":
        context |= findings_context(request, page, problems) | {"findings_notes": notes(secrets)}
    if request.headers.get("HX-Target") == "about":
        return render(request, "analyzer/_image_tabs.html", context)
    return render(request, "analyzer/image.html", context | _main(request, page))


def _main(request: HttpRequest, page: ImagePage) -> dict[str, Any]:
    return {
        "push_before": push_before(request.user, page.image),
        "scale": request.GET.get("scale", ""),
        "window": window_of(page, request.GET.get("steps")),
        "writable": writable_layer(request, page.image),
        "stack_heading": words.stack_heading(page),
        "history_heading": words.history_heading(page),
        "own_layers": len(page.layers) - (page.base.layers if page.base else 0),
        "filled_steps": len(page.steps) - page.empty_steps,
    }


def _tabs(request: HttpRequest, found: Image, page: ImagePage, problems: Sequence[Problem]) -> dict[str, Any]:
    """What the tabs need, and what the one that is open shows."""
    tab = request.GET.get("tab", "")
    context: dict[str, Any] = {
        "page": page,
        "problems": problems,
        "tab": tab if tab in TABS else TABS[0],
        "tabs": _addresses(request, page),
        "unknown_words": words.unknown_words(page),
    }
    match context["tab"]:
        case "files":
            context["files_query"] = request.META.get("QUERY_STRING", "")
        case "layers":
            context |= {"layers_heading": words.layers_heading(page), "tab_rows": rows_page(request, page.layers[::-1])}
        case "waste":
            context |= {
                "waste_heading": words.waste_heading(page, page.figures.waste),
                "tab_rows": rows_page(request, page.waste_lines),
            }
        case "dockerfile":
            file = dockerfile_of(page)
            lines = rows_page(request, file.lines)
            context |= {
                "dockerfile": file,
                "dockerfile_heading": words.dockerfile_heading(file),
                "tab_rows": lines,
                "cut": cut_for([len(line.text) for line in lines]),
            }
        case "packages":
            context |= packages_context(request, found)
        case "config":
            context["config"] = config_view(bytes(found.config))
        case "archives":
            context["archives_heading"] = words.archives_heading(page)
    return context


def _addresses(request: HttpRequest, page: ImagePage) -> dict[str, str]:
    here = reverse("image", args=[page.ref])
    scale = "&scale=linear" if request.GET.get("scale") == "linear" else ""
    steps = int(asked) if (asked := request.GET.get("steps", "")).isdecimal() and len(asked) < 5 else 1
    shown = f"&steps={steps}" if steps > 1 else ""
    return {tab: f"{here}?tab={tab}{scale}{shown}#about" for tab in TABS}


def _twin(request: HttpRequest, page: ImagePage, problems: Sequence[Problem]) -> HttpResponse:
    part = request.GET["part"]
    if part not in TABLES:
        raise Http404
    rows, columns = TABLES[part]
    return twin(request, part, rows(page, problems), columns, image_id=page.image.image_id)


urlpatterns = [path("images/<image_ref:ref>/", image, name="image")]
