"""A layer's plain tar, as long as the bytes of one of its blobs are kept."""

from collections.abc import Iterator
from typing import BinaryIO

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from analyzer.archive.compression import Compression, inflate, inflater
from analyzer.selectors.access import layer_for
from analyzer.selectors.layer_blobs import blobs_of
from analyzer.services.keeping import store

BLOCK = 1 << 18


@login_required
@require_safe
def layer_tar(request: HttpRequest, diff_id: str) -> StreamingHttpResponse:
    """The tar that has the diffID, inflated on the way."""
    layer = layer_for(request.user, diff_id)
    for blob in blobs_of(request.user, layer):
        if blob.kept:
            try:
                file = store().open(blob.digest)
            except FileNotFoundError:  # removed meanwhile
                continue
            response = StreamingHttpResponse(
                _plain(file, Compression(blob.compression)), content_type="application/x-tar"
            )
            response["Content-Length"] = str(layer.tar_size)
            response["Content-Disposition"] = f'attachment; filename="{layer.diff_id[7:19]}.tar"'
            return response
    raise Http404


def _plain(file: BinaryIO, compression: Compression) -> Iterator[bytes]:
    with file:
        yield from inflate(iter(lambda: file.read(BLOCK), b""), inflater(compression))


urlpatterns = [path("layers/<digest:diff_id>/tar/", layer_tar, name="layer-tar")]
