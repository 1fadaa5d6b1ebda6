"""Looking at what is watched: each new digest of a tag becomes a job. Two workers look at the same watch once.

Which looks are due stands in the rows; the bell may ring twice or never.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from analyzer import queue
from analyzer.models import Registry, Watch, WatchedTag
from analyzer.registry.client import RegistryClient
from analyzer.registry.errors import Kind, RegistryError
from analyzer.services import leases, quotas
from analyzer.services.pulls import create_pull
from analyzer.services.registry_access import credentials_of, matching, opened
from analyzer.services.watches import matches

log = logging.getLogger(__name__)

RING_AGAIN = timedelta(seconds=60)
MOST_BACK_OFF = 86_400  # seconds between looks, however often they failed
Pair = tuple[str, str]
"""Repository and tag."""


def due(now: datetime) -> QuerySet[Watch]:
    """The watches that want a look: their time has come, or a webhook told of one of their tags."""
    told = WatchedTag.objects.filter(watch=OuterRef("pk"), told__isnull=False)
    quiet = Q(registry__quiet_until__isnull=True) | Q(registry__quiet_until__lte=now)
    return Watch.objects.filter(quiet, leases.free(), Q(next_poll__lte=now) | Exists(told), paused=False)


def ring_due() -> int:
    """Rings for every watch that wants a look; returns how many. Called every few seconds by the reconciler."""
    now = timezone.now()
    waiting = due(now).filter(Q(rung__isnull=True) | Q(rung__lt=now - RING_AGAIN))
    pks = list(waiting.values_list("pk", flat=True)[:1_000])
    Watch.objects.filter(pk__in=pks).update(rung=now)
    for pk in pks:
        queue.ring("poll_watch", pk)
    return len(pks)


def tell(registry: Registry, pairs: list[Pair]) -> int:
    """A webhook told of these tags: the watches that are about them look, at once, at these alone.

    What it told is no more than that: the registry itself is asked for the digests. Returns how many looks.
    """
    now = timezone.now()
    looks = 0
    for watch in registry.watches.filter(paused=False):
        meant = [pair for pair in dict.fromkeys(pairs) if _is_about(watch, pair)]
        if not meant:
            continue
        with transaction.atomic():
            rows = [WatchedTag(watch=watch, repository=repository, tag=tag) for repository, tag in meant]
            WatchedTag.objects.bulk_create(rows, ignore_conflicts=True)
            for repository, tag in meant:
                WatchedTag.objects.filter(watch=watch, repository=repository, tag=tag).update(told=now)
            Watch.objects.filter(pk=watch.pk).update(rung=now)
            queue.ring("poll_watch", watch.pk)
        looks += len(meant)
    Registry.objects.filter(pk=registry.pk).update(hook_used=now)
    return looks


def poll(watch_id: int) -> int:
    """Looks at a watch that is due; returns how many jobs came of it. Raises leases.Taken where there is no need."""
    now = timezone.now()
    watch = due(now).select_related("registry__team", "user").filter(pk=watch_id).first()
    if watch is None:
        raise leases.Taken
    # Whoever read the row before another looked has another next_poll or lease in mind, and gets nothing.
    rows = Watch.objects.filter(pk=watch_id)
    token = leases.claim(rows.filter(next_poll=watch.next_poll, paused=False))
    if token is None:
        raise leases.Taken
    whole = watch.next_poll <= now
    with leases.Lease(rows, token).held() as lease:
        ours = rows.filter(lease_token=token)
        try:
            made = _look(watch, lease, whole)
        except RegistryError as error:
            _failed(watch, ours, error)
            return 0
        except leases.LeaseLost:  # paused or deleted meanwhile
            return 0
    fields = {"polled": now, "next_poll": now + timedelta(seconds=watch.every)} if whole else {}
    ours.update(error="", attempt=0, lease_until=None, lease_token="", **fields)
    return made


def _look(watch: Watch, lease: leases.Lease, whole: bool) -> int:
    """One HEAD a tag; the tags that were not looked at for longest come first, so that a limit starves none."""
    made = 0
    try:
        quotas.check(watch.registry.team)
    except quotas.QuotaReached as full:  # what is pushed meanwhile is brought once there is room
        raise RegistryError(Kind.FAILED, str(full)) from None
    with opened(watch.registry) as client:
        if whole:
            pairs = matching(client, watch.repository, watch.tag)
            _keep_rows(watch, pairs)
            wanted = set(pairs)
            rows = [row for row in watch.tags.all() if (row.repository, row.tag) in wanted]
        else:
            rows = list(watch.tags.filter(told__isnull=False))
        for row in sorted(rows, key=lambda row: (row.checked is not None, row.checked, row.repository, row.tag)):
            lease.check()
            made += _look_at(watch, row, client)
    return made


def _look_at(watch: Watch, row: WatchedTag, client: RegistryClient) -> int:
    now = timezone.now()
    told = Q(told=row.told)  # told again meanwhile: looked at again
    try:
        digest = client.digest(row.repository, row.tag) or client.manifest(row.repository, row.tag).digest
    except RegistryError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        # The tag is gone, or is not there yet. When it is back under the same digest there is nothing new.
        WatchedTag.objects.filter(told, pk=row.pk).update(told=None)
        WatchedTag.objects.filter(pk=row.pk).update(checked=now)
        return 0
    if digest == row.digest:
        WatchedTag.objects.filter(told, pk=row.pk).update(told=None)
        WatchedTag.objects.filter(pk=row.pk).update(checked=now)
        return 0
    with transaction.atomic():
        changed = WatchedTag.objects.filter(pk=row.pk, digest=row.digest).update(
            digest=digest, changed=now, checked=now
        )
        WatchedTag.objects.filter(told, pk=row.pk).update(told=None)
        if not changed or (watch.from_now_on and watch.polled is None and not row.told):
            return 0
        job = create_pull(
            team=watch.registry.team,
            user=watch.user,
            reference=f"{watch.registry.host}/{row.repository}:{row.tag}",
            credentials=credentials_of(watch.registry),
        )
        WatchedTag.objects.filter(pk=row.pk).update(job=job)
    return 1


def _keep_rows(watch: Watch, pairs: list[Pair]) -> None:
    known = set(watch.tags.values_list("repository", "tag"))
    fresh = [WatchedTag(watch=watch, repository=repository, tag=tag) for repository, tag in pairs]
    WatchedTag.objects.bulk_create(
        [row for row in fresh if (row.repository, row.tag) not in known], ignore_conflicts=True
    )


def _failed(watch: Watch, ours: QuerySet[Watch], error: RegistryError) -> None:
    """Notes why; the next look comes later with each failure, and not before the registry wants to be asked again."""
    now = timezone.now()
    watch.refresh_from_db(fields=["attempt"])
    watch.registry.refresh_from_db(fields=["quiet_until"])
    quiet = watch.registry.quiet_until
    if error.kind is Kind.RATE_LIMITED:
        ours.update(attempt=F("attempt") - 1)
        after = max(now + timedelta(seconds=error.retry_after or 60.0), quiet or now)
    else:
        after = now + timedelta(seconds=min(watch.every * 2 ** min(watch.attempt - 1, 6), MOST_BACK_OFF))
    log.info("a look at %s failed: %s", watch, error)
    watch.tags.update(told=None)  # the next look is at all of them
    ours.update(error=str(error), next_poll=after, lease_until=None, lease_token="")


def _is_about(watch: Watch, pair: Pair) -> bool:
    repository, tag = pair
    return matches(watch.repository, repository) and matches(watch.tag, tag)
