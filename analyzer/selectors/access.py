"""The one door: whatever a page or the API shows of a team's is fetched here, or built on what is.

What a viewer may not see does not exist for them: 404, never 403. Superusers are no exception, their
panel is the admin. Who is about to change something asks by `at_least` for the role that it takes: to whom may not, it
does not exist either. Who comes by a token may no more than it lets them, here as everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.http import Http404

from analyzer.models import (
    ApiToken,
    Archive,
    Holding,
    Image,
    ImageLayer,
    Invitation,
    Job,
    Layer,
    Membership,
    Notice,
    Registry,
    RetentionRule,
    Role,
    ShareLink,
    Team,
    Upload,
    Watch,
    Webhook,
    WebhookDelivery,
)


class Operator:
    """Who runs `manage.py` on the server: no account, and the database lies open to them anyway, so all teams."""

    pk = None


class NoAccount:
    """Who is let in, and is nobody in particular."""

    pk = None
    is_authenticated = True
    is_staff = False
    is_superuser = False


@dataclass(frozen=True, slots=True)
class Guest(NoAccount):
    """Who follows a link that shows one page (`services.share_links`): sees that page as the team would, no more."""

    team_id: int

    def get_username(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Machine(NoAccount):
    """Who bears a token of a team: a program that has no account."""

    borne_token: ApiToken

    def get_username(self) -> str:
        return f"token {self.borne_token.name}"


OPERATOR = Operator()
Bearer = User | Machine
Viewer = AbstractBaseUser | AnonymousUser | Operator | Guest | Machine
Row = TypeVar("Row", bound=Model)


def teams_of(viewer: Viewer, at_least: Role = Role.VIEWER) -> QuerySet[Team]:
    """The teams in which the viewer has this role or one that may do more, by name."""
    if isinstance(viewer, Operator):
        return Team.objects.all()
    if isinstance(viewer, Guest):
        return Team.objects.filter(pk=viewer.team_id) if at_least == Role.VIEWER else Team.objects.none()
    token = borne_by(viewer)
    if token is not None:
        return _teams_of_token(token, at_least)
    if not viewer.pk:
        return Team.objects.none()
    return _teams_of_user(viewer.pk, at_least)


def bear(token: ApiToken) -> Bearer:
    """Its owner, who as a viewer may no more than the token lets them; of a team's token a machine."""
    user: User | None = token.user
    if user is None:
        return Machine(token)
    user.borne_token = token  # type: ignore[attr-defined]
    return user


def brought_by(viewer: Bearer | AbstractBaseUser | None) -> dict[str, Any]:
    """Fields of a job: the person that it is of, or the team's token."""
    if isinstance(viewer, Machine):
        return {"user": None, "by_token": viewer.borne_token.name}
    return {"user": viewer}


def borne_by(viewer: Viewer) -> ApiToken | None:
    """The token by which the viewer is here; None for who is logged in."""
    return getattr(viewer, "borne_token", None)


def _teams_of_token(token: ApiToken, at_least: Role) -> QuerySet[Team]:
    if not token.lets(at_least):
        return Team.objects.none()
    if token.user_id is None:
        return Team.objects.filter(pk=token.team_id or 0)
    teams = _teams_of_user(token.user_id, at_least)
    return teams if token.team_id is None else teams.filter(pk=token.team_id)


def _teams_of_user(user_id: int, at_least: Role) -> QuerySet[Team]:
    if at_least == Role.VIEWER:  # whoever is in the team: no role to compare
        return Team.objects.filter(memberships__user_id=user_id)
    return Team.objects.filter(memberships__user_id=user_id, memberships__role__in=at_least.at_least)


def team_tokens(team: Team) -> QuerySet[ApiToken]:
    """The tokens of a team that the viewer owns, newest first; those of its people are theirs."""
    return ApiToken.objects.filter(team=team, user=None).select_related("team")


def team_token_for(viewer: Viewer, slug: str, pk: int) -> ApiToken:
    """A token of a team that the viewer owns. Raises Http404."""
    return _only(team_tokens(team_for(viewer, slug, Role.OWNER)).filter(pk=pk))


