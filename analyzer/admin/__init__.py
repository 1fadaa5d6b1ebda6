"""What is stored, for administrators: figures are read only, and nothing goes but through the services."""

from django.contrib import admin

from analyzer.admin import images, jobs, layers, people, registries

__all__ = ["images", "jobs", "layers", "people", "registries"]

admin.site.site_header = admin.site.site_title = "layersite administration"
admin.site.index_title = "What is stored, and who may see it"
