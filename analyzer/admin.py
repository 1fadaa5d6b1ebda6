"""What is stored, for administrators: figures are read only, and nothing goes but through the services."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from analyzer.models import ApiToken, Blob, Holding, Image, Job, Layer, Membership, Reference, Team
from analyzer.services.jobs import JobNotReady, cancel_job, remove_job, retry_job
from analyzer.services.removal import remove_image
from analyzer.templatetags.layersite import layer_style, size
from analyzer.units import binary_text


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


@admin.register(Layer)
class LayerAdmin(Stored):
    """Layers go with the last image that stands on them."""

    list_display = ("digest", "bytes", "entries", "images_count", "created")
    search_fields = ("diff_id", "blobs__digest")
    ordering = ("-created",)
    fields = ("diff_id", "bytes", "tar_bytes", "entries", "kinds", "findings", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layer]:
        layers: QuerySet[Layer] = super().get_queryset(request)
        return layers.annotate(images_count=Count("image_layers__image", distinct=True))

    @admin.display(description="diffID", ordering="diff_id")
    def digest(self, layer: Layer) -> SafeString:
        return format_html(
            '<span class="chip" style="{}"><i></i>{}</span>', layer_style(layer.diff_id), layer.diff_id[7:19]
        )

    @admin.display(description="size", ordering="size")
    def bytes(self, layer: Layer) -> SafeString:
        return size(layer.size)

    @admin.display(description="tar size", ordering="tar_size")
    def tar_bytes(self, layer: Layer) -> SafeString:
        return size(layer.tar_size)

    @admin.display(description="images", ordering="images_count")
    def images_count(self, layer: Any) -> int:
        return int(layer.images_count)


@admin.register(Blob)
class BlobAdmin(Stored):
    """Blobs go with their layer."""

    list_display = ("short_digest", "layer", "bytes", "compression", "kept", "created")
    list_filter = ("compression", "kept")
    list_select_related = ("layer",)
    search_fields = ("digest", "layer__diff_id")
    ordering = ("-created",)
    fields = ("digest", "layer", "bytes", "compression", "kept", "findings", "created")

    @admin.display(description="blob digest", ordering="digest")
    def short_digest(self, blob: Blob) -> str:
        return str(blob.digest[7:19])

    @admin.display(description="size", ordering="size")
    def bytes(self, blob: Blob) -> SafeString:
        return size(blob.size)


class ReferenceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Reference
    fields = ("team", "repository", "tag", "moved")
    readonly_fields = fields
    extra = 0
    can_delete = False


class HoldingInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Holding
    fields = ("team", "created")
    readonly_fields = fields
    extra = 0
    can_delete = False


@admin.register(Image)
class ImageAdmin(Stored):
    """Deleting takes the image from every team, and with it what only it uses."""

    list_display = ("digest", "names", "platform", "bytes", "held_by", "stored")
    list_filter = ("os", "architecture", "teams")
    search_fields = ("image_id", "references__repository", "references__tag")
    ordering = ("-stored",)
    fields = ("image_id", "forged_chain_id", "bytes", "platform", "created_text", "stored")
    inlines = (ReferenceInline, HoldingInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        images: QuerySet[Image] = super().get_queryset(request)
        return images.defer("config", "history").prefetch_related("references", "teams")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_image")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, dict[str, int], set[str], list[str]]:
        """What the question names: the images and who holds them. The bytes are the service's business."""
        named = [f"{image.image_id}, held by {self.held_by(image) or 'no team'}" for image in objs]
        return named, {"images": len(named)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        freed = sum(remove_image(obj, team).size for team in list(obj.teams.all()))
        self.message_user(request, f"{binary_text(freed)} of layers are free again.")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        for image in queryset:
            self.delete_model(request, image)

    @admin.display(description="image ID", ordering="image_id")
    def digest(self, image: Image) -> str:
        return f"{image.image_id[7:19]}{' (other layers)' if image.forged_chain_id else ''}"

    @admin.display(description="references")
    def names(self, image: Image) -> str:
        return ", ".join(dict.fromkeys(reference.short for reference in image.references.all()))

    @admin.display(description="platform")
    def platform(self, image: Image) -> str:
        return "/".join(part for part in (image.os, image.architecture, image.variant) if part)

    @admin.display(description="size", ordering="size")
    def bytes(self, image: Image) -> SafeString:
        return size(image.size)

    @admin.display(description="teams")
    def held_by(self, image: Image) -> str:
        return ", ".join(team.name for team in image.teams.all())


@admin.register(Job)
class JobAdmin(Stored):
    """Deleting an ended job forgets it and its staged archive; the images stay."""

    list_display = ("name", "state", "stage", "bytes", "team", "user", "created")
    list_filter = ("state", "team")
    list_select_related = ("team", "user")
    search_fields = ("name", "id", "layers__diff_id", "layers__digest")
    fields = (
        "id",
        "name",
        "state",
        "stage",
        "error",
        "bytes",
        "team",
        "user",
        "attempt",
        "created",
        "started",
        "finished",
    )
    actions = ("cancel", "retry")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_job") and (obj is None or obj.ended)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, dict[str, int], set[str], list[str]]:
        return [str(job) for job in objs], {"jobs": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Job) -> None:
        remove_job(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, remove_job)

    @admin.action(description="Cancel the selected jobs", permissions=["delete"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, cancel_job)

    @admin.action(description="Try the selected jobs again", permissions=["delete"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, retry_job)

    def _each(self, request: HttpRequest, jobs: QuerySet[Job], act: Any) -> None:
        for job in jobs:
            try:
                act(job)
            except JobNotReady as refused:
                self.message_user(request, f"{job.name}: {refused}", messages.WARNING)

    @admin.display(description="size", ordering="size")
    def bytes(self, job: Job) -> SafeString:
        return size(job.size)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A team goes once it holds no image and no job is left of it."""

    list_display = ("name", "slug", "people", "images_count", "created")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.annotate(people=Count("memberships", distinct=True), images_count=Count("holdings", distinct=True))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None or obj.holdings.exists() or obj.jobs.exists() or obj.uploads.exists():
            return False
        return request.user.has_perm("analyzer.delete_team")

    @admin.display(ordering="people")
    def people(self, team: Any) -> int:
        return int(team.people)

    @admin.display(description="images", ordering="images_count")
    def images_count(self, team: Any) -> int:
        return int(team.images_count)


@admin.register(ApiToken)
class ApiTokenAdmin(Stored):
    """Tokens are made by their owners; here they are revoked."""

    list_display = ("name", "hint", "user", "created", "last_used")
    list_select_related = ("user",)
    search_fields = ("name", "hint", "user__username")
    fields = ("name", "hint", "user", "created", "last_used")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_apitoken")


class MembershipOfUser(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0


class PeopleAdmin(UserAdmin):  # type: ignore[type-arg]
    """Django's own, with the teams; permissions by group are not used here."""

    inlines = (MembershipOfUser,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active", "memberships__team")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()


admin.site.unregister(Group)
admin.site.unregister(User)
admin.site.register(User, PeopleAdmin)
admin.site.site_header = admin.site.site_title = "layersite administration"
admin.site.index_title = "What is stored, and who may see it"
