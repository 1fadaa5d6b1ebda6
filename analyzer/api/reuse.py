"""What the pages of Reuse show beside the ladder: bases, actions, layers by use and by files, growth."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import ask_page
from analyzer.api.overviewschemas import Ladder
from analyzer.api.scopes import ScopeAsked, ScopeOut
from analyzer.api.sharing import OwnerOut
from analyzer.selectors.sharing_report import scope_document
from analyzer.web.report import report
from analyzer.web.reuse_bases import reuse_bases
from analyzer.web.reuse_frame import frame
from analyzer.web.reuse_twins import tables_of

router = Router(tags=["reports"])


class BaseOut(Schema):
    image_id: str
    references: list[str]
    created: str | None
    size: int
    own_size: int = Field(description="Of the layers above its own base.")
    images: list[str] = Field(description="Images that stand directly on it.")
    users: int = Field(description="Images that stand on it, directly or not.")
    saved: int = Field(description="Bytes that are stored once instead of once an image.")
    base: str | None


class DriftOut(Schema):
    name: str
    image_id: str = Field(description="What the images stand on.")
    newer: str = Field(description="What its reference points at now.")
    moved: str
    images: list[str]
    more_shared: int
    freed: int


class ClaimOut(Schema):
    image_id: str
    references: list[str]
    base: str | None = Field(description="By its layers.")
    base_name: str = Field(description="By its annotations.")
    base_digest: str | None
    verdict: str
    meant: str | None


class BasesOut(Schema):
    scope: ScopeOut
    bases: list[BaseOut]
    drift: list[DriftOut]
    claims: list[ClaimOut]


class ActionOut(Schema):
    kind: str
    saves: int = Field(description="Bytes by diffID.")
    title: str
    remedy: str
    images: list[str] = Field(description="Their `ref`s.")
    address: str = Field(description="The page that tells more.")
    same_bytes_as: list[int] = Field(description="Places, from 1, of greater ones about some of the same layers.")


class DayOut(Schema):
    day: str
    images: int
    logical: int
    new: int
    logical_after: int
    stored_after: int


class ReportOut(Schema):
    scope: ScopeOut
    images: int
    incomplete: int
    layers: int
    ladder: Ladder
    actions: list[ActionOut] = Field(description="What would save most, five at most.")
    together: int = Field(description="Bytes that all of them save: what two are about is counted once.")
    owners: list[OwnerOut]
    trend: list[DayOut]


class UsedOut(Schema):
    diff_id: str
    size: int
    images: int


class ClassOut(Schema):
    low: int = Field(description="Images that use the layer, from here")
    high: int | None = Field(description="to here.")
    layers: int
    stored: int
    naive: int


class SpreadOut(Schema):
    diff_id: str
    size: int
    files: int
    tar_size: int
    blob_size: int | None = Field(description="Of its smallest compressed blob that your teams brought.")
    ratio: float | None = Field(description="Bytes of the plain tar for a byte of that blob.")


class LayersOut(Schema):
    scope: ScopeOut
    histogram: list[ClassOut]
    held: list[UsedOut]
    spread: list[SpreadOut]


@router.get("/bases/", response=BasesOut, url_name="api-report-bases", summary="Bases, drift, and claims of bases")
def get_bases(request: HttpRequest, asked: Query[ScopeAsked]) -> HttpResponse:
    """Which images carry others and what that saves, which stand on an older push, and annotations that disagree."""
    ask_page(request, asked.parameters)
    return reuse_bases(request)


@router.get("/actions/", response=ReportOut, url_name="api-report-actions", summary="What would save most")
def get_actions(request: HttpRequest, asked: Query[ScopeAsked]) -> HttpResponse:
    """The page for the meeting: ladder, actions, what each team bears, and growth by day."""
    ask_page(request, asked.parameters)
    return report(request)


@router.get("/layers/", response=LayersOut, url_name="api-report-layers", summary="Layers of a scope by use and size")
def get_layers(request: HttpRequest, asked: Query[ScopeAsked]) -> HttpResponse:
    """How many images use each layer, and each one's size, files and compression."""
    ask_page(request, asked.parameters)
    framed = frame(request)
    tables = tables_of(request, framed)
    scope = scope_document(framed.query)
    return JsonResponse({"scope": scope} | {name: list(tables[name]()) for name in ("histogram", "held", "spread")})
