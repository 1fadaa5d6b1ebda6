"""The pictures of sharing as figures: the chain forest, the heat map, images side by side."""

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import ask_page
from analyzer.api.scopes import ScopeAsked, ScopeOut
from analyzer.web.reuse_forest import reuse_forest
from analyzer.web.reuse_grid import reuse_grid
from analyzer.web.reuse_heat_map import reuse_heat_map

router = Router(tags=["reports"])


class PlaceAsked(ScopeAsked):
    at: str = Field("", description="A chainID: what stands on it, itself included.")
    start: int | None = Field(None, alias="from", ge=0, description="What stands directly on it, from this branch on.")

    @property
    def parameters(self) -> QueryDict:
        asked = super().parameters
        asked.pop("start", None)
        if self.start is not None:
            asked["from"] = str(self.start)
        return asked


class HeatMapAsked(PlaceAsked):
    key: str = Field("chain", description="`chain` or `layer`: what counts as shared.")


class GridAsked(ScopeAsked):
    image: list[str] = Field([], description="An image ID, the beginning of one, or a reference; up to 30.")

    @property
    def parameters(self) -> QueryDict:
        asked = super().parameters
        asked.setlist("image", self.image)
        return asked


class ChainOut(Schema):
    chain_id: str
    parent: str | None = Field(description="A chainID.")
    diff_id: str
    size: int
    from_here_up: int = Field(description="Bytes of its layer and of all that stands on it.")
    images: int = Field(description="Images that stand on it.")
    ends: list[str] = Field(description="IDs of the images of which it is the top.")
    references: list[str]


class ForestOut(Schema):
    scope: ScopeOut
    at: str | None
    images: int
    size: int
    chains: list[ChainOut] = Field(description="Each before what stands on it, the most bytes first.")


class RowOut(Schema):
    name: str
    image_id: str | None = Field(description="Null for a family.")
    images: int
    size: int = Field(description="Of a family the mean.")
    opens: str | None = Field(description="The page of the family.")


class PairOut(Schema):
    one: str
    other: str
    shared: int = Field(description="Bytes that each image of one shares with each image of the other.")
    share: float = Field(description="Of the smaller one, 0 to 1.")
    one_image_id: str | None
    other_image_id: str | None
    one_images: int
    other_images: int


class HeatMapOut(Schema):
    scope: ScopeOut
    key: str
    rows: list[RowOut]
    pairs: list[PairOut]


class ColumnOut(Schema):
    image_id: str
    references: list[str]
    size: int
    files: int
    unique: int = Field(description="Bytes of chains that no other image here stands on.")
    layers: list[str] = Field(description="diffIDs, bottom first.")


class GridLayerOut(Schema):
    diff_id: str
    chain_id: str
    size: int
    files: int
    images: int
    saves: int = Field(description="Its bytes for each of these images but one.")
    references: list[str] = Field(description="Of the images that end on it.")


class GridOut(Schema):
    scope: ScopeOut
    naive: int
    stored: int = Field(description="Unique chains.")
    images: list[ColumnOut]
    layers: list[GridLayerOut]


# The pages have the same documents as their twins; they ask who the viewer is in their own way.


@router.get("/forest/", response=ForestOut, url_name="api-report-forest", summary="What carries which images")
def get_forest(request: HttpRequest, asked: Query[PlaceAsked]) -> HttpResponse:
    """The chain forest of the whole images of a scope, or a part of it. All sizes add up to its unique chains."""
    ask_page(request, asked.parameters)
    return reuse_forest(request)


@router.get("/heat-map/", response=HeatMapOut, url_name="api-report-heat-map", summary="What every two images share")
def get_heat_map(request: HttpRequest, asked: Query[HeatMapAsked]) -> HttpResponse:
    """Shared bytes of every two images, by chainID or by diffID; of a large scope, of every two families of them."""
    ask_page(request, asked.parameters)
    return reuse_heat_map(request)


@router.get("/grid/", response=GridOut, url_name="api-report-grid", summary="Images side by side")
def get_grid(request: HttpRequest, asked: Query[GridAsked]) -> HttpResponse:
    """Up to 30 images with their layers, and what each layer saves among them, by chainID."""
    ask_page(request, asked.parameters)
    return reuse_grid(request)
