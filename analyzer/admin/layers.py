"""Stored layers: found, looked at, verified, and deleted with all that stands on them."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from analyzer.admin.confirming import confirmed_delete, confirmed_drop
from analyzer.admin.layer_search import searched
from analyzer.admin.stored import Stored
from analyzer.models import Archive, Blob, Holding, Image, ImageLayer, Layer, Team
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.names import names_of
from analyzer.services.deleting import doomed_layers, subject_of
from analyzer.services.recompressing import ask_to_recompress
from analyzer.services.reindexing import ask_to_reindex
from analyzer.services.verifying import ask_to_verify
from analyzer.templatetags.layersite import layer_style, size

MOST_IMAGES = 100

_USED = ImageLayer.objects.filter(layer=OuterRef("pk")).order_by()
_BLOBS = Blob.objects.filter(layer=OuterRef("pk"))
STATES = {
    "kept": ("its bytes are kept", Exists(_BLOBS.filter(kept=True))),
    "listing": ("only its listing is kept", ~Exists(_BLOBS.filter(kept=True))),
    "fault": ("a check found a fault", Exists(_BLOBS.filter(kept=True).exclude(fault=""))),
    "unchecked": ("its bytes were never checked", Exists(_BLOBS.filter(kept=True, verified=None))),
    "unused": ("no image has it", ~Exists(_USED)),
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, (words, _) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Layer]) -> QuerySet[Layer]:
        chosen = STATES.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class TeamFilter(admin.SimpleListFilter):
    title = "team"
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Team.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Layer]) -> QuerySet[Layer]:
        if not self.value():
            return queryset
        return queryset.filter(Exists(_USED.filter(image__holdings__team__slug=self.value())))


@admin.register(Layer)
class LayerAdmin(Stored):
    """Layers go with the images on them: deleting one deletes those, once all is listed and confirmed."""

    list_display = ("digest", "bytes", "entries", "images_count", "teams", "carried", "last_use", "state")
    list_filter = (StateFilter, TeamFilter, "blobs__compression")
    search_fields = ("diff_id",)
    search_help_text = "The beginning of a diffID or blob digest, a path or glob, a package, or what an image is called"
    ordering = ("-created",)
    fields = ("whole_digest", "bytes", "tar_bytes", "entries", "kinds", "findings", "created", "index_state")
    readonly_fields = ("whole_digest", "index_state")
    actions = ("verify", "reindex", "recompress", "drop", "remove")
    buttons = actions

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layer]:
        layers: QuerySet[Layer] = super().get_queryset(request)
        images = _USED.values("layer").annotate(number=Count("image", distinct=True)).values("number")
        brought = Archive.objects.filter(archive_images__image__image_layers__layer=OuterRef("pk"))
        return layers.prefetch_related("blobs").annotate(
            images_number=Subquery(images), last=Subquery(brought.order_by("-created").values("created")[:1])
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Layer], bool]:
        if not search_term.strip():
            return queryset, False
        found, truncated = searched(queryset, search_term.strip())
        if truncated:
            told = "There may be more: what you typed is in many layers, or the time was over. Say more of it."
            self.message_user(request, told, messages.WARNING)
        return found, True

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist: Any = super().get_changelist_instance(request)
        shown = list(changelist.result_list)
        holders = Holding.objects.filter(image__image_layers__layer__in=shown).order_by("team__name").distinct()
        teams: dict[int, dict[str, None]] = {}
        for layer, name in holders.values_list("image__image_layers__layer", "team__name"):
            teams.setdefault(layer, {})[name] = None
        for layer in shown:
            layer.team_names = list(teams.get(layer.pk, ()))
        changelist.result_list = shown
        return changelist

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        layer = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, _setting(layer) if layer else None)

    @admin.action(description="Verify digests", permissions=["keep"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Layer]) -> HttpResponse:
        blobs = Blob.objects.filter(layer__in=queryset.values("pk"))
        user: Any = request.user
        return self.begun(request, ask_to_verify(blobs, subject_of(queryset, "layer"), user))

    @admin.action(description="Re-index in today's format", permissions=["keep"])
    def reindex(self, request: HttpRequest, queryset: QuerySet[Layer]) -> HttpResponse:
        user: Any = request.user
        return self.begun(request, ask_to_reindex(queryset, subject_of(queryset, "layer"), user))

    @admin.action(description="Recompress to zstd", permissions=["drop"])
    def recompress(self, request: HttpRequest, queryset: QuerySet[Layer]) -> HttpResponse:
        user: Any = request.user
        return self.begun(request, ask_to_recompress(queryset, subject_of(queryset, "layer"), user))

    @admin.action(description="Drop the bytes, keep the listing …", permissions=["drop"])
    def drop(self, request: HttpRequest, queryset: QuerySet[Layer]) -> HttpResponse:
        return confirmed_drop(self, request, queryset, Blob.objects.filter(layer__in=queryset.values("pk")))

    @admin.action(description="Delete, with its images …", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Layer]) -> HttpResponse:
        return confirmed_delete(self, request, queryset, doomed_layers(list(queryset)), "layer")

    @admin.display(description="diffID", ordering="diff_id")
    def digest(self, layer: Layer) -> SafeString:
        return format_html(
            '<span class="chip" style="{}"><i></i>{}</span>', layer_style(layer.diff_id), layer.diff_id[7:19]
        )

    @admin.display(description="diffID")
    def whole_digest(self, layer: Layer) -> str:
        return str(layer.diff_id)

    @admin.display(description="size", ordering="size")
    def bytes(self, layer: Layer) -> SafeString:
        return size(layer.size)

    @admin.display(description="tar size", ordering="tar_size")
    def tar_bytes(self, layer: Layer) -> SafeString:
        return size(layer.tar_size)

    @admin.display(description="images", ordering="images_number")
    def images_count(self, layer: Any) -> int:
        return int(layer.images_number or 0)

    @admin.display(description="teams")
    def teams(self, layer: Any) -> str:
        return ", ".join(layer.team_names)

    @admin.display(description="blobs")
    def carried(self, layer: Layer) -> SafeString | str:
        kept = [blob for blob in layer.blobs.all() if blob.kept]
        known = len(layer.blobs.all())
        if not kept:
            return f"none kept of {known}"
        held = size(sum(blob.size for blob in kept))
        return format_html("{} {}", held, " and ".join(sorted({blob.compression for blob in kept})))

    @admin.display(description="last use", ordering="last")
    def last_use(self, layer: Any) -> Any:
        """When an archive last brought an image that has it."""
        return layer.last

    @admin.display(description="state")
    def state(self, layer: Layer) -> SafeString | str:
        kept = [blob for blob in layer.blobs.all() if blob.kept]
        if any(blob.fault for blob in kept):
            return format_html('<strong class="bad">{}</strong>', "fault")
        if not kept:
            return "listing only"
        return "verified" if all(blob.verified for blob in kept) else "kept"

    @admin.display(description="index")
    def index_state(self, layer: Layer) -> str:
        row = getattr(layer, "index", None)
        if row is None or not row.steps:
            return "waits for a worker"
        return f"{row.steps}{f'; failed: {row.failed}' if row.failed else ''}"


def _setting(layer: Layer) -> dict[str, Any]:
    """The blobs and images of the layer's own page."""
    used = ImageLayer.objects.filter(layer=layer).order_by().values("image")
    images = Image.objects.filter(pk__in=used).defer("config", "history").prefetch_related("teams")
    shown = list(images.order_by("-stored")[:MOST_IMAGES])
    names = names_of(OPERATOR, {image.pk: image.image_id for image in shown})
    return {
        "blobs": layer.blobs.order_by("pk"),
        "images": [(image, names[image.pk], [team.name for team in image.teams.all()]) for image in shown],
        "images_more": max(0, images.count() - MOST_IMAGES),
    }
