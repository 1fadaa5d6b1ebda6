"""Every chart on every page has a title, a table of its figures, its JSON and CSV, and buttons for its picture."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from analyzer.models import Team
from analyzer.services.indexing import ensure_indexed
from analyzer.web.urls import urlpatterns
from tests.archives import File
from tests.cast import Cast
from tests.compared import AFTER, BEFORE, NEW, OLD, TOOLBOX, shelve
from tests.images import image
from tests.settings import ROOT

FOLDER = ROOT / "templates"
DRAWS = re.compile(r'{% chart \S+ "(\w+)"')


class Charts(HTMLParser):
    """By the name of each chart: what stands in the section around it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sections: list[dict[str, set[str]]] = []
        self.found: dict[str, dict[str, set[str]]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "section":
            self.sections.append({"twins": set(), "pictures": set(), "tags": set()})
        if not self.sections:
            assert "data-chart" not in given, "a chart outside of any section"
            return
        section = self.sections[-1]
        section["tags"].add(tag)
        section["twins"].update(re.findall(r"format=(json|csv)", given.get("href", "")))
        if "data-picture" in given:
            section["pictures"].add(f"{given['data-picture']}.{given['data-kind']}")
            assert given["data-title"], "a picture without a title"
            assert re.fullmatch(r"[\w-]+", given["data-name"]), given["data-name"]
        if "data-chart" in given:
            assert given["aria-label"]
            self.found[given["data-chart"]] = section

    def handle_endtag(self, tag: str) -> None:
        if tag == "section" and self.sections:
            self.sections.pop()


@pytest.fixture
def client(cast: Cast, tmp_path: Path) -> Client:
    """Alice's, with images that share layers, nearly share others, stand on each other, and are in the index."""
    again = [image([{"opt/data": File(data=b"d" * 90_000, mtime=time)}], tags=[f"data:{time}"]) for time in (OLD, NEW)]
    on_it = image([again[0].layers[0], {"srv/app": b"x" * 5_000}], tags=["on-data:1"])
    shelve(cast.team, tmp_path, BEFORE, AFTER, TOOLBOX, *again, on_it)
    ensure_indexed()
    return cast.client(cast.alice)


def addresses(team: Team) -> list[str]:
    """Every page of ours that takes no argument, those of an image and of a layer, and a comparison."""
    patterns = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    plain = [reverse(str(pattern.name)) for pattern in patterns if "<" not in str(pattern.pattern)]
    shown = team.images.latest("size")
    top = shown.layers.latest("image_layers__index").diff_id
    others = [image.image_id for image in team.images.exclude(pk=shown.pk)[:2]]
    asked = (
        f"ask=delete&image={others[0]}",
        "ask=room&size=1KiB",
        f"ask=pull&image={others[0]}&pull={shown.image_id}",
        f"ask=pull&image={others[0]}",
        f"ask=rebase&move={shown.image_id}&onto={others[0]}",
    )
    questions = [f"{reverse('reuse-what-if')}?{question}" for question in asked]
    questions.append(f"{reverse('reuse-common-ground')}?least=0.05")
    of_image = [f"{reverse('image', args=[shown.image_id])}?tab={tab}" for tab in ("files", "waste")]
    waste = [reverse("image-waste", args=[image.image_id]) for image in team.images.all()]
    return [*plain, *questions, *waste, *of_image, reverse("layer", args=[top]), reverse("layer-map", args=[top])]


def test_every_chart_has_a_table_twins_and_pictures(client: Client, cast: Cast):
    drawn: set[str] = set()
    for address in addresses(cast.team):
        response = client.get(address)
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        charts = Charts(response.content.decode()).found
        for name, section in charts.items():
            assert "json" in section["twins"], (address, name)
            assert "format=csv" in response.content.decode(), (address, name)
            assert {f"{name}.png", f"{name}.svg"} <= section["pictures"], (address, name)
            assert {"h2", "table"} <= section["tags"], (address, name)
        if charts:
            drawn |= {str(template.name) for template in response.templates if template.name}
    assert {"analyzer/overview.html", "analyzer/report.html", "analyzer/_layer_map.html"} <= drawn


def test_whatever_template_draws_a_chart_offers_its_twins_and_pictures():
    """Also those that no address above leads to, for want of something to show."""
    for path in FOLDER.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for name in DRAWS.findall(text):
            assert re.search(rf'{{% twins [^%]*chart="{name}" title=\w', text), f"{path.name}: {name}"
