"""Teams, who is in them, and tokens."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analyzer.admin.stored import Stored
from analyzer.models import ApiToken, Identity, Membership, Quota, Retention, RetentionRule, Team
from analyzer.services import audit
from analyzer.services.passwords import reset_path
from analyzer.web.addresses import site_of


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


class QuotaInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Quota
    readonly_fields = ("warned",)


class RetentionRuleInline(admin.TabularInline):  # type: ignore[type-arg]
    model = RetentionRule
    extra = 0
    fields = ("pattern", "keep_last", "keep_days")


class RetentionInline(admin.TabularInline):  # type: ignore[type-arg]
    """Whether the rules are carried out once a day."""

    model = Retention
    fields = ("daily", "ran", "due")
    readonly_fields = ("ran", "due")


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A team goes once it holds no image and no job is left of it."""

    list_display = ("name", "slug", "people", "images_count", "created")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug")
    inlines = (MembershipInline, QuotaInline, RetentionRuleInline, RetentionInline)

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

    list_display = ("name", "hint", "user", "made_by", "scope", "team", "created", "expires", "last_used")
    list_select_related = ("user", "team")
    search_fields = ("name", "hint", "user__username")
    fields = ("name", "hint", "user", "made_by", "scope", "team", "created", "expires", "last_used")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("analyzer.delete_apitoken")


class MembershipOfUser(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0


class IdentityOfUser(admin.TabularInline):  # type: ignore[type-arg]
    """Ways in by an OpenID provider: made by logging in, here taken away."""

    model = Identity
    extra = 0
    readonly_fields = ("issuer", "subject", "created", "last_used")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PeopleAdmin(UserAdmin):  # type: ignore[type-arg]
    """Django's own, with the teams; permissions by group are not used here."""

    inlines = (MembershipOfUser, IdentityOfUser)
    actions = ("make_password_link",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active", "memberships__team")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whoever is no superuser gives nobody rights, themselves least of all."""
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser", "user_permissions")
        return (*self.readonly_fields, *rights)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    def _may_touch(self, request: HttpRequest, person: Any) -> bool:
        """The accounts of superusers are theirs: who could set their password would be one."""
        return bool(person is None or request.user.is_superuser or not person.is_superuser)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    @admin.action(description="Make a link to choose a new password", permissions=["change"])
    def make_password_link(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """The answer shows each link; nothing ever shows it again."""
        if not request.user.is_superuser and chosen.filter(is_superuser=True).exists():
            messages.error(request, "Links for administrators are made by administrators alone.")
            return None
        links = [(user, site_of(request) + reset_path(user)) for user in chosen.filter(is_active=True)[:MOST_LINKS]]
        for user, _ in links:
            audit.note("password.link", user.get_username())
        context = {**self.admin_site.each_context(request), "title": "Links to choose a password", "links": links}
        response = render(request, "admin/password_links.html", context)
        response["Cache-Control"] = "no-store"
        return response


MOST_LINKS = 20


admin.site.unregister(Group)
admin.site.unregister(User)
admin.site.register(User, PeopleAdmin)
