"""Images: what they are made of, what of it is waste, what the merged view shows."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from analyzer.api.auth import viewer
from analyzer.api.schemas import Freed, ImageOut
from analyzer.selectors import access
from analyzer.selectors.stored import stored_document
from analyzer.services import removal

router = Router(tags=["images"])


@router.get("/{image_ref:ref}/", response=ImageOut, url_name="api-image", summary="An image")
def get_image(request: HttpRequest, ref: str) -> HttpResponse:
    """`ref` is the image ID; an image whose layers are not its config's own is addressed as `ID@top chain`."""
    return JsonResponse(stored_document(viewer(request), access.image_for(viewer(request), ref)))


@router.delete("/{image_ref:ref}/", response=Freed, summary="Take an image from your teams")
def delete_image(request: HttpRequest, ref: str, team: str | None = None) -> HttpResponse:
    """From the team that is named, or from each team of yours that holds it. Says what that freed in this store."""
    image = access.image_for(viewer(request), ref)
    teams = access.teams_of(viewer(request)).filter(holdings__image=image)
    if team:
        teams = teams.filter(pk=access.team_for(viewer(request), team).pk)
    freed = [removal.remove_image(image, holder) for holder in list(teams)]
    return JsonResponse(
        {
            "layers": sum(each.layers for each in freed),
            "freed": sum(each.size for each in freed),
            "blob_bytes": sum(each.blob_bytes for each in freed),
        }
    )