def team_for(viewer: Viewer, slug: str, at_least: Role = Role.VIEWER) -> Team:
    """The viewer's team `slug`. Raises Http404."""
    return _only(teams_of(viewer, at_least).filter(slug=slug))


def teams_owned_by(viewer: Viewer) -> QuerySet[Team]:
    """The teams that the viewer owns, by name."""
    return teams_of(viewer, Role.OWNER)


def visible_share_links(viewer: Viewer) -> QuerySet[ShareLink]:
    """The links to pages that the viewer made, and those of teams that they own, newest first."""
    mine = Q(user_id=viewer.pk, team__in=teams_of(viewer))
    return ShareLink.objects.filter(mine | Q(team__in=teams_of(viewer, Role.OWNER))).select_related("team", "user")


def share_link_for(viewer: Viewer, pk: int) -> ShareLink:
    """A link to a page, to be revoked. Raises Http404."""
    return _only(visible_share_links(viewer).filter(pk=pk))


def members_of(team: Team) -> QuerySet[Membership]:
    """Who is in a team that the viewer was let to, by name."""
    return Membership.objects.filter(team=team).select_related("user").order_by("user__username")


def member_for(viewer: Viewer, slug: str, user_id: int) -> Membership:
    """A member of a team that the viewer owns, to be changed. Raises Http404."""
    return _only(members_of(team_for(viewer, slug, Role.OWNER)).select_related("team").filter(user_id=user_id))


def own_membership(viewer: Viewer, slug: str) -> Membership:
    """What the viewer is in the team `slug`. Raises Http404."""
    return _only(members_of(team_for(viewer, slug)).select_related("team").filter(user_id=viewer.pk or 0))


def invitation_for(viewer: Viewer, slug: str, pk: int) -> Invitation:
    """An invitation into a team that the viewer owns, that nobody followed yet. Raises Http404."""
    return _only(Invitation.objects.filter(team=team_for(viewer, slug, Role.OWNER), pk=pk, used=None))


def retention_rule_for(viewer: Viewer, slug: str, pk: int) -> RetentionRule:
    """A rule of a team that the viewer owns, to be changed. Raises Http404."""
    return _only(RetentionRule.objects.filter(team=team_for(viewer, slug, Role.OWNER), pk=pk).select_related("team"))


def webhook_for(viewer: Viewer, slug: str, pk: int) -> Webhook:
    """A webhook of a team that the viewer owns: nobody else sees it. Raises Http404."""
    return _only(Webhook.objects.filter(team=team_for(viewer, slug, Role.OWNER), pk=pk).select_related("team"))


def delivery_for(viewer: Viewer, slug: str, webhook_id: int, pk: UUID) -> WebhookDelivery:
    """A call of such a webhook. Raises Http404."""
    hook = webhook_for(viewer, slug, webhook_id)
    return _only(WebhookDelivery.objects.filter(webhook=hook, pk=pk).select_related("webhook__team"))


def visible_images(viewer: Viewer, at_least: Role = Role.VIEWER) -> QuerySet[Image]:
    """The images that a team in which the viewer has that role holds, each once."""
    held = Holding.objects.filter(image=OuterRef("pk"), team__in=teams_of(viewer, at_least))
    return Image.objects.filter(Exists(held))


def image_for(viewer: Viewer, ref: str, at_least: Role = Role.VIEWER) -> Image:
    """The image with the address `ref` (see `ref_of`). Raises Http404.

    An image may be stored whole and, for a team that brought it without some layers, once more: the whole one is meant.
    """
    image_id, _, forged_chain_id = ref.partition("@")
    images = visible_images(viewer, at_least).filter(image_id=image_id, forged_chain_id=forged_chain_id)
    return _only(images.order_by(F("incomplete_in").asc(nulls_first=True)))


def images_for(viewer: Viewer, refs: Sequence[str], teams: Sequence[Team]) -> list[Image]:
    """The images with these addresses, in their order, each held by one of the viewer's `teams`. Raises Http404."""
    held = Holding.objects.filter(image=OuterRef("pk"), team__in=teams)
    wanted = [ref.partition("@")[::2] for ref in refs]
    rows = visible_images(viewer).filter(Exists(held), image_id__in=[image_id for image_id, _ in wanted])
    found: dict[tuple[str, str], Image] = {}
    for image in rows.defer("config", "history").order_by(F("incomplete_in").asc(nulls_first=True)):
        found.setdefault((image.image_id, image.forged_chain_id), image)
    if not all(key in found for key in wanted):
        raise Http404
    return [found[key] for key in wanted]


