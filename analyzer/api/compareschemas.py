"""A comparison of two images as the OpenAPI document shows it."""

from ninja import Field, Schema

from analyzer.api.imageschemas import Platform
from analyzer.api.schemas import BYTES


class ComparedImage(Schema):
    image_id: str
    ref: str
    references: list[str]
    created: str | None
    platform: Platform
    size: int | None
    layers: int


class Common(Schema):
    chains: int = Field(description="Bytes of layers on the same chain: an engine stores them once.")
    layers: int = Field(description="Bytes of layers in both, by diffID.")
    near: int = Field(description="Bytes of contents that near layers store twice.")


class ComparedLayer(Schema):
    index: int
    diff_id: str
    size: int | None
    created_by: str


class DifferingFile(Schema):
    path: str
    path_bytes: str = BYTES
    first_size: int = Field(description="Bytes that only the first layer holds there; 0 where it has nothing own.")
    second_size: int


class Near(Schema):
    common: int = Field(description="Bytes of contents that both layers hold.")
    rest: int = Field(description="Bytes of the larger layer's contents without the files set aside.")
    alike: bool = Field(description="Only times differ, or how the tar is written.")
    reasons: dict[str, int] = Field(
        description="Paths by what differs: files, moved, entries, owner, mode, mtime, links, xattrs; order, framing."
    )
    set_aside: list[DifferingFile] = Field(description="The files without which nine tenths are in common.")
    differing: list[DifferingFile] = Field(description="The heaviest files that differ.")
    differing_files: int


class LayerPair(Schema):
    relation: str = Field(description="same (chain), moved, near, new (only in the second) or gone.")
    first: ComparedLayer | None
    second: ComparedLayer | None
    near: Near | None


class Side(Schema):
    paths: int
    first_size: int
    second_size: int


class Totals(Schema):
    same: int
    added: Side
    modified: Side
    removed: Side


class ComparedFile(Schema):
    path: str
    path_bytes: str = BYTES
    change: str = Field(description="added, modified or removed.")
    changed: list[str] = Field(description="content, type, mode, owner, mtime, link, xattrs.")
    kind: str
    first_size: int | None
    second_size: int | None
    first_layer: int | None = Field(description="Index of the layer that provides it in the first image.")
    second_layer: int | None


class ConfigChange(Schema):
    key: str = Field(description="As `config.Env.PATH`.")
    change: str
    first: str | None
    second: str | None


class StepPair(Schema):
    first: int | None = Field(description="Its number in the first history, from the bottom.")
    second: int | None
    change: str
    changed: list[str]
    created_by: str


class FilesPage(Schema):
    count: int
    page: int
    page_size: int
    next: str | None
    previous: str | None


class ComparisonOut(Schema):
    first: ComparedImage
    second: ComparedImage
    semantic: bool
    same: bool = Field(description="Nothing differs of what is looked at.")
    common: Common
    layers: list[LayerPair] = Field(description="Bottom first, in the order of the second image.")
    totals: Totals | None = Field(description="Null where an image lacks a layer.")
    files: list[ComparedFile] | None = Field(description="A page of the paths that differ in the merged views.")
    files_page: FilesPage | None
    config: list[ConfigChange]
    history: list[StepPair]
