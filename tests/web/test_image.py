"""The Image page: figures, stack, history and tabs."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.test import Client
from django.utils.html import strip_tags

from analyzer.models import Image
from tests.archives import Layer as BuiltLayer
from tests.archives import Whiteout, docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import bring
from tests.web.budget import get_within_budget

UNKNOWN = f"sha256:{'0' * 64}"
BASE = layer({"etc/motd": b"hello", "bin/tool": b"#!" * 5000})
APP = layer({"srv/app": b"code" * 250, "etc/motd": Whiteout()})
STEPS = [
    "/bin/sh -c #(nop) ADD file:" + "ab" * 32 + " in / ",
    '#/bin/sh -c #(nop)  CMD ["sh"]',
    "/bin/sh -c make <all> && rm -f /etc/motd",
    "#EXPOSE 80",
]
BUILT_BASE = image([BASE], tags=["base:1"], history=STEPS[:2])
BUILT = image([BASE, APP], tags=["shop:1", "shop:latest"], history=STEPS)


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Image:
    """`shop:1` on `base:1`, both of Alice's team."""
    bring(tmp_path, docker_save(BUILT_BASE), cast.team, name="base.tar")
    bring(tmp_path, docker_save(BUILT), cast.team, name="shop.tar")
    return Image.objects.get(image_id=BUILT.id)


def test_an_image_whose_reference_has_moved_says_what_it_was_called(cast: Cast, shop: Image, tmp_path: Path):
    bring(tmp_path, docker_save(image([APP], tags=["shop:1", "shop:latest"])), cast.team, name="newer.tar")
    text = text_of(cast, shop)
    assert "was shop</span>" in text
    assert f'<h1><span class="mono">{shop.image_id[7:19]}</span></h1>' in text


def address(found: Image, query: str = "") -> str:
    return f"/images/{found.image_id}/{query}"


def text_of(cast: Cast, found: Image, query: str = "") -> str:
    return cast.client(cast.alice).get(address(found, query)).content.decode()


