"""Every address of the API, below /api/v1/."""

from django.urls import URLPattern, path, re_path

from analyzer.api import docs, problems, rates
from analyzer.api.site import api
from analyzer.web import urls as _pages  # noqa: F401 - they register the converters of addresses


def operations() -> list[URLPattern]:
    """The operations' addresses, under their plain names. A method that one doesn't know is a problem document too."""
    patterns = [each for each in api.urls[0] if isinstance(each, URLPattern) and each.name != "api-root"]
    for pattern in patterns:
        pattern.callback = rates.told(problems.methods(pattern.callback))
    return patterns


urlpatterns = [
    path("openapi.json", problems.by_address(docs.openapi_json), name="openapi"),
    path("docs/", problems.by_address(docs.page), name="api-docs"),
    *operations(),
    re_path(r"[\s\S]*", problems.by_address(problems.not_found)),  # a name may have a line feed in it too
]
