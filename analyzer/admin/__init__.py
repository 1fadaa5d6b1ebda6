"""What is stored, for administrators: figures are read only, and nothing goes but through the services."""

from django.contrib import admin

from analyzer.admin import audit, blobs, images, jobs, layers, people, registries, upkeep, uploads

__all__ = ["audit", "blobs", "images", "jobs", "layers", "people", "registries", "upkeep", "uploads"]

admin.site.site_header = admin.site.site_title = "layersite administration"
admin.site.index_title = "What is stored, and who may see it"
