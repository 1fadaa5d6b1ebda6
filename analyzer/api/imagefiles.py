"""One path of an image, its bytes, folders as tars, and the packages."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from ninja import Query, Router

from analyzer.api.auth import viewer
from analyzer.api.imagefileschemas import FileOut, PackagesOut
from analyzer.api.queries import FileQuery as AskedFile
from analyzer.selectors import access
from analyzer.selectors.image_file import file_story
from analyzer.selectors.image_packages import image_packages
from analyzer.selectors.same_content import copies_of
from analyzer.web import file_twins
from analyzer.web.file_download import bytes_of, tar_of
from analyzer.web.file_query import FileQuery
from analyzer.web.image_packages import documents, figures

router = Router(tags=["files"])


@router.get("/{image_ref:ref}/file/", response=FileOut, url_name="api-image-file", summary="Blame of a path")
def blame(request: HttpRequest, ref: str, asked: Query[AskedFile]) -> HttpResponse:
    """What each layer did to the path, bottom first, and where its content is else in the image. `path` is percent-
    encoded byte for byte: a name need not be UTF-8. 404 where no layer has it."""
    image, query = access.image_for(viewer(request), ref), FileQuery.of(request)
    story = file_story(image, query.path, query.at)
    document: dict[str, Any] = file_twins.figures(image, story)
    document["versions"] = list(file_twins.versions(story))
    document["copies"] = list(file_twins.copies(copies_of(story.stack, story.sha256) if story.sha256 else []))
    return JsonResponse(document)


@router.get("/{image_ref:ref}/file/bytes/", url_name="api-image-file-bytes", summary="The bytes of a file")
def file_bytes(request: HttpRequest, ref: str, asked: Query[AskedFile]) -> HttpResponseBase:
    """On top of layer `at`, or as high up as the path is seen. 410 where the layer's bytes were not kept."""
    return bytes_of(viewer(request), access.image_for(viewer(request), ref), FileQuery.of(request))


@router.get("/{image_ref:ref}/tar/", url_name="api-image-tar", summary="A folder, or all of the merged view, as a tar")
def tree_tar(request: HttpRequest, ref: str, asked: Query[AskedFile]) -> HttpResponseBase:
    """On top of layer `at`, or of all. Made while it is sent: it has no length before. 410 as above."""
    return tar_of(viewer(request), access.image_for(viewer(request), ref), FileQuery.of(request))


@router.get("/{image_ref:ref}/packages/", response=PackagesOut, url_name="api-image-packages", summary="Packages")
def packages(request: HttpRequest, ref: str) -> HttpResponse:
    """What the package databases that a container sees say: dpkg, apk, rpm, Python, npm. `unread` counts the files
    that tell of packages and could not be read, `waiting_layers` the layers that are still to be read."""
    image = access.image_for(viewer(request), ref)
    inventory = image_packages(image)
    return JsonResponse(figures(image, inventory) | {"packages": list(documents(inventory.rows))})
