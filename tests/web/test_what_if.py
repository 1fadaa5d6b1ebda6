"""What if: what deleting, pulling and moving images would change, from an address alone."""

from typing import Any

import pytest
from django.test import Client

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Members
from analyzer.filetree.listing import Listing
from analyzer.models import ArchiveImage, Layer, LayerListing
from tests.cast import Cast
from tests.rows import add_image, add_job, diff_id
from tests.web.budget import get_within_budget

BASE = {"base": 1_048_576}
NODE = {**BASE, "node": 4096}
ADDRESS = "/reuse/what-if/"


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """`base`, `node` on it with two images, `alone` on a base of its own; Charlie's team stands on `base` too."""
    add_image(cast.team, ["base"], layers=BASE, minutes=0)
    add_image(cast.team, ["node:1"], layers=NODE, minutes=1)
    add_image(cast.team, ["web"], layers={**NODE, "web": 100}, minutes=2)
    add_image(cast.team, ["api"], layers={**NODE, "api": 20}, minutes=3)
    add_image(cast.team, ["alone"], layers={"other": 7000, "alone": 30}, minutes=4)
    add_image(cast.other_team, ["secret"], layers={**NODE, "secret": 7}, minutes=5)
    listing, _ = Listing.build(Members(), Limits())
    for layer in Layer.objects.all():
        LayerListing.objects.create(layer=layer, document=listing.to_parquet())
    return cast


def page(client: Client, query: str = "") -> str:
    response = client.get(f"{ADDRESS}{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def document(client: Client, query: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{ADDRESS}{query}&format=json").json()
    return answer


def test_deleting_a_family_frees_more_than_its_unique_sizes(shelf: Cast):
    client = shelf.client(shelf.alice)
    text = page(client, "?image=node:1&image=web&image=api")
    assert "Deleting these 3 images frees 4.12 KiB in 3 layers" in text
    assert "Their unique sizes add up to 120 B only. 4.00 KiB are shared among just these images" in text
    told = document(client, "?image=node:1,web+api")
    assert (told["freed"], told["freed_chains"]) == (4216, 4216)
    assert [image["freed"] for image in told["images"]] == [0, 100, 4216]


def test_a_layer_on_another_parent_frees_a_chain_and_no_layer(shelf: Cast):
    add_image(shelf.team, ["moved"], layers={"other": 7000, "web": 100})
    client = shelf.client(shelf.alice)
    told = document(client, "?image=web")
    assert (told["freed"], told["freed_chains"]) == (0, 100)
    assert "Deleting this image frees nothing" in page(client, "?image=web")
    assert "An engine that holds the same images frees 100 B" in page(client, "?image=web")


def test_a_base_in_use_is_said_to_be_one(shelf: Cast):
    text = page(shelf.client(shelf.alice), "?image=node:1&image=web")
    assert "a base in use: 1 image that stays" in text
    assert 'title="api"' in text


def test_images_are_taken_out_one_by_one(shelf: Cast):
    text = page(shelf.client(shelf.alice), "?image=node:1&image=web")
    assert 'href="/reuse/what-if/?ask=delete&amp;image=web" aria-label="Take out node:1"' in text
    assert '<input type="hidden" name="image" value="web">' in text
    assert "/images/delete/?image=sha256%3A" in text


def test_so_much_is_freed_by_as_few_and_as_old_images_as_can_be(shelf: Cast):
    client = shelf.client(shelf.alice)
    told = document(client, "?ask=room&size=25")
    assert [image["references"] for image in told["images"]] == [["docker.io/library/web:latest"]]
    told = document(client, "?ask=room&size=4+KiB&image=alone")
    assert [len(image["base_of"]) for image in told["images"]] == [0, 0, 0]
    assert told["freed"] == 4216
    assert "Deleting 3 images frees 4.12 KiB here" in page(client, "?ask=room&size=4+KiB&image=alone")
    assert "Deleting 1 image frees 6.87 KiB here" in page(client, "?ask=room&size=4+KiB")


