"""What may stand behind the question mark: filters, sorts and pages, under the names that the pages use."""

from django.conf import settings
from ninja import Field, Schema

from analyzer.models import JobState


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


class MergedQuery(EntryQuery):
    at: int | None = Field(None, ge=0, description="Index of a layer: what a container would see on top of it.")


class FileQuery(Schema):
    path: str = Field("", description="Relative, percent-encoded byte for byte.")
    at: int | None = Field(None, ge=0, description="Index of the layer on top of which one looks.")


class LayerQuery(Schema):
    image: str = Field("", description="The `ref` of the image for which changes are told.")


class LayerEntryQuery(EntryQuery, LayerQuery):
    change: str = Field("", description="added, modified, removed or unchanged.")
