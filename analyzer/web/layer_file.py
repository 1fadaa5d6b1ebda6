"""From an entry of a layer to the page of its path in the image that the layer is looked at in."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from analyzer.selectors.access import layer_for
from analyzer.selectors.layer import setting_of
from analyzer.web import rawquery


@login_required
@require_safe
def layer_file(request: HttpRequest, diff_id: str) -> HttpResponse:
    """A short address, since a listing has one in each row."""
    use = setting_of(request.user, layer_for(request.user, diff_id), request.GET.get("image", "")).image
    if use is None or use.chain is None:
        raise Http404
    asked: list[tuple[str, str | bytes]] = [("path", name) for name in rawquery.paths(request, "path")[:1]]
    return redirect(f"{reverse('image-file', args=[use.ref])}?{rawquery.encode([*asked, ('at', str(use.index))])}")


urlpatterns = [path("layers/<digest:diff_id>/file/", layer_file, name="layer-file")]
