"""Which images hold a file, a content, a layer or a package."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from analyzer.api.auth import viewer
from analyzer.api.findschemas import FoundOut
from analyzer.api.problems import Problem
from analyzer.selectors.finding.documents import found_document
from analyzer.selectors.finding.found import find
from analyzer.selectors.finding.query import NotAQuery, parse
from analyzer.selectors.finding.sight import Budget, sight_of

SECONDS = 5.0
PLACES = 50_000

router = Router(tags=["find"])


class FindQuery(Schema):
    q: str = Field(description="A path, name, glob, digest, reference, or a field such as `package:openssl`.")
    limit: int = Field(100, ge=1, le=5_000, description="The most matches.")


@router.get("/", response=FoundOut, url_name="api-find", exclude_unset=True, summary="Find files, digests and packages")
def get_found(request: HttpRequest, asked: Query[FindQuery]) -> dict[str, Any]:
    """What the query means among the images of your teams, newest first, and whether each image still shows it."""
    try:
        query = parse(asked.q)
    except NotAQuery as error:
        raise Problem(400, str(error)) from error
    return found_document(find(sight_of(viewer(request)), query, Budget(SECONDS, asked.limit, PLACES)))
