"""What images add up to: the figures of the first page."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from analyzer.api.auth import ask_page
from analyzer.api.overviewschemas import OverviewOut
from analyzer.api.scopes import ScopeAsked
from analyzer.web.overview import overview

router = Router(tags=["overview"])


@router.get("/", response=OverviewOut, url_name="api-overview", summary="What images add up to")
def get_overview(request: HttpRequest, asked: Query[ScopeAsked]) -> HttpResponse:
    """The dedup ladder of the images of your teams, or of a scope of them; the layers that are shared most, waste
    image by image, growth, and what came in lately."""
    # The page has the same document as its twin; it asks who the viewer is in its own way.
    ask_page(request, asked.parameters)
    return overview(request)
