"""Layers: by their diffID, as far as an image of the viewer's teams has them."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router

from analyzer.api.auth import viewer
from analyzer.api.entries import entry_page
from analyzer.api.imageschemas import EntryOut, LayerOut
from analyzer.api.queries import LayerEntryQuery, LayerQuery
from analyzer.api.schemas import Page
from analyzer.filetree.compare import labels
from analyzer.filetree.layerdiff import Change
from analyzer.selectors import access
from analyzer.selectors.layer import layer_page, setting_of
from analyzer.selectors.layer_listing import Pick, layer_listing
from analyzer.web.layer_twins import layer_document

router = Router(tags=["layers"])


@router.get("/{digest:diff_id}/", response=LayerOut, url_name="api-layer", summary="A layer")
def get_layer(request: HttpRequest, diff_id: str, asked: Query[LayerQuery]) -> HttpResponse:
    """Changes are told against the chain of `image` (a `ref`), or else the one that most of your images stand on."""
    layer = access.layer_for(viewer(request), diff_id)
    return JsonResponse(layer_document(layer_page(viewer(request), layer, asked.image)))


@router.get("/{digest:diff_id}/entries/", response=Page[EntryOut], summary="What a layer holds")
def list_entries(request: HttpRequest, diff_id: str, asked: Query[LayerEntryQuery]) -> HttpResponse:
    """The layer's own entries, whiteouts included, without folders that are only implied. `layer` is its index in the
    image that changes are told for: `image`, or else one of the chain that most of your images stand on."""
    layer = access.layer_for(viewer(request), diff_id)
    setting = setting_of(viewer(request), layer, asked.image)
    index = setting.image.index if setting.image else None
    diff = setting.diff
    source = layer_listing(layer, diff, Pick(asked.q, asked.kind, asked.change))

    def changed(row: int) -> dict[str, Any]:
        what = Change(diff.changes[row]) if diff else Change.NONE
        return {
            "layer": index,
            "change": what.label if what else None,
            "changed": labels(diff.changed[row]) if diff else [],
        }

    return JsonResponse(entry_page(request, source, asked, changed))
