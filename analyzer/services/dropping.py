"""Bytes that go while everything told of them stays: listing, figures, digests. Files can't be opened any more."""

from collections.abc import Iterable

from django.contrib.auth.models import User

from analyzer.models import Blob, Upkeep, UpkeepKind
from analyzer.services import upkeep
from analyzer.services.keeping import drop_blobs, store
from analyzer.services.upkeep import Work


def bytes_of(blobs: Iterable[Blob]) -> dict[str, int]:
    """Of the kept ones of these blobs: digests, and bytes on the disk."""
    kept = store()
    return {blob.digest: kept.size(blob.digest) for blob in blobs if blob.kept and kept.has(blob.digest)}


def ask_to_drop(sizes: dict[str, int], subject: str, user: User | None) -> Upkeep:
    """Work for a worker: these bytes go."""
    return upkeep.ask(UpkeepKind.DROP, subject, {"blobs": sizes}, user, promised=sum(sizes.values()))


def drop(work: Work) -> None:
    """Each blob of the plan; one that an archive brings again afterwards is kept again."""
    for digest, size in work.row.plan["blobs"].items():
        if digest not in work.results:
            Blob.objects.filter(digest=digest).update(kept=False, verified=None, fault="")
            drop_blobs([digest])
            work.done(digest, {"freed": 0 if store().has(digest) else size})
    work.write(freed=sum(result["freed"] for result in work.results.values()))
