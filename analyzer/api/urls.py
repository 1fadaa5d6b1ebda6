"""Every address of the API, below /api/v1/."""

from django.urls import URLPattern, path

from analyzer.api import docs, problems
from analyzer.api.site import api
from analyzer.web import urls as pages  # they register the converters of addresses

assert pages.urlpatterns


def operations() -> list[URLPattern]:
    """The operations' addresses, each under its plain name; a method that one doesn't know is a problem document too."""
    patterns: list[URLPattern] = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in patterns:
        pattern.callback = problems.methods(pattern.callback)
    return patterns


urlpatterns = [
    path("openapi.json", docs.openapi_json, name="openapi"),
    path("docs/", docs.page, name="api-docs"),
    *operations(),
    path("", problems.not_found),
    path("<path:path>", problems.not_found),
]
