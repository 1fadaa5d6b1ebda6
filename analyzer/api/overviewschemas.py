"""The overview as the OpenAPI document shows it."""

from ninja import Field, Schema

from analyzer.api.imageschemas import ImageRow
from analyzer.api.scopes import ScopeOut


class Ladder(Schema):
    """Sums of sizes: of images, of unique chains, of unique layers, of unique contents. Null while it is counted."""

    naive: int | None
    chains: int | None
    layers: int | None
    contents: int | None


class SharedLayer(Schema):
    diff_id: str
    size: int
    images: int
    saves: int


class Growth(Schema):
    at: str
    image_id: str
    logical: int
    stored: int


class Arrival(Schema):
    at: str
    name: str
    size: int | None
    team: str
    state: str
    brought: int | None = Field(description="Bytes of layers that were new.")
    images: list[str]
    job: str | None
    problem: str | None


class OverviewOut(Schema):
    scope: ScopeOut
    images: int
    layers: int
    ladder: Ladder
    top_layers: list[SharedLayer]
    waste: list[ImageRow]
    trend: list[Growth]
    lately: list[Arrival]
