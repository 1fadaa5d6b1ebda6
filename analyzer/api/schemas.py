"""What the operations give, as the OpenAPI document shows it. Documents may gain fields, never lose them."""

from typing import Any, Generic, TypeVar

from ninja import Field, Schema

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


class ProblemOut(Schema):
    """An error (RFC 9457). A refusal by a limit names its `setting`, a request that is not valid lists its `errors`."""

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


class Fetch(Schema):
    bytes_done: int
    bytes_total: int
    bytes_saved: int = Field(description="Of layers that were not fetched, as your teams hold them.")


class JobSummary(Schema):
    id: str
    url: str
    name: str = Field(description="The archive's name, as its sender wrote it.")
    team: str
    user: str | None
    token: str | None = Field(None, description="The name of the team's token that brought it.")
    state: str = Field(description="queued, running, done, partial, failed or cancelled.")
    stage: str = Field(description="waiting, fetching, opening, layers, assembling or ended.")
    size: int = Field(description="Bytes of the archive.")
    source: str = Field(description="upload, registry, docker-daemon or docker-storage.")
    reference: str | None = Field(description="What is pulled, normalised.")
    platform: str | None = Field(description="As it was asked for; null for the default one.")
    digest: str | None = Field(description="Of the manifest or index that the reference pointed at.")
    fetch: Fetch = Field(description="Bytes of layers that came over the network; 0 for an upload.")
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
    rule: str | None = Field(None, description="Of a file that looks like a secret, once its layer was searched.")
    state: str | None = Field(None, description="Of such a file: visible or hidden in the merged view.")


class JobOut(JobSummary):
    layers: list[JobLayerOut]
    images: list[JobImage] = Field(description="What came of it.")
    findings: list[Finding]
