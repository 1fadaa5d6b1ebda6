"""Registries and what is watched in them. Their passwords have no place here, sealed or not."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from analyzer.admin.stored import Stored
from analyzer.models import Registry, Watch


@admin.register(Registry)
class RegistryAdmin(Stored):
    """Kept by the owners of a team; here they are looked at and forgotten."""

    list_display = ("name", "host", "team", "username", "quiet_until")
    list_filter = ("team",)
    list_select_related = ("team",)
    search_fields = ("name", "host")
    fields = ("name", "host", "team", "user", "username", "quiet_until", "hook_used", "created")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_registry")


@admin.register(Watch)
class WatchAdmin(Stored):
    """What is watched, and why the last look failed."""

    list_display = ("__str__", "registry", "paused", "polled", "next_poll", "error")
    list_filter = ("paused",)
    list_select_related = ("registry",)
    search_fields = ("repository", "tag", "registry__name")
    fields = ("registry", "repository", "tag", "user", "every", "from_now_on", "paused", "polled", "next_poll", "error")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_watch")
