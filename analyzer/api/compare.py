"""Two images side by side."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router

from analyzer.api.auth import viewer
from analyzer.api.compareschemas import ComparisonOut
from analyzer.api.paging import page_of
from analyzer.api.problems import Problem
from analyzer.api.queries import Paging
from analyzer.selectors.compare import comparison
from analyzer.selectors.compare_document import comparison_document, file_documents
from analyzer.selectors.compare_files import files_of
from analyzer.selectors.lookup import NoSuchImage, image_named
from analyzer.selectors.pushes import push_before
from analyzer.web.compare_files_context import asked_of

router = Router(tags=["compare"])


class CompareQuery(Paging):
    a: str = Field("", description="The first image; without it, what the second's reference pointed at before.")
    b: str = Field(description="The second image: an image ID, the start of one, or a reference.")
    semantic: bool = Field(False, description="Leave out times and the order of what is written.")
    at: str = Field("", description="Only paths below this folder.")
    q: str = Field("", max_length=500, description="A part of the path, or a glob.")
    change: str = Field("", description="added, modified or removed.")
    what: str = Field("", description="content, type, mode, owner, mtime, link or xattrs.")


@router.get("/", response=ComparisonOut, url_name="api-compare", summary="Two images side by side")
def get_comparison(request: HttpRequest, asked: Query[CompareQuery]) -> HttpResponse:
    """Layers aligned by content, the paths that differ between the merged views (in pages), config and history."""
    try:
        second = image_named(asked.b, viewer(request))
        push = None if asked.a else push_before(viewer(request), second)
        if not asked.a and push is None:
            raise Problem(404, "No reference moved to this image from one that is still here: name the first image, a.")
        first = push.image if push else image_named(asked.a, viewer(request))
    except NoSuchImage as error:
        raise Problem(404, str(error)) from error
    compared = comparison(viewer(request), first, second, semantic=asked.semantic)
    files = files_of(compared)
    if files is None:
        return JsonResponse(comparison_document(compared) | {"files_page": None})
    page = page_of(request, files.picked(asked_of(request)), asked, lambda rows: file_documents(files, rows))
    rows = page.pop("results")
    return JsonResponse(comparison_document(compared, rows) | {"files_page": page})
