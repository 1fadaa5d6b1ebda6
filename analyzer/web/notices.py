"""Notices: what is ready, and how one wants to be told."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analyzer.models import Notice, NoticeChoice
from analyzer.selectors.access import notices_of
from analyzer.selectors.figures import rfc3339
from analyzer.services.notices import WORDS, choose
from analyzer.web.twins import twin, wanted

MOST = 100
COLUMNS = ("job", "name", "team", "state", "created", "seen")


class Choice(forms.Form):
    mail = forms.BooleanField(required=False)
    hook_url = forms.URLField(required=False, max_length=500, assume_scheme="https")

    def clean_hook_url(self) -> str:
        url: str = self.cleaned_data["hook_url"]
        if url and not url.startswith("https://"):
            raise forms.ValidationError("A webhook begins with https://.")
        return url


@login_required
@require_safe
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """The newest first. What the page shows counts as seen from then on."""
    rows = list(notices_of(request.user)[:MOST])
    if wanted(request):
        return twin(request, "notices", [notice_document(row) for row in rows], COLUMNS)
    response = _page(request, rows)
    if request.method == "GET":
        notices_of(request.user).filter(seen=None).update(seen=timezone.now())
    return response


@login_required
@require_safe
@never_cache
def count(request: HttpRequest) -> HttpResponse:
    """How many were not seen yet, as the frame of every page asks."""
    unseen = notices_of(request.user).filter(seen=None).count()
    return render(request, "analyzer/_notices_count.html", {"unseen": unseen})


@login_required
@require_POST
@never_cache
def chosen(request: HttpRequest) -> HttpResponse:
    """The answer shows the secret of a new webhook; nothing ever shows it again."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required saw to it
    form = Choice(request.POST)
    if not form.is_valid():
        return _page(request, list(notices_of(request.user)[:MOST]), form=form, status=400)
    secret = choose(request.user, form.cleaned_data["mail"], form.cleaned_data["hook_url"])
    if secret:
        return _page(request, list(notices_of(request.user)[:MOST]), secret=secret)
    messages.success(request, "It is noted how you want to be told.")
    return redirect("notices")


def notice_document(row: Notice) -> dict[str, Any]:
    return {
        "job": str(row.job_id),
        "name": row.job.name,
        "team": row.job.team.slug,
        "state": row.job.state,
        "created": rfc3339(row.created),
        "seen": rfc3339(row.seen),
    }


def _page(request: HttpRequest, rows: list[Notice], *, status: int = 200, **more: object) -> HttpResponse:
    choice = NoticeChoice.objects.filter(user=request.user.pk).first() or NoticeChoice()
    context = {"notices": rows, "words": WORDS, "choice": choice, "sends_mail": settings.SENDS_MAIL, **more}
    return render(request, "analyzer/notices.html", context, status=status)


urlpatterns = [
    path("notices/", notices, name="notices"),
    path("notices/count/", count, name="notices-count"),
    path("notices/choice/", chosen, name="notices-choice"),
]
