"""Bases: what they save, which have moved on, and what images say of their own."""

import pytest
from django.test import Client

from analyzer.models import ArchiveImage, Image, Reference, ReferenceMove
from tests.cast import Cast
from tests.rows import add_image, add_job
from tests.web.budget import get_within_budget

ADDRESS = "/reuse/bases/"
BASE = {"debian": 1_048_576}
NODE = {**BASE, "node": 4096}


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    """`debian` carries `node:1`, which carries `web` and `api`; Charlie's team has an image on `debian` too."""
    add_image(cast.team, ["debian"], layers=BASE, minutes=0)
    add_image(cast.team, ["node:1"], layers=NODE, minutes=1)
    add_image(cast.team, ["web"], layers={**NODE, "web": 100}, minutes=2)
    add_image(cast.team, ["api"], layers={**NODE, "api": 20}, minutes=3)
    add_image(cast.other_team, ["secret"], layers={**BASE, "secret": 7}, minutes=5)
    return cast


def page(client: Client, query: str = "") -> str:
    response = client.get(f"{ADDRESS}{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def named(shelf: Cast, name: str) -> Image:
    return shelf.team.references.get(repository=f"docker.io/library/{name}").image


def push_again(shelf: Cast) -> Image:
    """`node:1` means another image from now on."""
    old = named(shelf, "node")
    reference = Reference.objects.get(team=shelf.team, repository="docker.io/library/node")
    ReferenceMove.objects.create(reference=reference, image=old, image_digest=old.image_id)
    newer = add_image(shelf.team, ["node:1"], layers={**BASE, "node again": 5000}, minutes=9)
    ReferenceMove.objects.create(reference=reference, image=newer, image_digest=newer.image_id)
    return newer


def claim(shelf: Cast, image: Image, name: str, digest: str = "") -> None:
    job = add_job(shelf.team, "claimed.tar", images=[image])
    ArchiveImage.objects.filter(archive=job.archive).update(base_name=name, base_digest=digest)


def test_each_base_saves_its_own_part_once_for_each_further_image(shelf: Cast):
    rows = shelf.client(shelf.alice).get(f"{ADDRESS}?format=json").json()["bases"]
    assert [(row["references"][0], row["own_size"], row["users"], row["saved"]) for row in rows] == [
        ("docker.io/library/debian:latest", 1_048_576, 4, 3 * 1_048_576),
        ("docker.io/library/node:1", 4096, 3, 2 * 4096),
    ]
    # All that is shared here is shared through bases, so their savings are what naive exceeds the chains by.
    ladder = shelf.client(shelf.alice).get("/?part=ladder&format=json").json()["ladder"]
    assert sum(row["saved"] for row in rows) == ladder[1]["saving"]
    text = page(shelf.client(shelf.alice))
    assert "debian saves 3.00 MiB: 4 images share it" in text
    assert 'title="api, web"' in text


def test_in_a_narrower_scope_a_base_saves_what_it_saves_there(shelf: Cast):
    rows = shelf.client(shelf.alice).get(f"{ADDRESS}?repository=web&format=json").json()["bases"]
    assert [(row["references"], row["users"], row["saved"]) for row in rows] == [(["docker.io/library/node:1"], 1, 0)]


def test_images_on_an_older_push_are_told_with_what_moving_them_would_share(shelf: Cast):
    old, newer = named(shelf, "node"), push_again(shelf)
    client = shelf.client(shelf.alice)
    drift = client.get(f"{ADDRESS}?format=json").json()["drift"][0]
    assert (drift["name"], drift["image_id"], drift["newer"]) == ("node:1", old.image_id, newer.image_id)
    assert len(drift["images"]) == 2
    assert drift["more_shared"] == 2 * (5000 - 4096)
    assert drift["freed"] == 4096  # the older push has no name any more
    text = page(client)
    assert "2 images still stand on an older push of node:1" in text
    assert "/reuse/what-if/?ask=rebase&amp;move=web&amp;onto=node%3A1" in text


def test_a_base_that_moved_and_carries_nothing_is_no_drift(shelf: Cast):
    assert "No base has moved on" in page(shelf.client(shelf.alice))


def test_an_image_that_names_another_base_than_its_chain_has_is_shown(shelf: Cast):
    add_image(shelf.team, ["alpine"], layers={"alpine": 5})
    claim(shelf, named(shelf, "web"), "alpine")
    claim(shelf, named(shelf, "api"), "docker.io/library/node:1")
    client = shelf.client(shelf.alice)
    verdicts = {row["references"][0]: row["verdict"] for row in client.get(f"{ADDRESS}?format=json").json()["claims"]}
    assert verdicts == {"docker.io/library/web:latest": "other", "docker.io/library/api:latest": "agrees"}
    text = page(client)
    assert "1 image of 2 name another base than their chain stands on" in text
    assert "the chain does not stand on it" in text


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("debian", "below"), ("node:1", "older"), ("registry.example/nothing:1", "not here"), ("<b>&", "not here")],
)
def test_what_a_claim_means(shelf: Cast, name: str, verdict: str):
    push_again(shelf)
    claim(shelf, named(shelf, "web"), name)
    client = shelf.client(shelf.alice)
    assert client.get(f"{ADDRESS}?format=json").json()["claims"][0]["verdict"] == verdict
    assert "<b>&" not in page(client)


def test_the_digest_of_a_manifest_says_which_push_was_meant(shelf: Cast):
    node = named(shelf, "node")
    digest = f"sha256:{'ab' * 32}"
    job = add_job(shelf.team, "node.tar", images=[node])
    ArchiveImage.objects.filter(archive=job.archive).update(manifest_digest=digest)
    push_again(shelf)
    claim(shelf, named(shelf, "web"), "node:1", digest)
    row = shelf.client(shelf.alice).get(f"{ADDRESS}?format=json").json()["claims"][0]
    assert (row["verdict"], row["meant"]) == ("agrees", node.image_id)


def test_every_table_has_a_csv_twin(shelf: Cast):
    client = shelf.client(shelf.alice)
    for part in ("bases", "drift", "claims"):
        response = client.get(f"{ADDRESS}?part={part}&format=csv")
        assert response["Content-Disposition"] == f'attachment; filename="{part}.csv"'
    assert client.get(f"{ADDRESS}?part=nothing&format=csv").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_images(shelf: Cast):
    push_again(shelf)
    for number in range(20):
        image = add_image(shelf.team, [f"app{number}"], layers={**NODE, f"app{number}": number + 1})
        claim(shelf, image, "node:1")
    assert get_within_budget(shelf.client(shelf.alice), ADDRESS).status_code == 200


def test_without_a_base_the_page_says_so(cast: Cast):
    add_image(cast.team, ["lonely"], layers={"lonely": 5})
    text = page(cast.client(cast.alice))
    assert "No image stands on another one" in text
    assert "No image says what its base is" in text


def test_team_access_works(shelf: Cast):
    assert "4 images share it" in page(shelf.client(shelf.bob))


def test_a_bad_id_gives_404(shelf: Cast):
    assert shelf.client(shelf.alice).get(f"{ADDRESS}?team=nothing").status_code == 404


def test_ownership_is_checked(shelf: Cast):
    text = page(shelf.client(shelf.charlie))
    assert "No image stands on another one" in text  # though it stands on Alice's debian
    assert ">debian<" not in text
    assert Client().get(ADDRESS).status_code == 302
