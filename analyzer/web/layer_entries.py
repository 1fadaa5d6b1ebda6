"""The listing of a layer: what the page shows of it, and its parts for htmx and for programs."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from analyzer.filetree.layerdiff import Change, LayerDiff
from analyzer.models import Layer
from analyzer.selectors.access import layer_for
from analyzer.selectors.entry_select import listed, ordered
from analyzer.selectors.layer import Setting, setting_of
from analyzer.selectors.layer_listing import Pick, layer_listing
from analyzer.selectors.layer_map import map_of
from analyzer.web import layer_twins as rows
from analyzer.web import layer_words as words
from analyzer.web.kinds import all_pill, kind_pills, pill
from analyzer.web.listing_context import Addresses, flat_rows, folder_rows, table_context
from analyzer.web.listing_query import ListingQuery
from analyzer.web.twins import twin, wanted

CHANGES = ("added", "modified", "removed")


@login_required
@require_safe
def entries(request: HttpRequest, diff_id: str) -> HttpResponse:
    """Rows of the listing: of a `folder`, or the next page of a flat list; or the twin of all that is picked."""
    found = layer_for(request.user, diff_id)
    query = ListingQuery.of(request)
    setting = setting_of(request.user, found, request.GET.get("image", ""))
    source = layer_listing(found, setting.diff, Pick(query.q, query.kind, query.change))
    if wanted(request):
        picked = ordered(source, listed(source), query.sort, cumulated=False)
        return twin(request, "entries", rows.entries(source, picked), rows.ENTRY_COLUMNS, diff_id=found.diff_id)
    show = (
        flat_rows(source, query, _addresses(found, setting, "image" in request.GET)) if query.view == "flat" else None
    )
    context = show or folder_rows(request, source, query, _addresses(found, setting, "image" in request.GET))
    return render(request, "analyzer/_tree_rows.html", context)


def listing_context(request: HttpRequest, layer: Layer, setting: Setting, diff: LayerDiff | None) -> dict[str, Any]:
    """What the listing's section of the page shows."""
    query = ListingQuery.of(request)
    source = layer_listing(layer, diff, Pick(query.q, query.kind, query.change))
    addresses = _addresses(layer, setting, "image" in request.GET)
    return table_context(source, query, addresses) | {
        "heading": words.listing_heading(layer, map_of(source.listing, b"")),
        "search_label": "Search this layer",
        "pills": [_change_pills(query, layer, setting, diff), kind_pills(query, layer.kinds)],
        "nothing": "A tar without an entry.",
        "layer": layer,
        "foot": None if query.filtered else {"label": "layer", "size": layer.size, "entries": layer.entries},
    }


def _addresses(layer: Layer, setting: Setting, chosen: bool) -> Addresses:
    return Addresses(
        page=reverse("layer", args=[layer.diff_id]),
        rows=reverse("layer-entries", args=[layer.diff_id]),
        target="entries",
        file="file/" if setting.image and setting.place else "",
        asked=f"&image={setting.image.ref}" if setting.image and chosen else "",
    )


def _change_pills(query: ListingQuery, layer: Layer, setting: Setting, diff: LayerDiff | None) -> dict[str, Any]:
    pills = [all_pill(query, layer.entries)]
    if setting.place is not None and diff is not None:
        chain = setting.place.chain
        # One whiteout may remove many paths: what is picked here are entries.
        counts = {"added": chain.added, "modified": chain.modified, "removed": diff.changes.count(Change.REMOVED)}
        pills += [pill(query, change, counts[change], change=change) for change in CHANGES]
    return {"label": "Filter by change", "pills": pills}


urlpatterns = [path("layers/<digest:diff_id>/entries/", entries, name="layer-entries")]