def test_what_cannot_be_freed_is_said(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert "There are not 1.00 GiB to free here" in page(client, "?ask=room&size=1GiB")
    assert "is no size: write it as 2 GiB or 500 MB." in page(client, "?ask=room&size=lots")
    assert "All of them together would free" in page(client, "?ask=room")


def test_what_stays_in_the_scope_is_all_that_may_go(shelf: Cast):
    told = document(shelf.client(shelf.alice), "?ask=room&size=1MiB&repository=alone")
    assert [image["references"] for image in told["images"]] == [["docker.io/library/alone:latest"]]


def carry(shelf: Cast, name: str, **blobs: int) -> None:
    """An archive that brought the image with gzip blobs of these sizes."""
    image = shelf.team.references.get(repository=f"docker.io/library/{name}").image
    job = add_job(shelf.team, f"{name}.tar", images=[image])
    row = ArchiveImage.objects.get(archive=job.archive)
    row.layers = [
        {
            "diff_id": diff_id(word),
            "blob_digest": diff_id(f"gzip {word}"),
            "blob_size": size,
            "compression": "gzip",
            "status": "ok",
        }
        for word, size in blobs.items()
    ]
    row.save()


def test_a_pull_transfers_the_blobs_that_the_host_lacks(shelf: Cast):
    carry(shelf, "web", base=500, node=40, web=3)
    client = shelf.client(shelf.alice)
    told = document(client, "?ask=pull&pull=web&image=base")
    assert (told["transfer"], told["already"], told["estimated"]) == (43, 500, False)
    assert told["blobs"][0]["digest"] == diff_id("gzip node")
    assert "web costs a host that has 1 image 43 B" in page(client, "?ask=pull&pull=web&image=base")


def test_without_a_compressed_blob_the_cost_is_estimated_and_says_so(shelf: Cast):
    carry(shelf, "web", base=500, node=40, web=3)
    client = shelf.client(shelf.alice)
    told = document(client, "?ask=pull&pull=api")
    assert (told["transfer"], told["estimated"]) == (500 + 40 + 20 + 1024, True)
    assert "api costs a host without images at most 1.55 KiB" in page(client, "?ask=pull&pull=api")
    assert "estimated: at most" in page(client, "?ask=pull&pull=api")


def test_every_image_of_the_scope_has_its_cost_for_a_host(shelf: Cast):
    text = page(shelf.client(shelf.alice), "?ask=pull&image=web")
    assert "base is the lightest for a host that has 1 image: 0 B" in text
    assert text.index(">node:1</a>") < text.index(">alone</a>")


def test_a_blob_of_another_team_is_not_told(shelf: Cast):
    secret = shelf.other_team.images.get()
    job = add_job(shelf.other_team, "secret.tar", images=[secret])
    gzip = {"blob_size": 9, "compression": "gzip", "status": "ok"}
    layers = [{"diff_id": diff_id(word), "blob_digest": diff_id(f"z{word}"), **gzip} for word in ("base", "node")]
    ArchiveImage.objects.filter(archive=job.archive).update(layers=layers)
    assert diff_id("znode") not in page(shelf.client(shelf.alice), "?ask=pull&pull=web")


def test_another_base_would_be_shared(shelf: Cast):
    client = shelf.client(shelf.alice)
    text = page(client, "?ask=rebase&move=alone&onto=node:1")
    assert "On node:1, alone would share 1.00 MiB: 1.00 MiB more than now" in text
    assert "Assumed: all of its 2 layers, since no base of it is known, would lie as they are on node:1." in text
    told = document(client, "?ask=rebase&move=web&onto=alone")
    assert told["shared"] == {"before": 1_048_576 + 4096, "after": 7030}
    assert told["freed"] == told["freed_chains"] == 0  # the base that it leaves carries others
    assert [layer["from"] for layer in told["layers"]] == ["base", "base", "image"]
    assert "web stands on base already" in page(client, "?ask=rebase&move=web&onto=base")


def test_an_image_is_not_moved_onto_itself_or_with_a_layer_missing(shelf: Cast):
    add_image(shelf.team, ["torn"], layers={**BASE, "gone": 5}, missing=["gone"])
    client = shelf.client(shelf.alice)
    assert "An image can&#x27;t be its own base." in page(client, "?ask=rebase&move=web&onto=web")
    assert "torn lacks a layer" in page(client, "?ask=rebase&move=torn&onto=base")


def test_of_many_chosen_images_each_has_a_box(shelf: Cast):
    names = [f"app{number}" for number in range(20)]
    for name in names:
        add_image(shelf.team, [name], layers={**BASE, name: 1})
    text = page(shelf.client(shelf.alice), "?" + "&".join(f"image={name}" for name in names))
    assert text.count('<input type="checkbox" name="image"') == 20
    assert "Take out" not in text
    assert "Name an image, and those that a host has" in page(shelf.client(shelf.alice), "?ask=pull")


def test_every_table_has_a_csv_twin(shelf: Cast):
    client = shelf.client(shelf.alice)
    for query, parts in {
        "?image=web": ("images", "layers"),
        "?ask=room&size=10": ("images", "layers"),
        "?ask=pull&pull=web": ("blobs",),
        "?ask=pull&image=web": ("images",),
        "?ask=rebase&move=alone&onto=base": ("layers",),
    }.items():
        for part in parts:
            response = client.get(f"{ADDRESS}{query}&part={part}&format=csv")
            assert response["Content-Disposition"] == f'attachment; filename="{part}.csv"'
        assert client.get(f"{ADDRESS}{query}&part=nothing&format=csv").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?image=web&image=api", "?ask=room&size=1", "?ask=pull&pull=web", "?ask=pull&image=web"]
)
def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast, query: str):
    for number in range(20):
        add_image(shelf.team, [f"app{number}"], layers={**BASE, f"app{number}": number + 1})
    assert get_within_budget(shelf.client(shelf.alice), f"{ADDRESS}{query}").status_code == 200
    query = "?ask=rebase&move=alone&onto=node:1"
    assert get_within_budget(shelf.client(shelf.alice), f"{ADDRESS}{query}").status_code == 200


def test_team_access_works(shelf: Cast):
    assert "Deleting this image frees 100 B" in page(shelf.client(shelf.bob), "?image=web")


def test_a_bad_id_is_said_and_its_twin_is_404(shelf: Cast):
    client = shelf.client(shelf.alice)
    assert "No image that you can see goes by nothing." in page(client, "?image=nothing")
    assert "is neither an image ID nor a reference" in page(client, "?ask=pull&pull=%3Cb%3E")
    for query in ("?image=nothing", "?ask=pull&pull=nothing", "?ask=rebase&move=web&onto=nothing"):
        assert client.get(f"{ADDRESS}{query}&format=json").status_code == 404


def test_ownership_is_checked(shelf: Cast):
    client = shelf.client(shelf.charlie)
    assert "No image that you can see goes by web." in page(client, "?image=web")
    # Nor is it told that images of another team share the layers.
    assert document(client, "?image=secret")["freed"] == 1_048_576 + 4096 + 7
    assert client.get(f"{ADDRESS}?image=web&format=json").status_code == 404
    assert Client().get(ADDRESS).status_code == 302
