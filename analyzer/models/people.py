"""Who may see what: teams, who is in them, and tokens for machines."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from analyzer.models.fields import TextChoiceField
from analyzer.models.hashed import hash_of


class Team(models.Model):
    """Images belong to teams; whoever is in the team sees them."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """Each may do what the ones before it may: see; add images; delete, and decide about people and registries."""

    VIEWER = "viewer"
    UPLOADER = "uploader"
    OWNER = "owner"

    @property
    def at_least(self) -> tuple["Role", ...]:
        """This role and those that may do more."""
        roles = tuple(Role)
        return roles[roles.index(self) :]


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = TextChoiceField(Role, default=Role.VIEWER)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "user"), name="one_membership_a_team"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class TokenScope(models.TextChoices):
    """How much of what its owner may do a token may do; each may what the ones before it may."""

    READ = "read", "read"
    UPLOAD = "upload", "read and add images"
    ADMIN = "admin", "all that I may"

    @property
    def role(self) -> Role:
        """What its bearer is in a team at most."""
        return {TokenScope.READ: Role.VIEWER, TokenScope.UPLOAD: Role.UPLOADER, TokenScope.ADMIN: Role.OWNER}[self]


class ApiToken(models.Model):
    """A token for machines. Its text is shown once and kept as a hash. A person's never may more than its owner does
    then; a team's has no person, and may in that team what its scope says."""

    PREFIX = "lay_"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="api_tokens",
        null=True,
        blank=True,
        help_text="Whose it is; null: its team's.",
    )
    made_by = models.CharField(
        max_length=150, default="", blank=True, help_text="Who made a team's, by their name then."
    )
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=12, help_text="The first characters, to tell tokens apart.")
    sha256 = models.CharField(max_length=64, unique=True)
    scope = TextChoiceField(TokenScope, default=TokenScope.READ)
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, help_text="The only one it is good for; null: all."
    )
    expires = models.DateTimeField(null=True, blank=True, help_text="Null: never.")
    created = models.DateTimeField(default=timezone.now)
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | (models.Q(team__isnull=False) & ~models.Q(scope="admin")),
                name="a_token_of_nobody_is_a_teams_and_decides_nothing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def expired(self) -> bool:
        return self.expires is not None and self.expires <= timezone.now()

    def lets(self, at_least: Role) -> bool:
        """Whether its bearer may be that in a team."""
        return TokenScope(self.scope).role in at_least.at_least

    @classmethod
    def hash_of(cls, text: str) -> str:
        return hash_of(text)

    @classmethod
    def issue(cls, user_id: int | None, name: str, **limits: Any) -> tuple["ApiToken", str]:
        """A new token and its text, which is not to be had again. `limits`: scope, team, expires, made_by."""
        text = cls.PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(user_id=user_id, name=name, hint=text[:8], sha256=cls.hash_of(text), **limits)
        return token, text
