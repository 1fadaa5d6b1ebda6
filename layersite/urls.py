"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from layersite import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("analyzer.api.urls")),
    path("", include("analyzer.web.urls")),
]
