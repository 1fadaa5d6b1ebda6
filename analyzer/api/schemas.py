"""What the operations take and give, as the OpenAPI document shows it. Documents may gain fields, never lose them."""

from typing import Any, Generic, TypeVar

from django.conf import settings
from ninja import Field, Schema

from analyzer.models import JobState

Row = TypeVar("Row")
BYTES: Any = Field(None, description="Base64. There only where the name is not UTF-8, and so shown percent-escaped.")


class Page(Schema, Generic[Row]):
    """One page of a list."""

    count: int = Field(description="Rows of all pages.")
    page: int
    page_size: int
    next: str | None = Field(description="Address of the next page.")
    previous: str | None
    results: list[Row]


class Paging(Schema):
    page: int = Field(1, ge=1)
    page_size: int = Field(settings.PAGE_SIZE, ge=1, le=settings.API_MAX_PAGE_SIZE)


class TeamQuery(Schema):
    team: str = Field("", description="A team of yours, by its slug.")


class WholeQuery(Schema):
    name: str = Field("", description="What the archive is called.")
    team: str = Field(
        "", description="The team that gets the images, by its slug; the first of yours if none is named."
    )


class JobQuery(Paging):
    state: JobState | None = None
    team: str = Field("", description="A team's slug.")


class ImageQuery(Paging):
    q: str = Field("", description="A part of a reference, or the start of an image ID.")
    platform: str = Field("", description="As `linux/amd64`.")
    team: str = Field("", description="A team's slug.")
    layer: str = Field("", description="A diffID: the images that have this layer.")
    base: str = Field("", description="The `ref` of an image: those that stand on it.")
    sort: str = Field("name", description="A column of the page, after a minus the other way round.")


class EntryQuery(Paging):
    q: str = Field("", max_length=500, description="A part of the path, or a glob.")
    kind: str = Field("", description="file, dir, symlink, hardlink, char, block, fifo, whiteout, opaque or aufs.")
    sort: str = Field("name", description="name, size, entries, change, mode, mtime or layer; after a minus backwards.")


class LayerQuery(Schema):
    image: str = Field("", description="The `ref` of the image for which changes are told.")


class LayerEntryQuery(EntryQuery, LayerQuery):
    change: str = Field("", description="added, modified, removed or unchanged.")


