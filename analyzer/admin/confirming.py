"""The question before something goes: all of it is listed, and what others use asks for a word to be typed."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from analyzer.models import Blob
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.names import names_of
from analyzer.services.deleting import Doomed, ask_to_delete, subject_of
from analyzer.services.dropping import ask_to_drop, bytes_of

MOST_LISTED = 200


def confirmed_drop(model_admin: Any, request: HttpRequest, rows: QuerySet[Any], blobs: QuerySet[Blob]) -> HttpResponse:
    """The same for bytes that go while their listing stays."""
    sizes = bytes_of(blobs)
    subject = subject_of(rows, str(model_admin.opts.verbose_name))
    if request.POST.get("post") and request.POST.get("promised") == str(sum(sizes.values())):
        user: Any = request.user
        response: HttpResponse = model_admin.begun(request, ask_to_drop(sizes, f"bytes of {subject}", user))
        return response
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Drop the bytes of {subject}?",
        "opts": model_admin.opts,
        "rows": rows,
        "files": len(sizes),
        "promised": sum(sizes.values()),
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST.get("action"),
    }
    return TemplateResponse(request, "admin/analyzer/confirm_drop.html", context)


def confirmed_delete(
    model_admin: Any, request: HttpRequest, rows: QuerySet[Any], doomed: Doomed, what: str
) -> HttpResponse:
    """Asks, and once the very same list was confirmed has a worker do it."""
    subject = subject_of(rows, what)
    problem = ""
    if request.POST.get("post"):
        typed = request.POST.get("typed", "").strip()
        if request.POST.get("seal") != doomed.seal:
            problem = "Something came or went since this was listed. This is what goes now."
        elif typed != doomed.word:
            problem = f"Type {doomed.word} to confirm."
        else:
            user: Any = request.user
            response: HttpResponse = model_admin.begun(request, ask_to_delete(doomed, subject, user))
            return response
    if problem:
        model_admin.message_user(request, problem, messages.WARNING)
    names = names_of(OPERATOR, {image.pk: image.image_id for image in doomed.images[:MOST_LISTED]})
    teams: dict[int, list[str]] = {}
    for holding in doomed.holdings:
        teams.setdefault(holding.image_id, []).append(holding.team.name)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Delete {subject}?",
        "opts": model_admin.opts,
        "doomed": doomed,
        "rows": rows,
        "images": [(image, names[image.pk], teams.get(image.pk, ())) for image in doomed.images[:MOST_LISTED]],
        "layers": doomed.layers[:MOST_LISTED],
        "more_images": max(0, len(doomed.images) - MOST_LISTED),
        "more_layers": max(0, len(doomed.layers) - MOST_LISTED),
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": request.POST.get("action"),
    }
    return TemplateResponse(request, "admin/analyzer/confirm_delete.html", context)
