"""What stands on the site when rights are tried: an image of Alice's and one of Charlie's, and what goes with each."""

import uuid
from collections.abc import Mapping
from pathlib import Path

from django.contrib.auth.models import User

from analyzer.models import (
    ApiToken,
    Badge,
    BadgeShows,
    Image,
    Job,
    Reference,
    Registry,
    RetentionRule,
    Role,
    SharedPage,
    Team,
    Upload,
    Watch,
)
from analyzer.oci.digest import digest_of
from analyzer.services import webhooks
from analyzer.services.indexing import ensure_indexed
from analyzer.services.invitations import invite
from analyzer.services.share_links import share
from analyzer.services.tokens import issue_team_token, issue_token
from tests.archives import Image as ArchiveImage
from tests.archives import docker_save, image, layer
from tests.taking import run_job

BASE = layer({"etc/motd": b"hello" * 400, "etc/passwd": b"root:x:0:0"})
OWN = layer({f"srv/data{number}": f"{number}".encode() * 500 for number in range(20)})
NEARLY = layer({f"srv/data{number}": f"{number}".encode() * 500 for number in range(19)})
VAULT = layer({"srv/recipe.txt": b"sugar and spice", "etc/motd": b"hello, vault"})

SECRETS = image([BASE, NEARLY, VAULT], tags=["corp/vault:gold"], history=["ADD base", "COPY", "RUN mix"])
MINE = image([BASE, OWN], tags=["corner:1"], history=["ADD base", "COPY"])
WORDS = (b"vault", b"recipe", b"alices-team", b"Alice", b"RUN mix")


def things(job: Job, of: str, upload: Upload, token: ApiToken) -> dict[str, str]:
    """What may stand in an address, by the name of its place."""
    shown, user = Image.objects.get(image_id=of), upload.user
    assert user is not None
    registry = Registry.objects.create(team=job.team, name=f"{job.team.slug} registry", host="127.0.0.1:1")
    watch = Watch.objects.create(registry=registry, repository=f"{job.team.slug}/app", tag="gold", paused=True)
    rule = RetentionRule.objects.create(team=job.team, pattern=f"{job.team.slug}/*", keep_last=3)
    hook, _ = webhooks.add(job.team, user, f"https://{job.team.slug}.example.org/", webhooks.CHOSEN)
    delivery = webhooks.ping(hook)
    reference = Reference.objects.filter(team=job.team, image=shown)[0]
    badge = Badge.objects.create(
        team=job.team, repository=reference.repository, tag=reference.tag, shows=BadgeShows.EFFICIENCY
    )
    invitation, _ = invite(job.team, user, Role.VIEWER, "a friend", 7)
    link, _ = share(job.team, user, SharedPage.IMAGE, shown, "", "a page", "", 7)
    return {
        "ref": shown.image_id,
        "diff_id": shown.image_layers.order_by("-index").first().layer.diff_id,  # type: ignore[union-attr]
        "job_id": str(job.pk),
        "upload_id": str(upload.pk),
        "token_id": str(token.pk),
        "team_token_id": str(issue_team_token(job.team, user, f"{job.team.slug} machine")[0].pk),
        "registry_id": str(registry.pk),
        "watch_id": str(watch.pk),
        "rule_id": str(rule.pk),
        "webhook_id": str(hook.pk),
        "delivery_id": str(delivery.pk),
        "badge_id": str(badge.pk),
        "key": badge.key,
        "reference_id": str(reference.pk),
        "slug": job.team.slug,
        "team": job.team.slug,
        "user_id": str(user.pk),
        "invitation_id": str(invitation.pk),
        "link_id": str(link.pk),
        "secret": "a-secret-that-is-none",
        "uidb64": "MQ",
        "token": "set-password",
        "container_id": "c" * 64,  # there is no engine here; tests/web/test_engine.py has one
        "file_name": "app.tar",
    }


def held(folder: Path, built: ArchiveImage, team: Team, user: User, of: str) -> dict[str, str]:
    """The image taken in and indexed, with an upload and a token beside it."""
    job = run_job(folder, docker_save(built), team, name=f"{team.slug}.tar")
    ensure_indexed()
    upload = Upload.objects.create(team=team, user=user, name=f"{team.slug}-next.tar", length=10)
    return things(job, of, upload, issue_token(user, f"{team.slug} token")[0])


def unknown(values: Mapping[str, str]) -> dict[str, str]:
    """As many things that nobody has, each as long."""
    digest = digest_of(b"nothing")
    nothing = {
        "slug": "no-such-team",
        "team": "no-such-team",
        "secret": values["secret"],
        "uidb64": values["uidb64"],
        "token": values["token"],
    }
    nothing |= {"ref": digest, "diff_id": digest, "file_name": "app.tar", "container_id": "d" * 64, "key": "k" * 22}
    numbered = ("token_id", "registry_id", "watch_id", "rule_id", "webhook_id", "badge_id", "reference_id", "user_id")
    nothing |= dict.fromkeys((*numbered, "team_token_id", "invitation_id", "link_id"), "99999999")
    return (
        nothing
        | dict.fromkeys(("job_id", "upload_id", "delivery_id"), str(uuid.UUID(int=7)))
        | dict.fromkeys(values.keys() - nothing.keys() - {"job_id", "upload_id", "delivery_id"}, "nothing")
    )
