"""The made collection is what archives would have left: its figures add up, and it has what the pages are about."""

import hashlib
from collections import Counter

import pytest
from django.db.models import Count, F

from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.filetree.merged import merge
from analyzer.filetree.overlay import UnionMount
from analyzer.models import Archive, Chain, Content, Image, ImageLayer, Job, Layer, LayerListing, ReferenceMove, Team
from tests.scale.fill import fill
from tests.scale.plan import Plan

IMAGES = 30


@pytest.fixture
def collection(db: None) -> None:
    fill(IMAGES, density=0.05)


def test_the_same_seed_plans_the_same_year_and_another_one_does_not():
    assert list(Plan(IMAGES, 1).builds()) == list(Plan(IMAGES, 1).builds())
    assert list(Plan(IMAGES, 1).builds()) != list(Plan(IMAGES, 2).builds())


@pytest.mark.parametrize("images", [30, 100, 1_000])
def test_a_plan_has_the_images_that_were_asked_for_and_some_three_layers_to_each(images):
    builds = list(Plan(images, 1).builds())
    made = {(build.built, build.steps) for build in builds}
    layers = {step.recipe for build in builds for step in build.steps if step.recipe}
    assert len(made) == images
    assert len(builds) >= images  # some come once more, under another name
    assert 2 * images < len(layers) < 3.5 * images


def test_figures_are_those_of_the_listings(collection):
    assert Image.objects.count() == IMAGES
    files: Counter[bytes] = Counter()
    for row in LayerListing.objects.select_related("layer"):
        listing = Listing.from_parquet(bytes(row.document))
        assert sum(listing.sizes) == row.layer.size
        assert len(listing) == row.layer.entries == sum(row.layer.kinds.values())
        files.update(sha256[: Content.PREFIX_BYTES] for sha256 in listing.sha256s if sha256)
    assert {bytes(prefix): copies for prefix, copies in Content.objects.values_list("pk", "copies")} == files


@pytest.mark.once
def test_chains_are_what_a_union_mount_makes_of_their_layers(collection):
    chain = Chain.objects.order_by("-depth", "pk")[0]
    layers = [row.layer for row in chain.image_layers.all()[0].image.image_layers.all() if row.layer]
    mount = UnionMount()
    for layer in layers:
        mount.apply(Listing.from_parquet(bytes(layer.listing.document)))
    merged = merge(mount)
    assert (chain.size - chain.waste, chain.merged_entries) == (sum(merged.sizes), mount.entries)


@pytest.mark.once
def test_it_has_what_sharing_is_about(collection):
    uses = ImageLayer.objects.values("layer").annotate(images=Count("image", distinct=True))
    assert max(row["images"] for row in uses) > IMAGES // 4
    assert Chain.objects.count() > Layer.objects.count()  # the same layer on another parent
    assert ReferenceMove.objects.exclude(image=F("reference__image")).exists()
    assert Team.objects.filter(images__isnull=False).distinct().count() > 2
    kinds: Counter[str] = Counter()
    for layer in Layer.objects.all():
        kinds.update(layer.kinds)
    assert min(kinds[kind.label] for kind in (Kind.WHITEOUT, Kind.OPAQUE, Kind.SYMLINK)) > 0
    assert Chain.objects.filter(waste_parent_deleted__gt=0, waste_opaque__gt=0).exists()


@pytest.mark.once
def test_it_came_in_over_a_year(collection):
    days = sorted(Archive.objects.values_list("created", flat=True))
    assert 300 < (days[-1] - days[0]).days < 366
    assert Job.objects.count() == len(days)
    assert Image.objects.filter(created_at__gte=F("stored")).count() == 0


@pytest.mark.once
def test_it_is_the_same_on_every_machine(collection):
    images = "".join(Image.objects.order_by("image_id").values_list("image_id", flat=True))
    assert hashlib.sha256(images.encode()).hexdigest()[:12] == "1fe615876a8b"
