"""Indexes a layer once its image is ready: what Find and some reports need, off the way that people wait on.

`STEPS` is the list of what is built. A step's function gets the layer and its listing, works out what is to be written
(no transaction is open meanwhile) and gives back what writes it: that SHALL replace what an earlier run wrote, and
SHALL write only rows that go with the layer. All steps that a layer lacks are written in one transaction. A function
that raises is logged and counts as done, since the same listing would make it raise again: raise the step's version
with the fix. An error of the database, or a worker that is killed, costs one of JOB_ATTEMPTS.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from analyzer import queue
from analyzer.filetree.listing import Listing
from analyzer.filetree.postings import VERSION
from analyzer.models import ImageLayer, Layer, LayerIndex, LayerListing
from analyzer.services import leases, packages, postings, secrets
from analyzer.services.nearmisses import near_misses
from analyzer.services.preparing import prepare_layer

log = logging.getLogger(__name__)

Write = Callable[[], None]
Report = Callable[[int, int], None]
"""Called with the number of layers done, and of those to do."""

TURN_SECONDS = 2.0  # what a task takes before others get their turn
LEASE_SECONDS = 60.0  # of one layer: whoever takes longer may be joined by another, which does no harm
ROWS = 1_000  # layers that a turn looks at


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the index. A higher version builds it anew for every layer."""

    name: str
    version: int
    function: Callable[[Layer, Listing], Write]

    def __str__(self) -> str:
        return f"{self.name}.{self.version}"


STEPS: tuple[Step, ...] = (
    Step("postings", VERSION, postings.build),
    Step("near-misses", 1, near_misses),
    Step("packages", 1, packages.build),
    Step("seek", 1, prepare_layer),
    Step("secrets", 1, secrets.build),  # after the seek points, which it reads with
)


def waiting() -> QuerySet[Layer]:
    """The layers of ready images that lack a step, those given up aside."""
    used = ImageLayer.objects.filter(layer=OuterRef("pk"))
    ended = LayerIndex.objects.filter(layer=OuterRef("pk"))
    done, given_up = ended.filter(steps=_words(STEPS)), ended.filter(attempt__gte=settings.JOB_ATTEMPTS)
    return Layer.objects.filter(~Exists(done), ~Exists(given_up), Exists(used))


def index_some() -> None:
    """Indexes waiting layers, newest first, for one turn, and rings for the next if some are left.

    Nothing while another worker does: people's archives go first, so that one at a time is enough.
    """
    if _somebody_is_at_it():
        return
    deadline = time.monotonic() + TURN_SECONDS
    for layer in waiting().order_by("-pk")[:ROWS]:
        index_layer(layer)
        if time.monotonic() > deadline:
            queue.ring("index_layers")
            return


def ring_if_waiting() -> bool:
    """Rings for layers that nobody indexes: what the reconciler does. Returns whether it rang."""
    if _somebody_is_at_it() or not waiting().exists():
        return False
    queue.ring("index_layers")
    return True


def ensure_indexed(
    layers: Iterable[Layer] | None = None, report: Report | None = None, only: Collection[str] = ()
) -> None:
    """Indexes what waits (of `layers`, or of all) before it comes back: for commands, which have no worker.

    `only` names the steps that the command needs; none: all. A layer that a worker has in hands is left to it.
    """
    found = waiting()
    if layers is not None:
        found = found.filter(pk__in=[layer.pk for layer in layers])
    wanted = [str(step) for step in STEPS if step.name in only]
    if only:
        rows = LayerIndex.objects.filter(*(Q(steps__contains=step) for step in wanted), layer=OuterRef("pk"))
        found = found.filter(~Exists(rows))
    todo = list(found.order_by("-pk"))
    for done, layer in enumerate(todo, 1):
        index_layer(layer, only)
        if report:
            report(done, len(todo))


def index_layer(layer: Layer, only: Collection[str] = ()) -> bool:
    """Runs the steps that the layer lacks, or those of them that `only` names.

    False if somebody else does it, the layer is gone, or its database away.
    """
    try:
        return _claim(layer) and _run(layer, only)
    except IntegrityError:  # it was removed meanwhile
        return False
    except DatabaseError:
        log.exception("layer %s could not be indexed", layer)
        return False


def _somebody_is_at_it() -> bool:
    return LayerIndex.objects.filter(lease_until__gt=timezone.now()).exists()


def _claim(layer: Layer) -> bool:
    LayerIndex.objects.bulk_create([LayerIndex(layer=layer)], ignore_conflicts=True)
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    rows = LayerIndex.objects.filter(leases.free(), layer=layer)
    return bool(rows.update(lease_until=until, attempt=F("attempt") + 1))


def _run(layer: Layer, only: Collection[str]) -> bool:
    row = LayerIndex.objects.filter(layer=layer)
    done = set((row.values_list("steps", flat=True).first() or "").split())
    document = LayerListing.objects.filter(layer=layer).values_list("document", flat=True).first()
    if document is None:
        return False
    listing = Listing.from_parquet(bytes(document))
    writes, failed = [], []
    for step in STEPS:
        if str(step) in done or (only and step.name not in only):
            continue
        done.add(str(step))
        try:
            writes.append(step.function(layer, listing))
        except DatabaseError:
            raise
        except Exception:
            log.exception("step %s of layer %s", step, layer)
            failed.append(step)
    with transaction.atomic():
        if not Layer.objects.select_for_update(no_key=True).filter(pk=layer.pk).exists():
            return False
        for write in writes:
            write()
        row.update(
            steps=_words(step for step in STEPS if str(step) in done),
            failed=_words(failed),
            attempt=0,
            lease_until=None,
        )
    return True


def _words(steps: Iterable[Step]) -> str:
    return " ".join(map(str, steps))
