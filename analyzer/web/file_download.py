"""Downloads: a file of an image, a folder as a tar, or all that a container would see."""

from collections.abc import Callable, Iterable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from analyzer.filetree.entry import Kind
from analyzer.models import Image
from analyzer.selectors.access import Viewer, image_for
from analyzer.selectors.image_file import file_story, stack_of_image
from analyzer.selectors.listings import merged_of
from analyzer.selectors.shown import shown
from analyzer.services.reading import NotKept, Reader
from analyzer.services.treetar import TreeTar
from analyzer.web.file_query import FileQuery


@login_required
@require_safe
def file_bytes(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The bytes of a file, never to be shown by a browser as what they claim to be. 410 where they were not kept."""
    return _or_gone(bytes_of, request, ref)


@login_required
@require_safe
def tree_tar(request: HttpRequest, ref: str) -> HttpResponseBase:
    """A folder of the merged view, or all of it, as a tar that is made on the way. 410 as above."""
    return _or_gone(tar_of, request, ref)


def bytes_of(viewer: Viewer, image: Image, query: FileQuery) -> StreamingHttpResponse:
    """Raises Http404 where there is no file at that path, NotKept."""
    story = file_story(image, query.path, query.at)
    place = story.place
    if place is None:
        raise Http404
    blocks = Reader(viewer, image, [place.layer]).file(place)
    response = _attachment(blocks, story.path.rpartition(b"/")[2], "application/octet-stream")
    response["Content-Length"] = str(place.file.size)
    if place.file.sha256:
        response["ETag"] = f'"{place.file.sha256.hex()}"'
    return response


def tar_of(viewer: Viewer, image: Image, query: FileQuery) -> StreamingHttpResponse:
    """Raises Http404 where there is no folder at that path, or no merged view; NotKept."""
    stack = stack_of_image(image)
    at = query.at if query.at is not None else image.image_layers.count() - 1
    if not 0 <= at < len(stack.layers):
        raise Http404
    merged = merged_of(stack.chains[at])
    row = merged.ordinal(query.path)
    if query.path and (row is None or merged.kinds[row] != Kind.DIR):
        raise Http404
    tree = TreeTar(merged, stack.layers, query.path, Reader(viewer, image, stack.layers[: at + 1]))
    name = query.path.rpartition(b"/")[2] or image.image_id[7:19].encode()
    return _attachment(iter(tree), name + b".tar", "application/x-tar")


def _or_gone(
    download: Callable[[Viewer, Image, FileQuery], StreamingHttpResponse], request: HttpRequest, ref: str
) -> HttpResponseBase:
    try:
        return download(request.user, image_for(request.user, ref), FileQuery.of(request))
    except NotKept as error:
        return HttpResponse(f"{error}\n", status=410, content_type="text/plain; charset=utf-8")


def _attachment(blocks: Iterable[bytes], name: bytes, content_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(blocks, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, shown(name)) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [
    path("images/<image_ref:ref>/file/bytes/", file_bytes, name="image-file-bytes"),
    path("images/<image_ref:ref>/tar/", tree_tar, name="image-tar"),
]
