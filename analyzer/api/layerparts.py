"""What a layer's page shows beside its listing: what is nearly the same, packages, and what fills it."""

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import ask_page
from analyzer.api.imagefileschemas import PackageOut
from analyzer.api.queries import LayerQuery
from analyzer.web.layer import layer

router = Router(tags=["layers"])


class MapQuery(Schema):
    at: str = Field("", description="A folder, percent-encoded byte for byte.")


class NearOut(Schema):
    diff_id: str
    common: int = Field(description="Bytes of contents that both hold: what is stored again.")
    larger: int = Field(description="Bytes of contents of the larger layer.")
    rest: int = Field(description="The same without the files that are set aside.")
    reasons: list[str]
    differs: dict[str, int] = Field(description="Number of paths by reason.")
    set_aside: list[str]
    images: list[str] = Field(description="Your images that have it.")


class NearsOut(Schema):
    diff_id: str
    near_misses: list[NearOut]


class BroughtOut(Schema):
    diff_id: str
    packages: list[PackageOut]


class PartOut(Schema):
    path: str | None = Field(description="Null: what is left of the folder.")
    size: int


class MapOut(Schema):
    diff_id: str
    map: list[PartOut]


@router.get("/{digest:diff_id}/near-misses/", response=NearsOut, summary="Layers that are nearly this one")
def near_misses(request: HttpRequest, diff_id: str) -> HttpResponse:
    """Those in images of yours, with most in common first."""
    return _part(request, diff_id, "near")


@router.get("/{digest:diff_id}/packages/", response=BroughtOut, summary="Packages that a layer brought")
def packages(request: HttpRequest, diff_id: str, asked: Query[LayerQuery]) -> HttpResponse:
    """To `image` (a `ref`), or else to the image of yours that its page shows it in."""
    return _part(request, diff_id, "packages", image=asked.image)


@router.get("/{digest:diff_id}/map/", response=MapOut, summary="What fills a layer, or a folder of it")
def parts(request: HttpRequest, diff_id: str, asked: Query[MapQuery]) -> HttpResponse:
    """The entries directly below, cumulated, the most bytes first. 404 where there is no such folder."""
    return _part(request, diff_id, "map")  # the page's view reads `at` as the bytes that stand in the address


def _part(request: HttpRequest, diff_id: str, part: str, **more: str) -> HttpResponse:
    parameters = QueryDict(mutable=True)
    parameters.update({"format": "json", "part": part, **{name: value for name, value in more.items() if value}})
    ask_page(request, parameters)
    return layer(request, diff_id)
