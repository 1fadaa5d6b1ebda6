"""What Find found, as the OpenAPI document shows it."""

from ninja import Field, Schema


class FoundIn(Schema):
    image_id: str
    references: list[str]
    visible: bool | None = Field(description="Whether the image's merged view shows it; null where that is not known.")


class Package(Schema):
    kind: str
    name: str
    version: str


class MatchOut(Schema):
    kind: str = Field(description="entry, layer, image or package.")
    path: str | None
    sha256: str | None
    layer: str | None = Field(description="diffID")
    images: list[FoundIn] = Field(description="Newest first.")
    images_count: int = Field(description="All images that have it; `images` may leave some out.")
    entry: str | None = Field(description="file, dir, symlink, hardlink, char, block or fifo.")
    size: int | None
    link: str | None
    path_bytes: str | None = None
    link_bytes: str | None = None
    package: Package | None = None


class FoundOut(Schema):
    query: str
    how: str = Field(description="How the query was read: path, name, glob, folded, contains, digest, reference, …")
    matches: list[MatchOut]
    truncated: bool = Field(description="There is more, or the time was over.")
