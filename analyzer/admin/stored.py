"""Rows that analysis wrote."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class Stored(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that analysis wrote: looked at, never edited by hand."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