class Problem(Schema):
    """RFC 9457. A refusal by a limit names its `setting`; a request that is not valid lists its `errors`."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="One sentence for a person: what happened, and what to do.")


class UploadOut(Schema):
    id: str
    url: str
    name: str
    team: str
    length: int | None = Field(description="Bytes; null while nobody knows.")
    offset: int = Field(description="Bytes that have arrived.")
    created: str
    expires: str


class Progress(Schema):
    bytes_done: int
    bytes_total: int


class JobSummary(Schema):
    id: str
    url: str
    name: str = Field(description="The archive's name, as its sender wrote it.")
    team: str
    user: str | None
    state: str = Field(description="queued, running, done, partial, failed or cancelled.")
    stage: str = Field(description="waiting, opening, layers, assembling or ended.")
    size: int = Field(description="Bytes of the archive.")
    progress: Progress = Field(description="Bytes of layers that are read, of those to read.")
    error: str | None = Field(description="Why it failed, in one sentence.")
    created: str
    started: str | None
    finished: str | None


class JobLayerOut(Schema):
    position: int
    diff_id: str | None
    size: int = Field(description="Bytes as carried by the archive.")
    bytes_done: int
    state: str = Field(description="waiting, reading, read, known (stored already) or not_ok.")


class JobImage(Schema):
    image_id: str
    url: str
    references: list[str]


class Finding(Schema):
    image_id: str | None
    severity: str = Field(description="info, warning or error (some figure is missing or wrong because of it).")
    code: str
    layer: int | None
    path: str | None
    path_bytes: str | None = BYTES
    detail: str


class JobOut(JobSummary):
    layers: list[JobLayerOut]
    images: list[JobImage] = Field(description="What came of it.")
    findings: list[Finding]


class Platform(Schema):
    os: str | None
    architecture: str | None
    variant: str | None


class ImageLayerOut(Schema):
    index: int
    diff_id: str | None
    chain_id: str | None
    blob_digest: str | None
    media_type: str | None
    compression: str | None
    blob_size: int | None
    tar_size: int | None
    size: int | None
    entries: int | None
    added: int | None
    modified: int | None
    removed: int | None
    status: str = Field(description="ok, missing, foreign, damaged or unsupported.")


class Step(Schema):
    index: int
    created: str | None
    created_by: str | None
    comment: str | None
    empty_layer: bool
    size: int | None
    layer: int | None = Field(description="Index of the layer that the step made.")


class Merged(Schema):
    entries: int
    size: int


class Waste(Schema):
    bytes: int
    efficiency: float
    own_bytes: int
    inherited_bytes: int
    by_cause: dict[str, int]


class Dive(Schema):
    wasted_bytes: int
    efficiency: float
    user_wasted_percent: float


class ArchiveOut(Schema):
    name: str
    format: str
    size: int


class Attestation(Schema):
    digest: str
    subject: str


class ImageOut(Schema):
    """One element of `images` of `manage.py analyze --json`, with the archives that brought it. Bottom first."""

    image_id: str
    references: list[str]
    created: str | None
    platform: Platform
    size: int | None
    layers: list[ImageLayerOut]
    history: list[Step]
    merged: Merged | None
    waste: Waste | None
    dive: Dive | None
    archives: list[ArchiveOut]
    attestations: list[Attestation]
    findings: list[Finding]


class ImageRow(Schema):
    """An image in the list. Null where a layer is missing."""

    image_id: str
    ref: str = Field(description="What it is addressed by.")
    references: list[str]
    platform: str
    size: int | None = Field(description="Sum of its layers' sizes.")
    own_size: int | None = Field(description="Of the layers above its base.")
    shared: int | None = Field(description="Of the chains that another image of yours stands on too.")
    unique: int | None
    waste: int | None
    own_waste: int | None
    inherited_waste: int | None
    efficiency: float | None
    base: str | None = Field(description="The nearest image that it stands on.")
    layers: int
    created: str | None
    teams: list[str]


class Scope(Schema):
    team: str | None
    tag: str | None


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
    scope: Scope
    images: int
    layers: int
    ladder: Ladder
    top_layers: list[SharedLayer]
    waste: list[ImageRow]
    trend: list[Growth]
    lately: list[Arrival]


class BlobOut(Schema):
    digest: str
    size: int
    compression: str


class LayerUse(Schema):
    image_id: str
    name: str
    size: int | None
    layer: int = Field(description="The layer's index in the image, bottom first.")
    teams: list[str]


class LayerOut(Schema):
    diff_id: str
    size: int
    tar_size: int
    entries: int
    kinds: dict[str, int]
    blobs: list[BlobOut] = Field(description="What carried it into your teams.")
    chains: list[str] = Field(description="The chains that have it on top, those with most images first.")
    chain: str | None = Field(description="The one that the changes are of.")
    added: int | None
    modified: int | None
    removed: int | None
    hides: int | None = Field(description="Bytes of lower layers that it hides.")
    images: list[LayerUse]
    findings: list[Finding]


class Freed(Schema):
    layers: int = Field(description="Layers that only this image used.")
    freed: int = Field(description="Sum of their sizes, by diffID.")
    blob_bytes: int = Field(description="Bytes of theirs that the blob store no longer holds.")


class EntryOut(Schema):
    path: str = Field(description="Relative, without a leading slash.")
    path_bytes: str | None = BYTES
    kind: str
    mode: str
    uid: int
    gid: int
    size: int
    mtime: str | None
    link: str | None
    link_bytes: str | None = BYTES
    sha256: str | None
    xattrs: dict[str, str]
    layer: int | None
    change: str | None
    changed: list[str]
