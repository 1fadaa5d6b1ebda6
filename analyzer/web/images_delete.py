"""Deleting several images at once: the question with what would be freed together, then the deed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from analyzer.models import Role
from analyzer.selectors.access import images_for, ref_of, team_for, teams_of
from analyzer.selectors.names import names_of
from analyzer.selectors.removal import removal_of
from analyzer.services.removal import remove_images
from analyzer.units import binary_text
from analyzer.web.overview_words import counted

MOST = 500
"""Images of one question: their addresses are in it, and each is deleted in a transaction of its own."""

MOST_LAYERS = 60  # that are listed, those that go first


@login_required
def images_delete(request: HttpRequest) -> HttpResponse:
    """`image` is the `ref` of an image, as often as there are some; `team` narrows it to one team. Raises Http404."""
    given = request.POST if request.method == "POST" else request.GET
    refs = list(dict.fromkeys(given.getlist("image")))
    if len(refs) > MOST:
        raise Http404
    owned = teams_of(request.user, Role.OWNER)
    teams = [team_for(request.user, given["team"], Role.OWNER)] if given.get("team") else list(owned)
    images = images_for(request.user, refs, teams)
    if not images:
        messages.warning(request, "No image was chosen.")
        return redirect("images")
    what = counted(len(images), "image")
    if request.method == "POST":
        freed = remove_images(images, teams, request.user)
        gone = "was" if len(images) == 1 else "were"
        messages.success(request, f"{what} {gone} deleted. {binary_text(freed.size)} are free again.")
        return redirect("images")
    names = names_of(request.user, {image.pk: image.image_id for image in images})
    removal = removal_of(request.user, images, teams)
    layers = sorted(removal.layers, key=lambda layer: (not layer.goes, -(layer.size or 0), layer.diff_id))
    context = {
        "what": what,
        "images": [(image, names[image.pk], ref_of(image)) for image in images],
        "naive": sum(image.size or 0 for image in images),
        "teams": teams,
        "team": teams[0] if given.get("team") else None,
        "removal": removal,
        "layers": layers[:MOST_LAYERS],
        "layers_more": len(layers) - MOST_LAYERS,
    }
    return render(request, "analyzer/images_delete.html", context)


urlpatterns = [path("images/delete/", images_delete, name="images-delete")]
