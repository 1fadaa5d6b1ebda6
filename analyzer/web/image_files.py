"""The merged view of an image: what a container sees, and which layer each path comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from analyzer.filetree.entry import Kind
from analyzer.models import Image
from analyzer.selectors.access import image_for, ref_of
from analyzer.selectors.entries import entry_document
from analyzer.selectors.entry_select import listed, ordered
from analyzer.selectors.entry_source import Source
from analyzer.selectors.image import image_page
from analyzer.selectors.image_files import image_files as picked_files
from analyzer.web import image_words as words
from analyzer.web.kinds import kind_pills
from analyzer.web.listing_context import Addresses, flat_rows, folder_rows, table_context
from analyzer.web.listing_query import ListingQuery
from analyzer.web.twins import twin, wanted


@dataclass(frozen=True, slots=True)
class Level:
    """A layer that the merged view can be looked at from."""

    label: str
    address: str
    style: str  # the diffID whose colour it has
    current: bool


COLUMNS = ("path", "kind", "mode", "uid", "gid", "size", "mtime", "link", "sha256", "layer", "diff_id")


@login_required
@require_safe
@vary_on_headers("HX-Request", "HX-Target", "HX-Boosted")
def image_files(request: HttpRequest, ref: str) -> HttpResponse:
    """The page; for htmx the section of the Image page, what was found, or rows alone; a twin of all that is picked."""
    found = image_for(request.user, ref)
    source = files_source(found, ListingQuery.of(request))
    if wanted(request):
        return _twin(request, found, source)
    target = request.headers.get("HX-Target")
    if target == "merged":
        on_image_page = not request.headers.get("HX-Boosted")  # else a link of this page itself
        context = files_context(request, found, source, embedded=on_image_page)
        return render(request, "analyzer/_image_files.html", context)
    if target == "files":
        return render(request, "analyzer/_tree_found.html", files_context(request, found, source))
    if request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        return render(request, "analyzer/_tree_rows.html", _rows(request, found, source))
    context = files_context(request, found, source) | {"page": image_page(request.user, found, timezone.now())}
    return render(
        request, "analyzer/image_files.html", context | {"unknown_words": words.unknown_words(context["page"])}
    )


def files_source(image: Image, query: ListingQuery) -> Source | None:
    """The merged view and what the address picks of it; None where a layer is missing, or there is none."""
    return picked_files(image, query.q, query.kind, query.layer)


def files_context(
    request: HttpRequest, image: Image, source: Source | None, *, embedded: bool = False
) -> dict[str, Any]:
    """What the section shows. `embedded`: on the Image page, whose address it then keeps up."""
    if source is None:
        return {
            "heading": "The merged view needs every layer" if image.size is None else "No layer, no files",
            "levels": _levels(request, image, embedded=embedded),
        }
    query = ListingQuery.of(request)
    addresses = _addresses(image, query.layer, embedded=embedded)
    entries = len(source.listing) - source.listing.implied.count(1)
    return table_context(source, query, addresses) | {
        "heading": words.files_heading(source, query.layer),
        "levels": _levels(request, image, embedded=embedded),
        "tar_address": _tar_address(image, query),
        "search_label": "Search the merged view",
        "pills": [kind_pills(query, _kinds(source.listing), entries)],
        "nothing": "The merged view is empty.",
        "foot": None if query.filtered else {"label": "merged view", "size": source.listing.size, "entries": entries},
    }


def _levels(request: HttpRequest, image: Image, *, embedded: bool) -> list[Level]:
    """The layers as places to look from, bottom first; none for a single one."""
    query = ListingQuery.of(request)
    here = _addresses(image, query.layer, embedded=embedded).page
    diff_ids = list(image.image_layers.order_by("index").values_list("diff_id", flat=True))
    top = len(diff_ids) - 1
    current = top if query.layer is None else query.layer
    levels = [
        Level(str(index), here + query.on_top_of(None if index == top else index), diff_id, index == current)
        for index, diff_id in enumerate(diff_ids)
    ]
    return levels if top else []


def _tar_address(image: Image, query: ListingQuery) -> str:
    asked = "" if query.layer is None else f"?at={query.layer}"
    return reverse("image-tar", args=[image]) + asked


def _addresses(image: Image, at: int | None, *, embedded: bool) -> Addresses:
    files = reverse("image-files", args=[ref_of(image)])
    page = reverse("image", args=[ref_of(image)]) if embedded else files
    return Addresses(page, files, "files", reverse("image-file", args=[image]), "" if at is None else f"&at={at}")


def _kinds(listing: Any) -> dict[str, int]:
    implied = listing.implied.count(1)
    counts = {kind.label: listing.kinds.count(kind) for kind in Kind}
    return counts | {Kind.DIR.label: counts[Kind.DIR.label] - implied}


def _rows(request: HttpRequest, image: Image, source: Source | None) -> dict[str, Any]:
    if source is None:
        return {"rows_html": ""}
    query = ListingQuery.of(request)
    addresses = _addresses(image, query.layer, embedded=False)
    if query.view == "flat":
        return flat_rows(source, query, addresses)
    return folder_rows(request, source, query, addresses)


def _twin(request: HttpRequest, image: Image, source: Source | None) -> HttpResponse:
    rows = _documents(source, request) if source else []
    return twin(request, "files", rows, COLUMNS, image_id=image.image_id)


def _documents(source: Source, request: HttpRequest) -> Iterator[dict[str, Any]]:
    for row in ordered(source, listed(source), ListingQuery.of(request).sort, cumulated=False):
        layer = source.layers[row]
        yield entry_document(source.listing, row) | {"layer": layer, "diff_id": source.diff_ids[layer]}


urlpatterns = [path("images/<image_ref:ref>/files/", image_files, name="image-files")]
