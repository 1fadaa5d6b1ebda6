"""Every page: each module names its own addresses."""

from django.urls import URLPattern, URLResolver

from analyzer.web import converters

converters.register()  # before the modules below use them in their addresses

from analyzer.web import accounts, image_delete, images, jobs, overview  # noqa: E402

urlpatterns: list[URLPattern | URLResolver] = [
    *accounts.urlpatterns,
    *overview.urlpatterns,
    *images.urlpatterns,
    *image_delete.urlpatterns,
    *jobs.urlpatterns,
]
