"""Common ground for programs: files that images carry in layers of their own."""

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import ask_page
from analyzer.api.scopes import ScopeAsked, ScopeOut
from analyzer.web.common_ground import LEAST_MIB, common_ground

router = Router(tags=["reports"])


class CommonGroundAsked(ScopeAsked):
    least: float = Field(LEAST_MIB, ge=0, description="MiB that a set must weigh once.")


class FolderOut(Schema):
    path: str
    files: int
    size: int


class CommonSetOut(Schema):
    size: int = Field(description="Bytes once.")
    files: int
    layers: int
    saving: int = Field(description="Bytes over the unique layers, less the bytes once.")
    diff_ids: list[str]
    images: list[str]
    paths: list[str]
    folders: list[FolderOut] = Field(description="Where the files lie, the heaviest first.")


class CommonGroundOut(Schema):
    scope: ScopeOut
    least: int = Field(description="Bytes.")
    computed: str | None = Field(description="Null while a worker compares the files (status 202): ask again.")
    saving: int | None
    sets: list[CommonSetOut]


@router.get(
    "/common-ground/",
    response={200: CommonGroundOut, 202: CommonGroundOut},
    url_name="api-common-ground",
    summary="Files that images could share",
)
def get_common_ground(request: HttpRequest, asked: Query[CommonGroundAsked]) -> HttpResponse:
    """Files of the same path and bytes that two or more images carry in layers of their own, by the exact set of layers
    that hold them; the savings of the sets add up."""
    ask_page(request, asked.parameters)
    return common_ground(request)
