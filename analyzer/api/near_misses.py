"""Near-miss layers for programs."""

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import ask_page
from analyzer.api.scopes import ScopeAsked, ScopeOut
from analyzer.web.near_misses import near_misses

router = Router(tags=["reports"])


class DifferingFileOut(Schema):
    path: str
    first: int = Field(description="Bytes that only the first layer holds there.")
    second: int
    aside: bool


class NearMissOut(Schema):
    first: str = Field(description="A diffID.")
    second: str
    common: int = Field(description="Bytes of contents that both hold: what is stored again.")
    larger: int = Field(description="Bytes of contents of the larger layer.")
    share: float
    rest: int = Field(description="The same without the files that are set aside.")
    share_of_rest: float
    set_aside: list[str]
    reasons: list[str] = Field(
        description="files, moved, entries, owner, mode, mtime, links, xattrs, order or framing; several may hold."
    )
    differs: dict[str, int] = Field(description="Number of paths by reason.")
    files: list[DifferingFileOut] = Field(description="The heaviest files that differ.")
    first_images: list[str]
    second_images: list[str]
    family: int


class FamilyOut(Schema):
    family: int
    layers: list[str]
    pairs: int
    lost: int = Field(description="Bytes that its layers store again, each counted once.")
    reasons: list[str]
    remedy: str


class NearMissesOut(Schema):
    scope: ScopeOut
    least_common: int = Field(description="Pairs with fewer bytes in common are passed over.")
    lost: int
    not_compared: int = Field(description="Layers that are still to be compared with the others.")
    families: list[FamilyOut]
    near_misses: list[NearMissOut]


@router.get("/near-misses/", response=NearMissesOut, url_name="api-near-misses", summary="Layers that are nearly one")
def get_near_misses(request: HttpRequest, asked: Query[ScopeAsked]) -> HttpResponse:
    """Layers with other diffIDs that have at least 90 % of the larger one's bytes in common by content, at once or with
    at most ten files set aside, which are named. Both layers are in images of the scope."""
    ask_page(request, asked.parameters)
    return near_misses(request)
