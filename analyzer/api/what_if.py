"""What deleting, pulling and moving images would change: `manage.py report --free` and `--pull` over HTTP."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import viewer
from analyzer.api.problems import Problem
from analyzer.selectors.bases import bases_of
from analyzer.selectors.calling import Names
from analyzer.selectors.carried import pulled, transfer_document
from analyzer.selectors.freeing import freeing
from analyzer.selectors.rebasing import CannotRebase, move
from analyzer.selectors.scope import Scope, ScopeImage, scope_of

router = Router(tags=["reports"])
NAMED = "An image ID, a prefix of it, or a reference; as often as there are some."
MOST = 1_000


class GoneLayerOut(Schema):
    diff_id: str
    size: int
    images: int = Field(description="How many of the images use it.")
    chains: int = Field(description="On how many parents it lies.")


class LeavingOut(Schema):
    image_id: str
    ref: str
    references: list[str]
    created: str | None
    size: int | None
    unique: int = Field(description="What it alone would free, by diffID.")
    unique_chains: int = Field(description="The same by chainID.")
    freed: int = Field(description="What it and those before it free, by diffID.")
    freed_chains: int
    base_of: list[str] = Field(description="Images that stand on it and stay.")


class FreeOut(Schema):
    freed: int = Field(description="Bytes of layers, by diffID: what this store frees.")
    freed_chains: int = Field(description="Bytes of chains, by chainID: what an engine's disk frees.")
    layers: list[GoneLayerOut]
    images: list[LeavingOut]


class PulledBlobOut(Schema):
    digest: str
    size: int | None
    diff_id: str
    estimated: bool = Field(description="No compressed blob is known: the plain tar is counted.")
    there: bool


class PullOut(Schema):
    transfer: int = Field(description="Bytes that would come, by blob digest.")
    already: int
    estimated: bool
    unknown: int = Field(description="Blobs that would come and whose size is not known.")
    blobs: list[PulledBlobOut] = Field(description="Those that would come.")
    there: list[PulledBlobOut]


class SidesOut(Schema):
    before: int
    after: int


class FilesOut(Schema):
    files: int
    size: int
    same_path: int = Field(description="Bytes of those that lie at the same path there.")


class MovedLayerOut(Schema):
    index: int
    diff_id: str
    size: int
    source: str = Field(alias="from", description="base or image.")


class LeftOut(Schema):
    diff_id: str
    size: int


class RebaseOut(Schema):
    image: str
    base: str | None = Field(description="The base that it leaves, by image ID.")
    onto: str
    size: SidesOut
    shared: SidesOut = Field(description="By chainID, with the other images that you may see.")
    more_shared: int
    freed: int = Field(description="Bytes that this store would need fewer, by diffID.")
    freed_chains: int = Field(description="The same on an engine's disk, by chainID.")
    already_in_base: FilesOut | None = Field(description="Files of its own layers whose content the base has.")
    layers: list[MovedLayerOut] = Field(description="Of the image as it would be, bottom first.")
    left: list[LeftOut] = Field(description="Layers that nothing would need any more.")


class FreeAsked(Schema):
    image: list[str] = Field(description=NAMED, min_length=1, max_length=MOST)


class PullAsked(Schema):
    image: str = Field(description="The image that is pulled.")
    having: list[str] = Field([], description=f"What the host has. {NAMED}", max_length=MOST)


class RebaseAsked(Schema):
    image: str = Field(description="The image that is moved.")
    onto: str = Field(description="The image that would be its base.")


@router.get("/free/", response=FreeOut, url_name="api-report-free", summary="What deleting images would free")
def get_free(request: HttpRequest, asked: Query[FreeAsked]) -> dict[str, Any]:
    """All of them together, among the images that you may see. It is not the sum of their unique sizes: what is shared
    among just these goes too."""
    everything = scope_of(viewer(request))
    return freeing(everything, bases_of(everything), _images(everything, asked.image)).as_json()


@router.get("/pull/", response=PullOut, url_name="api-report-pull", summary="What a host would transfer")
def get_pull(request: HttpRequest, asked: Query[PullAsked]) -> dict[str, Any]:
    """The marginal cost of an image for a host that has others, by blob digest, of its layers alone."""
    everything = scope_of(viewer(request))
    image = _images(everything, [asked.image])[0]
    having = [item.pk for item in _images(everything, asked.having)]
    return transfer_document(pulled(viewer(request), everything, image.pk, having))


@router.get("/rebase/", response=RebaseOut, by_alias=True, url_name="api-report-rebase", summary="Another base")
def get_rebase(request: HttpRequest, asked: Query[RebaseAsked]) -> dict[str, Any]:
    """What an image would share if the layers above its base lay as they are on another one."""
    everything = scope_of(viewer(request))
    image, onto = _images(everything, [asked.image]), _images(everything, [asked.onto])
    try:
        return move(everything, bases_of(everything), image[0], onto[0]).as_json()
    except CannotRebase as error:
        raise Problem(422, str(error)) from error


def _images(everything: Scope, named: list[str]) -> list[ScopeImage]:
    images, refused = Names(everything).images(named)
    if refused:
        raise Problem(404, " ".join(refused))
    return images
