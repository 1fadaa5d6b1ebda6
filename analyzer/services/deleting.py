"""Deleting what is stored, for administrators: what goes with it is told to the byte before, and nothing else goes."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, Sum
from django.db.models.functions import Length

from analyzer.filetree.listing import Listing
from analyzer.models import Blob, Content, Holding, Image, ImageLayer, Layer, LayerListing, Team, Upkeep, UpkeepKind
from analyzer.selectors.removal import going_with
from analyzer.services import contents, upkeep
from analyzer.services.keeping import drop_blobs, store
from analyzer.services.removal import remove_image, remove_unheld, remove_unused
from analyzer.services.upkeep import Work

MOST_ENTRIES = 200_000
"""Entries of layers whose contents are looked up while a page waits: a second."""

CHUNK = 500


@dataclass(frozen=True)
class Doomed:
    """What goes. `asked`: the layers that it was asked for; each stays if something that is not listed here uses it."""

    asked: tuple[Layer, ...]
    images: tuple[Image, ...]
    holdings: tuple[Holding, ...]  # of these images, with their teams
    layers: tuple[Layer, ...]  # that nothing else uses, the largest first
    staying: int  # further layers of the images, which others use
    chains: int

    @cached_property
    def teams(self) -> list[Team]:
        return sorted({holding.team for holding in self.holdings}, key=lambda team: team.name)

    @cached_property
    def blobs(self) -> dict[str, int]:
        """Digests of the files that go, and their bytes as they are on the disk."""
        digests = Blob.objects.filter(layer__in=self.layers).order_by("digest").values_list("digest", flat=True)
        blobs = store()
        return {digest: blobs.size(digest) for digest in digests if blobs.has(digest)}

    @property
    def promised(self) -> int:
        """Bytes by which the blob store shrinks."""
        return sum(self.blobs.values())

    @property
    def size(self) -> int:
        """Sum of the sizes of the layers that go, by diffID."""
        return sum(layer.size for layer in self.layers)

    @property
    def entries(self) -> int:
        return sum(layer.entries for layer in self.layers)

    @cached_property
    def listing_bytes(self) -> int:
        """Bytes of the database that the listings take."""
        rows = LayerListing.objects.filter(layer__in=self.layers)
        return rows.aggregate(total=Sum(Length("document")))["total"] or 0

    @cached_property
    def contents(self) -> int | None:
        """Contents of files that only these layers hold. None: too many to count while somebody waits."""
        if self.entries > MOST_ENTRIES:
            return None
        held: dict[bytes, int] = {}
        for row in LayerListing.objects.filter(layer__in=self.layers).iterator(chunk_size=4):
            listing = Listing.from_parquet(bytes(row.document), columns=["path", "kind", "size", "sha256"])
            for prefix, _, _ in contents.rows_of(listing):
                held[prefix] = held.get(prefix, 0) + 1
        keys, only = list(held), 0
        for start in range(0, len(keys), CHUNK):
            rows = Content.objects.filter(sha256_prefix__in=keys[start : start + CHUNK])
            only += sum(layers <= held[bytes(prefix)] for prefix, layers in rows.values_list("sha256_prefix", "layers"))
        return only

    @property
    def word(self) -> str:
        """What is to be typed where others use what goes; empty where nobody does."""
        if not self.images:
            return ""
        return str(self.asked[0].diff_id[7:19] if self.asked else self.images[0].image_id[7:19])

    @cached_property
    def plan(self) -> dict[str, Any]:
        images: dict[str, list[int]] = {str(image.pk): [] for image in self.images}
        for holding in self.holdings:
            images[str(holding.image_id)].append(holding.team_id)
        return {
            "images": {pk: sorted(teams) for pk, teams in sorted(images.items())},
            "layers": sorted({layer.diff_id for layer in (*self.asked, *self.layers)}),
            "blobs": self.blobs,
        }

    @property
    def seal(self) -> str:
        """Of this very plan: a confirmation of another one is none of this."""
        return hashlib.sha256(json.dumps(self.plan, sort_keys=True).encode()).hexdigest()[:32]


def doomed_layers(layers: Sequence[Layer]) -> Doomed:
    """What goes when these layers do: every image that has one of them, and what only those images use."""
    used = ImageLayer.objects.filter(layer__in=layers).order_by()
    return _doomed(list(Image.objects.filter(pk__in=used.values("image"))), layers)


def doomed_images(images: Sequence[Image]) -> Doomed:
    """What goes when these images are deleted from every team."""
    return _doomed(images, ())


def _doomed(images: Sequence[Image], asked: Sequence[Layer]) -> Doomed:
    pks = {image.pk for image in images}
    layers, chains = going_with(pks)
    unused = [layer.pk for layer in asked if layer.pk not in layers]
    going = Layer.objects.filter(Q(pk__in=unused) | Q(pk__in=layers)).order_by("-size", "diff_id")
    all_of_them = ImageLayer.objects.filter(image__in=pks, layer__isnull=False).order_by()
    return Doomed(
        asked=tuple(asked),
        images=tuple(images),
        holdings=tuple(Holding.objects.filter(image__in=pks).select_related("team").order_by("image_id", "team_id")),
        layers=tuple(going),
        staying=all_of_them.exclude(layer__in=layers).values("layer").distinct().count(),
        chains=len(chains),
    )


def ask_to_delete(doomed: Doomed, subject: str, user: User | None) -> Upkeep:
    """Work for a worker: exactly what was told goes."""
    return upkeep.ask(UpkeepKind.DELETE, subject, doomed.plan, user, promised=doomed.promised)


def delete(work: Work) -> None:
    """The images of the plan, from the teams that were named, one after the other; then the layers, then the bytes."""
    plan = work.row.plan
    for pk, teams in plan["images"].items():
        work.lease.check()
        image = Image.objects.filter(pk=pk).first()
        if image is not None:
            for team in list(Team.objects.filter(pk__in=teams, holdings__image=pk)):
                remove_image(image, team)
            remove_unheld(int(pk))
            stays = Image.objects.filter(pk=pk).exists()
            work.done(image.image_id, {"what": "image", "stays": "Another team holds it now." if stays else ""})
    for layer in Layer.objects.filter(diff_id__in=plan["layers"]):
        remove_unused(layer)
    there = set(Layer.objects.filter(diff_id__in=plan["layers"]).values_list("diff_id", flat=True))
    drop_blobs(plan["blobs"])  # again: whoever was killed after its transaction left the bytes
    blobs = store()
    freed = {digest: size for digest, size in plan["blobs"].items() if not blobs.has(digest)}
    results: Mapping[str, Any] = {
        **work.results,
        **{
            diff_id: {"what": "layer", "stays": "Images came meanwhile that have it." if diff_id in there else ""}
            for diff_id in plan["layers"]
        },
    }
    work.write(results=results, freed=sum(freed.values()))


def subject_of(things: Iterable[object], what: str) -> str:
    """`layer 0123456789ab`, or `3 layers`."""
    named = [str(thing) for thing in things]
    return f"{what} {named[0]}" if len(named) == 1 else f"{len(named)} {what}s"
