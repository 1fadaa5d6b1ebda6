"""A path of an image, and its packages, as the OpenAPI document shows them."""

from ninja import Field, Schema

from analyzer.api.schemas import BYTES


class VersionOut(Schema):
    layer: int = Field(description="Index of the layer, 0 at the bottom.")
    diff_id: str
    created_by: str
    change: str = Field(description="added, modified, removed, unchanged; implied: a folder without an entry.")
    changed: list[str]
    cause: str | None = Field(description="Why it is gone, in the words of waste.")
    hider: str | None = Field(description="The entry of the layer that took it away.")
    kind: str | None
    mode: str | None
    uid: int | None
    gid: int | None
    size: int | None = BYTES
    mtime: str | None
    link: str | None
    sha256: str | None


class CopyOut(Schema):
    path: str
    path_bytes: str | None = Field(None, description="Base64, where the path is not UTF-8.")
    layer: int
    diff_id: str
    size: int
    visible: bool


class FileOut(Schema):
    path: str
    path_bytes: str | None = Field(None, description="Base64, where the path is not UTF-8.")
    image_id: str
    visible: bool = Field(description="Whether the image's merged view shows it.")
    layer: int | None = Field(description="Index of the layer that provides what is seen.")
    sha256: str | None
    versions: list[VersionOut]
    copies: list[CopyOut]


class PackageOut(Schema):
    kind: str = Field(description="dpkg, apk, rpm, python or npm.")
    name: str
    version: str
    layer: int = Field(description="Index of the layer that brought this version.")
    diff_id: str
    before: str | None = Field(description="The version below it; null for a package that is new.")


class PackagesOut(Schema):
    image_id: str
    unread: dict[str, int]
    waiting_layers: int
    packages: list[PackageOut]
