"""Telling people that what they brought is ready: a notice on the pages, a mail, a call of their webhook.

Delivery is at least once: a notice is due again, later each time, until it was delivered or given up.
"""

import logging
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db.models import F, Q
from django.utils import timezone

from analyzer import queue
from analyzer.models import Job, Notice, NoticeChoice, sealing
from analyzer.services.signed_calls import is_taken, post_signed

log = logging.getLogger(__name__)

ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)  # doubled each time: the last attempt is about an hour after the first
WORDS = {"done": "is ready", "partial": "is ready in part", "failed": "failed"}


def note(job: Job) -> None:
    """The job has ended: within the transaction that ends it. What a watch brought by itself is nobody's news."""
    if job.user_id is None or job.watched_tags.exists():
        return
    choice = NoticeChoice.objects.filter(user=job.user_id).first()
    now = timezone.now()
    mail = bool(choice and choice.mail and settings.SENDS_MAIL)
    fields = {
        "user_id": job.user_id,
        "created": now,
        "seen": None,
        "mail_due": now if mail else None,
        "hook_due": now if choice and choice.hook_url else None,
        "attempt": 0,
        "error": "",
    }
    notice, _ = Notice.objects.update_or_create(job=job, defaults=fields)
    if notice.mail_due or notice.hook_due:
        queue.ring("deliver_notice", notice.pk)


def ring_due() -> None:
    """Rings for deliveries whose message was lost, or that are to be tried again."""
    due = Q(mail_due__lt=timezone.now() - FIRST_PAUSE) | Q(hook_due__lt=timezone.now())
    for pk in Notice.objects.filter(due).values_list("pk", flat=True)[:100]:
        queue.ring("deliver_notice", pk)


def deliver(pk: int) -> None:
    """Sends what is due; what fails is due again later."""
    for field, send in (("mail_due", _mail), ("hook_due", _call)):
        notice = _claimed(pk, field)
        if notice is None:
            continue
        try:
            if _still_concerned(notice):
                send(notice)
        except Exception as error:  # noqa: BLE001  (whatever a mail server or a stranger's program answers)
            log.info("notice %s was not delivered: %s", pk, error)
            told = {"attempt": F("attempt") + 1, "error": str(error)[:300]}
            Notice.objects.filter(pk=pk).update(**told, **({field: None} if notice.attempt + 1 >= ATTEMPTS else {}))
        else:
            Notice.objects.filter(pk=pk).update(**{field: None})


def choose(user: User, mail: bool, hook_url: str) -> str | None:
    """How the user wants to be told. Returns the secret of a webhook that is new, which is not to be had again."""
    choice, _ = NoticeChoice.objects.get_or_create(user=user)
    secret = None
    if hook_url and hook_url != choice.hook_url:
        secret = secrets.token_urlsafe(32)
    choice.mail, choice.hook_url = mail, hook_url
    if secret is not None or not hook_url:
        choice.sealed_hook_secret = sealing.seal(secret or "")
    choice.save()
    return secret


def _claimed(pk: int, field: str) -> Notice | None:
    """The notice, if its delivery is due; until it is tried again no other worker has it."""
    now = timezone.now()
    notice = Notice.objects.filter(pk=pk, **{f"{field}__lte": now}).select_related("job__team", "user").first()
    if notice is None:
        return None
    later = now + FIRST_PAUSE * 2**notice.attempt
    claimed = Notice.objects.filter(pk=pk, **{field: getattr(notice, field)}).update(**{field: later})
    return notice if claimed else None


def _still_concerned(notice: Notice) -> bool:
    """Who left the team meanwhile is told nothing more of it."""
    return notice.user.is_active and notice.job.team.memberships.filter(user=notice.user).exists()


def _mail(notice: Notice) -> None:
    if notice.user.email:
        job = notice.job
        what = f"{job.name} {WORDS.get(job.state, job.state)}"
        link = f"\n\n{settings.PUBLIC_URL}/jobs/{job.pk}/" if settings.PUBLIC_URL else ""
        send_mail(" ".join(what.splitlines()), f"{what}, for {job.team}.{link}\n", None, [notice.user.email])


def _call(notice: Notice) -> None:
    choice = NoticeChoice.objects.filter(user=notice.user_id).exclude(hook_url="").first()
    if choice is not None:
        status = post_signed(choice.hook_url, sealing.unseal(choice.sealed_hook_secret), document_of(notice.job))
        if not is_taken(status):
            raise ValueError(f"The webhook answered {status}.")


def document_of(job: Job) -> dict[str, Any]:
    """What a webhook is told of a job."""
    address = f"{settings.PUBLIC_URL}/api/v1/jobs/{job.pk}/"
    told = {"id": str(job.pk), "name": job.name, "state": job.state, "team": job.team.slug, "url": address}
    return {"event": "job.ended", "job": told}
