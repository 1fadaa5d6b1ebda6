"""The reconstructed Dockerfile as a file of its own."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from analyzer.selectors.access import image_for
from analyzer.selectors.image import image_page
from analyzer.selectors.image_dockerfile import dockerfile_of


@login_required
@require_safe
def image_dockerfile(request: HttpRequest, ref: str) -> HttpResponse:
    """Plain text, to be saved."""
    page = image_page(request.user, image_for(request.user, ref), timezone.now())
    response = HttpResponse(dockerfile_of(page).text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="Dockerfile"'
    return response


urlpatterns = [path("images/<image_ref:ref>/dockerfile/", image_dockerfile, name="image-dockerfile")]
