"""Moving an image to another team: the question, then the deed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from analyzer.models import Role
from analyzer.selectors.access import image_for, team_for, teams_of
from analyzer.selectors.names import names_of
from analyzer.selectors.removal import teams_holding
from analyzer.services.moving import NotMoved, move_image


@login_required
def image_move(request: HttpRequest, ref: str) -> HttpResponse:
    """Owners of a team that holds it give it to one that they may add images to."""
    image = image_for(request.user, ref, Role.OWNER)
    sources = teams_holding(request.user, image, Role.OWNER)
    wanted = request.POST.get("from") or request.GET.get("from") or sources[0].slug
    source = next((team for team in sources if team.slug == wanted), None)
    if source is None:
        raise Http404
    name = names_of(request.user, {image.pk: image.image_id})[image.pk]
    targets = teams_of(request.user, Role.UPLOADER).exclude(pk=source.pk)
    if request.method == "POST":
        target = team_for(request.user, request.POST.get("to", ""), Role.UPLOADER)
        keep = bool(request.POST.get("keep"))
        try:
            move_image(image, source, target, keep)
        except NotMoved as refused:
            messages.error(request, str(refused))
        else:
            done = "is held by {} too" if keep else "went to {}"
            messages.success(request, f"{name} {done.format(target)}.")
        return redirect("image", image)
    context = {"image": image, "name": name, "source": source, "sources": sources, "targets": targets}
    return render(request, "analyzer/image_move.html", context)


urlpatterns = [path("images/<image_ref:ref>/move/", image_move, name="image-move")]
