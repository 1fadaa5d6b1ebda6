"""Deleting an image: the question with what would be freed, then the deed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from analyzer.models import Role
from analyzer.selectors.access import image_for
from analyzer.selectors.names import names_of
from analyzer.selectors.removal import removal_of, teams_holding
from analyzer.services.removal import remove_image
from analyzer.units import binary_text

MOST_LAYERS = 60  # that are listed


@login_required
def image_delete(request: HttpRequest, ref: str) -> HttpResponse:
    image = image_for(request.user, ref, Role.OWNER)
    teams = teams_holding(request.user, image, Role.OWNER)
    wanted = request.POST.get("team") or request.GET.get("team") or teams[0].slug
    team = next((team for team in teams if team.slug == wanted), None)
    if team is None:
        raise Http404
    name = names_of(request.user, {image.pk: image.image_id})[image.pk]
    if request.method == "POST":
        freed = remove_image(image, team, request.user)
        messages.success(request, f"{name} was deleted from {team}. {binary_text(freed.size)} are free again.")
        return redirect("images")
    removal = removal_of(request.user, [image], [team])
    context = {
        "image": image,
        "name": name,
        "teams": teams,
        "team": team,
        "removal": removal,
        "layers": removal.layers[:MOST_LAYERS],
        "layers_more": len(removal.layers) - MOST_LAYERS,
    }
    return render(request, "analyzer/image_delete.html", context)


urlpatterns = [path("images/<image_ref:ref>/delete/", image_delete, name="image-delete")]
