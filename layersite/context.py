"""What every template may say about the site itself, and about who looks at it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def site(request: HttpRequest) -> dict[str, Any]:
    """A context processor: the version; what the viewer may do, which is looked up where a page asks."""

    def rights() -> Any:
        from analyzer.selectors.rights import rights_of

        return rights_of(request.user)

    return {"version": settings.VERSION, "rights": SimpleLazyObject(rights)}
