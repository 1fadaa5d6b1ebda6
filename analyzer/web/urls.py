"""Every page: each module names its own addresses."""

from django.urls import URLPattern, URLResolver

from analyzer.web import converters

converters.register()  # before the modules below use them in their addresses

from analyzer.web import accounts  # noqa: E402

urlpatterns: list[URLPattern | URLResolver] = [
    *accounts.urlpatterns,
]
