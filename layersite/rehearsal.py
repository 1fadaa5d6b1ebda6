"""Pages that a new process makes for nobody, so that its first visitor does not wait for what each page needs once."""

import logging
from importlib import import_module

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, QueryDict
from django.urls import resolve, reverse
from django.utils.formats import get_format

log = logging.getLogger(__name__)

LATE = (
    "django.contrib.messages.storage.fallback",
    "django.conf.urls",
    "encodings.unicode_escape",
)
"""Modules that Django names in settings and loads with the first request."""


def load() -> None:
    """What is imported by its name, when it is first asked for."""
    for name in LATE:
        import_module(name)
    import_module("analyzer.selectors.rights")
    get_format("DATE_FORMAT")
    for cache in settings.CACHES.values():  # no more than the module: connections are each process's own
        import_module(cache["BACKEND"].rpartition(".")[0])


def rehearse() -> None:
    """Lists, an image and a layer, as who follows a link to a team's page would see them: they read alone.

    Says nothing of a page that can't be made: who asks for it will be told.
    """
    from analyzer.models import Holding
    from analyzer.selectors.access import Guest, ref_of

    newest = Holding.objects.filter(image__size__gt=0).select_related("image").order_by("-pk").first()
    if newest is None:
        return
    guest = Guest(newest.team_id)
    image = ref_of(newest.image)
    layer = newest.image.image_layers.filter(layer__isnull=False).values_list("layer__diff_id", flat=True).last()
    addresses = [reverse("overview"), reverse("images"), reverse("image", args=[image])]
    addresses += [reverse("image-files", args=[image]), reverse("image-waste", args=[image])]
    for address in [*addresses, reverse("layer", args=[layer])]:
        try:
            _make(address, guest)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the site starts
            log.info("%s was not rehearsed: %s", address, error)


def _make(address: str, guest: object) -> None:
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = address
    request.GET = QueryDict("")
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.user = guest  # type: ignore[assignment]
    request.htmx = False  # type: ignore[attr-defined]
    request.csp_nonce = ""  # type: ignore[attr-defined]
    request.resolver_match = match = resolve(address)
    match.func(request, *match.args, **match.kwargs)