def ref_of(image: Image) -> str:
    """How an image is addressed: by its ID; one with other layers than its config declares also by its top chain."""
    return f"{image.image_id}@{image.forged_chain_id}" if image.forged_chain_id else image.image_id


def visible_layers(viewer: Viewer) -> QuerySet[Layer]:
    """The layers of the images that the viewer may see, each once."""
    used = ImageLayer.objects.filter(layer=OuterRef("pk"), image__in=visible_images(viewer))
    return Layer.objects.filter(Exists(used))


def layer_for(viewer: Viewer, diff_id: str) -> Layer:
    """The layer `diff_id`. Raises Http404."""
    return _only(visible_layers(viewer).filter(diff_id=diff_id))


def visible_jobs(viewer: Viewer, at_least: Role = Role.VIEWER) -> QuerySet[Job]:
    """The jobs of the viewer's teams, newest first."""
    return Job.objects.filter(team__in=teams_of(viewer, at_least))


def job_for(viewer: Viewer, job_id: UUID, at_least: Role = Role.VIEWER) -> Job:
    """The job `job_id`, with its team. Uploaders stop it, try it again and remove it. Raises Http404."""
    return _only(visible_jobs(viewer, at_least).select_related("team").filter(pk=job_id))


def notices_of(viewer: Viewer) -> QuerySet[Notice]:
    """Of the viewer's jobs that have ended, in teams they are still in; newest first."""
    return Notice.objects.filter(user_id=viewer.pk or 0, job__team__in=teams_of(viewer)).select_related(
        "job", "job__team"
    )


def archive_for(viewer: Viewer, archive_id: int) -> Archive:
    """The archive `archive_id`. Raises Http404."""
    return _only(Archive.objects.filter(team__in=teams_of(viewer), pk=archive_id))


def uploads_of(viewer: Viewer) -> QuerySet[Upload]:
    """What the viewer is sending, to teams that they may add images to.

    Only their own: nobody else writes into what stands under their name.
    """
    if isinstance(viewer, Machine):
        return Upload.objects.filter(team__in=teams_of(viewer, Role.UPLOADER), token=viewer.borne_token)
    return Upload.objects.filter(team__in=teams_of(viewer, Role.UPLOADER), user_id=viewer.pk)


def upload_for(viewer: Viewer, upload_id: UUID) -> Upload:
    """The viewer's upload `upload_id`. Raises Http404."""
    return _only(uploads_of(viewer).filter(pk=upload_id))


def visible_registries(viewer: Viewer, at_least: Role = Role.VIEWER) -> QuerySet[Registry]:
    """The registries of the viewer's teams, by name."""
    return Registry.objects.filter(team__in=teams_of(viewer, at_least)).select_related("team")


def registry_for(viewer: Viewer, pk: int, at_least: Role = Role.VIEWER) -> Registry:
    """The registry `pk`. Uploaders ask it for what it has, and pull. Raises Http404."""
    return _only(visible_registries(viewer, at_least).filter(pk=pk))


def owned_registry_for(viewer: Viewer, pk: int) -> Registry:
    """The registry `pk`, to be changed: a team's owners may. Raises Http404."""
    return registry_for(viewer, pk, Role.OWNER)


def visible_watches(viewer: Viewer, at_least: Role = Role.VIEWER) -> QuerySet[Watch]:
    """What the viewer's teams watch."""
    teams = teams_of(viewer, at_least)
    return Watch.objects.filter(registry__team__in=teams).select_related("registry", "registry__team")


def watch_for(viewer: Viewer, pk: int, at_least: Role = Role.VIEWER) -> Watch:
    """The watch `pk`. Owners begin, pause and end it. Raises Http404."""
    return _only(visible_watches(viewer, at_least).filter(pk=pk))


def _only(rows: QuerySet[Row]) -> Row:
    row = rows.first()
    if row is None:
        raise Http404
    return row
