"""Rows that analysis wrote."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from analyzer.models import Upkeep


class Stored(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that analysis wrote: looked at, never edited by hand. Whoever may change layers has them kept up."""

    list_per_page = 50
    show_full_result_count = False
    buttons: Sequence[str] = ()  # names of actions that a row's own page offers

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_keep_permission(self, request: HttpRequest) -> bool:
        """May have bytes read again and listings made anew."""
        return request.user.has_perm("analyzer.change_layer")

    def has_drop_permission(self, request: HttpRequest) -> bool:
        """May have bytes dropped."""
        return request.user.has_perm("analyzer.delete_blob")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """May have layers deleted, and so the images that stand on them."""
        return request.user.has_perms(("analyzer.delete_layer", "analyzer.delete_image"))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed = dict(self.get_action_choices(request, []))
        context["row_actions"] = [(name, allowed[name]) for name in self.buttons if name in allowed]
        return super().render_change_form(request, context, *args, **kwargs)

    def begun(self, request: HttpRequest, row: Upkeep) -> HttpResponse:
        """To the page that tells what comes of it."""
        self.message_user(request, "A worker does it now; this page tells what came of it.", messages.SUCCESS)
        return redirect("admin:analyzer_upkeep_change", row.pk)
