"""Every page: each module names its own addresses."""

from django.urls import URLPattern, URLResolver

from analyzer.web import (
    accounts,
    add_images,
    figures,
    image,
    image_delete,
    image_dockerfile,
    image_files,
    images,
    jobs,
    layer,
    layer_entries,
    layer_map,
    layer_tar,
    near_misses,
    overview,
    reuse,
    reuse_forest,
    reuse_grid,
    reuse_heat_map,
    tokens,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *accounts.urlpatterns,
    *overview.urlpatterns,
    *reuse.urlpatterns,
    *near_misses.urlpatterns,
    *reuse_forest.urlpatterns,
    *reuse_heat_map.urlpatterns,
    *reuse_grid.urlpatterns,
    *images.urlpatterns,
    *image.urlpatterns,
    *image_files.urlpatterns,
    *image_delete.urlpatterns,
    *image_dockerfile.urlpatterns,
    *layer.urlpatterns,
    *layer_entries.urlpatterns,
    *layer_map.urlpatterns,
    *layer_tar.urlpatterns,
    *jobs.urlpatterns,
    *add_images.urlpatterns,
    *tokens.urlpatterns,
    *figures.urlpatterns,
]
