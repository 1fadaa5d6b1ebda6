"""The API as one: its operations, who may call them, and how errors look."""

from functools import cache
from typing import Any

from django.conf import settings
from ninja import NinjaAPI

from analyzer.api import (
    common_ground,
    compare,
    engine,
    find,
    gate,
    imagefiles,
    images,
    jobs,
    judged,
    layerparts,
    layers,
    mine,
    near_misses,
    overview,
    pictures,
    problems,
    pulls,
    registries,
    retention,
    reuse,
    several,
    sharing,
    teams,
    uploads,
    what_if,
)
from analyzer.api.auth import Session, Token
from analyzer.api.schemas import ProblemOut

DESCRIPTION = (
    "Everything that the pages show, for programs. Sizes are bytes, times RFC 3339 in UTC, digests `sha256:` and 64 "
    "hexadecimal digits. Errors are problem documents (RFC 9457). What your teams do not hold is 404 for you. "
    "`RateLimit` says how many requests this minute still lets you; more are 429 with `Retry-After`."
)


def build() -> NinjaAPI:
    """The API with all its operations."""
    made = NinjaAPI(
        title="layersite",
        version="1",
        description=DESCRIPTION,
        auth=[Token(), Session()],
        openapi_url=None,
        docs_url=None,
        urls_namespace="api",
    )
    for part in (uploads, pulls, jobs, images, layers, overview, compare, engine, find, registries, gate, teams):
        made.add_router(f"/{part.__name__.rpartition('.')[2]}", part.router)
    made.add_router("/images", imagefiles.router)
    made.add_router("/teams", retention.router)
    made.add_router("/images", judged.router)
    made.add_router("/layers", layerparts.router)
    made.add_router("", mine.router)
    for report in (sharing, near_misses, common_ground, pictures, what_if, several, reuse):
        made.add_router("/reports", report.router)
    problems.install(made)
    return made


api = build()


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI document, with the version of this site: made once, since it takes a third of a second."""
    document: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="api/v1/"))
    document["info"]["version"] = settings.VERSION
    document["components"]["schemas"]["ProblemOut"] = ProblemOut.json_schema()
    refused = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = {
                "description": "Refused, and why",
                "content": {problems.CONTENT_TYPE: refused},
            }
    return document
