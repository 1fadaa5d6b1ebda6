import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archive.opened import opened
from tests.archives import Image, Members, docker25_save, docker_save, image, layer, oci_layout, write

LAYERS = [layer({f"file{number}": str(number).encode()}) for number in range(500)]


@pytest.mark.parametrize("form", [docker_save, docker25_save, oci_layout])
def test_two_hundred_images_open_well_within_a_second(tmp_path: Path, form: Callable[..., Members]) -> None:
    images: list[Image] = [
        image([LAYERS[(number * 3 + index) % 500] for index in range(5)], tags=[f"app{number}:1"])
        for number in range(200)
    ]
    path = write(tmp_path / "many.tar", form(*images))
    began = time.perf_counter()
    contents = opened(path)
    assert time.perf_counter() - began < 1
    assert [found.image_id for found in contents.images] == [each.id for each in images]
