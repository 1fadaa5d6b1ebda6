"""Several images compared: what they have together."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import viewer
from analyzer.api.problems import Problem
from analyzer.selectors.layer_grid import MOST_IMAGES, NoSuchImage, chosen_of
from analyzer.selectors.scope import scope_of
from analyzer.selectors.several import KEYS, several
from analyzer.selectors.several_document import several_document

router = Router(tags=["reports"])


class SeveralQuery(Schema):
    image: list[str] = Field(description="Each an image ID, the start of one, or a reference; at most 30.")
    by: str = Field("layers", description="layers (diffID), chains (chainID) or contents (sha256).")


class OneOut(Schema):
    image_id: str
    ref: str
    references: list[str]
    size: int | None
    held: int = Field(description="Bytes that it holds, by the key.")
    unique: int = Field(description="Bytes that it alone of these holds.")


class IntersectionOut(Schema):
    images: list[str] = Field(description="The `ref` of the images: just these hold it.")
    references: list[str]
    units: int
    size: int


class SeveralOut(Schema):
    by: str
    union: int
    intersection: int
    images: list[OneOut]
    intersections: list[IntersectionOut] = Field(description="The greatest first; they add up to the union.")


@router.get(
    "/compare/", response=SeveralOut, url_name="api-report-compare", summary="What several images have together"
)
def get_several(request: HttpRequest, asked: Query[SeveralQuery]) -> HttpResponse:
    """Union, intersection, what each holds alone, and what just some of them hold."""
    if asked.by not in KEYS:
        raise Problem(422, f"by is layers, chains or contents, not {asked.by[:50]!r}.")
    if len(asked.image) > MOST_IMAGES:
        raise Problem(422, f"At most {MOST_IMAGES} images are compared at once.")
    scope = scope_of(viewer(request))
    try:
        images = [scope.images[pk] for pk in chosen_of(scope, asked.image)]
    except NoSuchImage as error:
        raise Problem(404, f"No image that you can see goes by {str(error)[:100]!r}.") from error
    return JsonResponse(several_document(images, several(scope, images, asked.by), asked.by))
