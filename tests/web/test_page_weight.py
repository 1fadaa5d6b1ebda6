"""No page outweighs its 150 kB because an image has hundreds of layers or thousands of long steps; twins have all."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Image, Job
from analyzer.selectors.access import ref_of
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import run_job

MOST = 150_000
TABS = ("files", "layers", "packages", "waste", "dockerfile", "config", "findings", "archives")


@pytest.fixture
def many(cast: Cast, tmp_path: Path) -> Client:
    """An image of 100 layers, each of which hides a file of the one below, and one of 500 long steps."""
    layers = [layer({f"f{number}": b"%d" % number, "same": b"%d" % number}) for number in range(100)]
    labels = {f"org.example.label-{number}": "v" * 60 for number in range(1_000)}
    history: list[Any] = [
        {"created_by": f"RUN {'x' * 900} {number}", "empty_layer": True, "comment": "y" * 300} for number in range(498)
    ]
    config = {"history": [*history, {"created_by": "COPY a"}, {"created_by": "COPY b"}], "config": {"Labels": labels}}
    run_job(tmp_path, docker_save(image(layers, tags=["layers:1"])), cast.team, name="layers.tar")
    run_job(tmp_path, docker_save(image(layers[:2], tags=["steps:1"], config=config)), cast.team, name="steps.tar")
    return cast.client(cast.alice)


def test_images_of_very_many_layers_and_steps_are_shown_in_pages(many: Client):
    heavy, light = {}, []
    layers, steps = (ref_of(image) for image in Image.objects.order_by("pk"))
    for ref in (layers, steps):
        page = f"/images/{ref}/"
        addresses = [f"{page}?tab={tab}" for tab in TABS]
        addresses += [f"{page}{name}" for name in ("files/", "files/?view=flat", "waste/", "delete/", "gate/")]
        addresses += [f"{page}file/?path=same", f"/help/layers/?image={ref}", f"{page}?steps=3&tab=layers&page=2"]
        light += addresses
    light += [f"/compare/?a={layers}&b={steps}", *(f"/jobs/{job.pk}/" for job in Job.objects.all())]
    for address in light:
        response = many.get(address)
        assert response.status_code == 200, address
        if len(response.content) > MOST:
            heavy[address] = len(response.content)
    assert heavy == {}
    every_step_is_on_some_page_and_in_the_twins(many, layers)


def every_step_is_on_some_page_and_in_the_twins(many: Client, ref: str) -> None:
    first = many.get(f"/images/{ref}/?tab=layers").content.decode()
    assert "1–40 of 100, newest first" in first
    assert "scratch</p>" not in first
    assert "?tab=layers&amp;steps=2#history-title" in first
    last = many.get(f"/images/{ref}/?steps=3").content.decode()
    assert "81–100 of 100, newest first" in last
    assert "scratch</p>" in last
    assert "tab=waste&amp;steps=3#about" in last
    for part in ("history", "layers"):
        assert len(many.get(f"/images/{ref}/?part={part}&format=json").json()[part]) == 100
    assert many.get(f"/images/{ref}/?steps=x&page=-1").status_code == 200
