"""Images: deleted from every team, by the service that frees what only they use."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from analyzer.admin.stored import Stored
from analyzer.models import Holding, Image, Reference
from analyzer.selectors.removal import freed_with
from analyzer.services.removal import remove_image
from analyzer.templatetags.layersite import size
from analyzer.units import binary_text


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
        """What the question names: the images, who holds them, and the bytes that go with them."""
        images = list(objs)
        named = [f"{self.called(image)}, held by {self.held_by(image) or 'no team'}" for image in images]
        freed = f"{binary_text(freed_with(images))} of layers that no other image uses"
        return [*named, freed], {"images": len(named)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        freed = sum(remove_image(obj, team).size for team in list(obj.teams.all()))
        self.message_user(request, f"{binary_text(freed)} of layers are free again.")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> None:
        for image in queryset:
            self.delete_model(request, image)

    @admin.display(description="image ID", ordering="image_id")
    def digest(self, image: Image) -> str:
        return f"{image.image_id[7:19]}{' (other layers)' if image.forged_chain_id else ''}"

    def called(self, image: Image) -> str:
        names = self.names(image)
        return f"{image.image_id} ({names})" if names else image.image_id

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
