"""Images, layers and entries as the OpenAPI document shows them."""

from ninja import Field, Schema

from analyzer.api.schemas import BYTES, Finding


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


class InstructionOut(Schema):
    instruction: str
    guess: str | None = Field(description="What of it no history says.")
    note: str | None
    step: int | None = Field(description="Index in the history; null for FROM.")
    layer: int | None = Field(description="Index of the layer that it made.")
    diff_id: str | None
    size: int | None = BYTES


class DockerfileOut(Schema):
    text: str = Field(description="The file, with its guesses marked.")
    dockerfile: list[InstructionOut]


class WasteLineOut(Schema):
    cause: str = Field(description="superseded, deleted, parent_deleted, opaque or type_changed.")
    bytes: int
    entries: int
    files: int
    copied: int = Field(description="Bytes of it that the hiding layer holds again.")
    changed: list[str] = Field(description="What differs in those.")
    brought_layer: int
    brought_by: str | None
    hiding_layer: int
    hidden_by: str | None
    own: bool = Field(description="Hidden above the base.")
    estimated_transfer: int | None = Field(description="Bytes of a pull; null where no compressed blob is known.")
    remedy: str


class CopiesOut(Schema):
    layer: int
    diff_id: str
    instruction: str | None
    metadata_files: int
    metadata_bytes: int
    identical_files: int
    identical_bytes: int


class TwiceOut(Schema):
    sha256: str
    size: int
    times: int
    extra: int
    paths: list[str]


class ImageWasteOut(Schema):
    lines: list[WasteLineOut]
    copies: list[CopiesOut]
    twice: list[TwiceOut]


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


class SecretSearch(Schema):
    waiting: int = Field(description="Layers still to be searched for secrets: so far the names of their files tell.")
    by_name_alone: list[int] = Field(description="Layers whose bytes were not kept.")
    unread_files: int = Field(description="Small files that a limit left out, or that can't be read.")


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
    secret_search: SecretSearch


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