def test_the_readouts_say_what_is_its_own_and_what_is_shared(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    assert "<h1>shop:1</h1>" in text
    assert 'title="11,005 bytes"' in text  # the image
    assert 'title="1,000 bytes"' in text  # above the base
    assert 'title="10,005 bytes"' in text  # shared by chainID
    assert f'base <a href="/images/{BUILT_BASE.id}/">base:1</a>' in text
    assert "1 image</a>" in text
    assert "own 5B, inherited 0B" in strip_tags(text)


def test_the_history_reads_as_docker_prints_it(cast: Cast, shop: Image):
    response = cast.client(cast.alice).get(address(shop, "?part=history&format=json"))
    rows = json.loads(response.content)["history"]
    assert [row["created_by"] for row in rows] == [step.lstrip("#") for step in reversed(STEPS)]
    assert [row["size"] for row in rows] == [0, 1000, 0, 10005]
    assert [row["image"] for row in rows] == [BUILT.id, None, BUILT_BASE.id, None]
    assert [row["waste"] for row in rows] == [None, 0, None, 5]


def test_steps_without_an_image_of_the_viewer_are_missing(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    assert text.count("&lt;missing&gt;") == 2
    assert f'title="{BUILT_BASE.id} (base:1)"' in text


def test_a_digest_in_an_instruction_is_there_in_full_but_shown_short(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    assert f'ADD file:{"ab" * 6}</span><span class="tail">{"ab" * 26}</span> in / ' in text


def test_instructions_are_escaped(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    assert "make &lt;all&gt; &amp;&amp; rm" in text
    assert "make <all>" not in text


def test_the_stack_is_to_scale_and_draws_the_base_below_the_line(cast: Cast, shop: Image):
    text = text_of(cast, shop)
    assert "--sq:1.0000;--li:1.00000" in text
    assert "--sq:0.3161;--li:0.09995" in text
    own, _, below = text.partition('aria-label="Layers of the base, newest first"')
    assert f"/layers/{APP.diff_id}/" in own
    assert f"/layers/{BASE.diff_id}/" in below
    assert 'id="scale-root" value="root" checked' in text
    assert "in 2 images" in below


def test_the_server_reads_the_linear_scale(cast: Cast, shop: Image):
    assert 'id="scale-linear" value="linear" checked' in text_of(cast, shop, "?scale=linear")


def test_a_layer_that_is_missing_leaves_figures_unknown(cast: Cast, tmp_path: Path):
    members = oci_layout(BUILT)
    del members["blobs/sha256/" + APP.digest.removeprefix("sha256:")]
    bring(tmp_path, members, cast.team)
    text = text_of(cast, Image.objects.get())
    assert "Layer 1 is not in the archive." in text
    assert "<dt>Image size</dt><dd>not known</dd>" in text
    assert "<dt>Waste</dt><dd>not known</dd>" in text
    assert "1 layer of 2 could not be read" in text
    assert "The merged view needs every layer" in text


def test_a_history_that_does_not_align_is_shown_as_it_stands(cast: Cast, tmp_path: Path):
    built = image([BASE, APP], history=["one step", "#and an empty one"])
    bring(tmp_path, docker_save(built), cast.team)
    text = text_of(cast, Image.objects.get())
    assert "History and layers do not align" in text
    assert "one step" in text
    assert 'aria-label="Layers, newest first"' in text
    rows = json.loads(cast.client(cast.alice).get(address(Image.objects.get(), "?part=history&format=json")).content)
    assert [row["size"] for row in rows["history"]] == [0, None]


def test_a_forged_image_says_so_and_has_an_address_of_its_own(cast: Cast, tmp_path: Path):
    forged = image([BASE, APP], config={"rootfs": {"type": "layers", "diff_ids": [BASE.diff_id, BASE.diff_id]}})
    bring(tmp_path, docker_save(forged), cast.team)
    found = Image.objects.get()
    response = cast.client(cast.alice).get(f"/images/{found.image_id}@{found.forged_chain_id}/")
    assert "brought other layers than the ones that the config declares" in response.content.decode()
    assert cast.client(cast.alice).get(address(found)).status_code == 404


def test_an_image_without_layers_has_a_page(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(image([], history=["#LABEL a=b"])), cast.team)
    text = text_of(cast, Image.objects.get())
    assert "No layers: the image is its config alone" in text
    assert "No files: the image has no layer" in text


@pytest.mark.parametrize(
    ("tab", "says"),
    [
        ("files", "What a container sees"),
        ("layers", "1 of 2 layers shared with other images"),
        ("waste", "all of it its own doing"),
        ("config", "It runs /bin/sh"),
        ("findings", "2 notes"),
        ("archives", "It came in shop.tar"),
    ],
)
def test_each_tab_answers_alone_where_htmx_asks_for_it(cast: Cast, shop: Image, tab: str, says: str):
    client = cast.client(cast.alice)
    alone = client.get(address(shop, f"?tab={tab}"), headers={"HX-Target": "about"})
    assert alone.content.decode().startswith('\n<section class="sec tail" id="about"')
    assert says in alone.content.decode()
    assert says in text_of(cast, shop, f"?tab={tab}")


def test_the_config_is_data(cast: Cast, tmp_path: Path):
    built = image(
        [BASE], config={"config": {"Cmd": ["<script>alert(1)</script>"], "Env": ["A=<b>"], "Labels": {"x": "1"}}}
    )
    bring(tmp_path, docker_save(built), cast.team)
    text = text_of(cast, Image.objects.get(), "?tab=config")
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
    raw = cast.client(cast.alice).get(address(Image.objects.get(), "?part=config"))
    assert raw.content == built.config
    assert raw["Content-Type"] == "application/json"


def test_the_tables_have_csv_twins_that_run_nothing(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(image([BASE], history=["=cmd()"])), cast.team)
    response = cast.client(cast.alice).get(address(Image.objects.get(), "?part=history&format=csv"))
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert rows[0]["created_by"] == "'=cmd()"
    assert rows[0]["size"] == "10005"


@pytest.mark.parametrize("part", ["history", "layers", "waste", "findings", "archives"])
def test_every_table_has_its_twins(cast: Cast, shop: Image, part: str):
    client = cast.client(cast.alice)
    assert part in json.loads(client.get(address(shop, f"?part={part}&format=json")).content)
    assert client.get(address(shop, f"?part={part}&format=csv"))["Content-Type"].startswith("text/csv")


def test_the_whole_image_is_one_document(cast: Cast, shop: Image):
    document = json.loads(cast.client(cast.alice).get(address(shop, "?format=json")).content)
    assert document["image_id"] == BUILT.id
    assert document["waste"]["by_cause"]["deleted"] == 5


def test_what_others_hold_is_no_kin(cast: Cast, tmp_path: Path):
    bring(tmp_path, docker_save(BUILT_BASE), cast.other_team)
    bring(tmp_path, docker_save(BUILT), cast.team)
    text = text_of(cast, Image.objects.get(image_id=BUILT.id))
    assert BUILT_BASE.id not in text
    assert "base:1" not in text
    assert "with no other image" in text


def test_the_page_stays_within_its_budget_however_many_layers_there_are(cast: Cast, tmp_path: Path):
    stack: list[BuiltLayer] = [layer({f"file{number}": b"x" * number}) for number in range(1, 9)]
    for count in range(1, 9):
        bring(tmp_path, docker_save(image(stack[:count], tags=[f"app:{count}"])), cast.team)
    client = cast.client(cast.alice)
    for found in Image.objects.order_by("pk"):
        assert get_within_budget(client, address(found)).status_code == 200


def test_team_access_works(cast: Cast, shop: Image):
    assert cast.client(cast.bob).get(address(shop)).status_code == 200


def test_a_bad_id_gives_404(cast: Cast, shop: Image):
    client = cast.client(cast.alice)
    assert client.get(f"/images/{UNKNOWN}/").status_code == 404
    assert client.get("/images/nonsense/").status_code == 404
    assert client.get(address(shop, "?part=nonsense&format=json")).status_code == 404


def test_ownership_is_checked(cast: Cast, shop: Image):
    for query in ("", "?tab=config", "?part=history&format=json", "?part=config", "?format=json"):
        assert cast.client(cast.charlie).get(address(shop, query)).status_code == 404
    assert Client().get(address(shop)).status_code == 302
