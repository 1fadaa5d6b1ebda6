"""Images: what they are made of, what of it is waste, what the merged view shows."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Query, Router

from analyzer.api.auth import viewer
from analyzer.api.entries import entry_page
from analyzer.api.imageschemas import DockerfileOut, EntryOut, Freed, ImageOut, ImageRow, ImageWasteOut
from analyzer.api.paging import page_of
from analyzer.api.problems import Problem
from analyzer.api.queries import ImageQuery, MergedQuery, TeamQuery
from analyzer.api.schemas import Page
from analyzer.models import Role
from analyzer.selectors import access
from analyzer.selectors.bases import bases_of
from analyzer.selectors.figures import image_row
from analyzer.selectors.image import image_page
from analyzer.selectors.image_dockerfile import dockerfile_of
from analyzer.selectors.image_waste import waste_page
from analyzer.selectors.scope import scope_of
from analyzer.selectors.stored import stored_document
from analyzer.services import removal
from analyzer.web.image_files import files_source
from analyzer.web.image_filters import ImageFilters
from analyzer.web.image_table import ImageTable
from analyzer.web.image_twins import TABLES
from analyzer.web.listing_query import ListingQuery
from analyzer.web.tables import arrange
from analyzer.web.waste_twins import TABLES as WASTE

router = Router(tags=["images"])


@router.get("/", response=Page[ImageRow], url_name="api-images", summary="The images of your teams")
def list_images(request: HttpRequest, asked: Query[ImageQuery]) -> HttpResponse:
    """With the filters and sorts of the page, and its figures. Sharing is by chainID."""
    scope = scope_of(viewer(request))
    bases = bases_of(scope)
    filters = ImageFilters(
        request.GET, queryset=access.visible_images(viewer(request)), viewer=viewer(request), scope=scope, bases=bases
    )
    if not filters.is_valid():
        errors = [{"where": f"query.{name}", "detail": " ".join(words)} for name, words in filters.errors.items()]
        raise Problem(422, "; ".join(f"{each['where']}: {each['detail']}" for each in errors), errors=errors)
    shown = filters.qs.values_list("pk", flat=True)
    table = ImageTable(
        [image_row(scope, scope.images[pk], bases) for pk in shown if pk in scope.images], order_by="name"
    )
    arrange(table, request)
    return JsonResponse(page_of(request, list(table.data), asked, _rows))


@router.get("/{image_ref:ref}/", response=ImageOut, url_name="api-image", summary="An image")
def get_image(request: HttpRequest, ref: str) -> HttpResponse:
    """`ref` is the image ID; an image whose layers are not its config's own is addressed as `ID@top chain`."""
    return JsonResponse(stored_document(viewer(request), access.image_for(viewer(request), ref)))


@router.get("/{image_ref:ref}/merged/", response=Page[EntryOut], summary="What a container sees")
def merged_view(request: HttpRequest, ref: str, asked: Query[MergedQuery]) -> HttpResponse:
    """The union mount of the image's layers, without the root and folders that are only implied. `layer` is the index
    of the layer that provides the entry. 404 where a layer is missing or damaged: then nobody knows."""
    source = files_source(access.image_for(viewer(request), ref), ListingQuery.of(request))
    if source is None:
        raise Problem(404, "The merged view is not known: a layer of the image is missing or damaged.")

    def provided(row: int) -> dict[str, Any]:
        return {"layer": source.layers[row], "change": None, "changed": []}

    return JsonResponse(entry_page(request, source, asked, provided))


@router.get("/{image_ref:ref}/dockerfile/", response=DockerfileOut, summary="The Dockerfile, as far as it is known")
def dockerfile(request: HttpRequest, ref: str) -> HttpResponse:
    """Read from the history, FROM first, each instruction with the layer that it made; what is a guess says so."""
    page = image_page(viewer(request), access.image_for(viewer(request), ref), timezone.now())
    return JsonResponse({"text": dockerfile_of(page).text, "dockerfile": TABLES["dockerfile"][0](page, [])})


@router.get("/{image_ref:ref}/waste/", response=ImageWasteOut, summary="What of an image is hidden, line by line")
def waste(request: HttpRequest, ref: str) -> HttpResponse:
    """The lines sum to the image's waste; `copies` and `twice` are lenses that overlap it and are not added to it. 404
    where a layer is missing or damaged: then nobody knows."""
    image = access.image_for(viewer(request), ref)
    found = waste_page(image, image_page(viewer(request), image, timezone.now()))
    if found is None:
        raise Problem(404, "What is hidden is not known: a layer of the image is missing or damaged.")
    return JsonResponse({part: WASTE[part][0](found) for part in ("lines", "copies", "twice")})


@router.delete("/{image_ref:ref}/", response=Freed, summary="Take an image from your teams")
def delete_image(request: HttpRequest, ref: str, asked: Query[TeamQuery]) -> HttpResponse:
    """From the team that is named, or from each team that you own and that holds it.

    Says what that freed, counted among your teams' images.
    """
    image = access.image_for(viewer(request), ref, Role.OWNER)
    teams = access.teams_of(viewer(request), Role.OWNER).filter(holdings__image=image)
    if asked.team:
        teams = teams.filter(slug=asked.team)
        if not teams:
            raise Problem(404, f"No team that you own and that is called {asked.team[:100]} holds this image.")
    freed = [removal.remove_image(image, holder, viewer(request)) for holder in list(teams)]
    return JsonResponse(
        {
            "layers": sum(each.layers for each in freed),
            "freed": sum(each.size for each in freed),
            "blob_bytes": sum(each.blob_bytes for each in freed),
        }
    )


def _rows(found: list[Any]) -> list[dict[str, Any]]:
    return [row.as_json() for row in found]
