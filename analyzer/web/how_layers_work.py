"""How layers work, told on one of the viewer's own images."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from analyzer.selectors.access import image_for, ref_of
from analyzer.selectors.lesson import example_of, lesson_of
from analyzer.selectors.names import name_of, references_of
from analyzer.web.image_window import window_of


@login_required
@require_safe
def how_layers_work(request: HttpRequest) -> HttpResponse:
    """On the image `image`, else on the one that shows most; without any image the words alone."""
    asked = request.GET.get("image", "")
    image = image_for(request.user, asked) if asked else example_of(request.user)
    if image is None:
        return render(request, "analyzer/how_layers_work.html", {"lesson": None})
    lesson = lesson_of(request.user, image, timezone.now())
    names = references_of(request.user, [other.pk for other in lesson.others])
    others = [(ref_of(other), name_of(names.get(other.pk, ()), other.image_id)) for other in lesson.others]
    context = {
        "lesson": lesson,
        "page": lesson.page,
        "others": others,
        "scale": "",
        "window": window_of(lesson.page, request.GET.get("steps")),
    }
    return render(request, "analyzer/how_layers_work.html", context)


urlpatterns = [path("help/layers/", how_layers_work, name="how-layers-work")]
