"""Images for tests of the gate: a base with a fault of its own, one that keeps the rules, one that breaks them."""

from pathlib import Path

from analyzer.models import Image, Team
from tests.archives import Whiteout, docker_save, image, layer
from tests.taking import bring

OLD = layer({"usr/old": b"o" * 400})
REPLACED = layer({"usr/old": b"n" * 400})  # the base's own fault: half of it is hidden
APP = layer({"srv/app": b"a" * 900, "srv/.git/config": b"g" * 60})
WITH_MORE = layer({"srv/app": b"a" * 900, "srv/.git/config": b"g" * 60, "srv/doc": b"d" * 100})
WASTEFUL = layer({"srv/app": b"b" * 900})
REMOVED = layer({"srv/.git": Whiteout()})

BASE = image([OLD, REPLACED], tags=["base:1"], history=["ADD old /", "COPY new /usr/old"])
GOOD = image([OLD, REPLACED, APP], tags=["shop:1"], history=["ADD old /", "COPY new /usr/old", "COPY . /srv"])
BAD = image(
    [OLD, REPLACED, WITH_MORE, WASTEFUL, REMOVED],
    tags=["shop:2"],
    history=["ADD old /", "COPY new /usr/old", "COPY . /srv", "COPY app /srv/app", "RUN rm -r /srv/.git"],
)
PLAIN_RULES = "rules:\n  efficiency: 95 %\n  forbidden-files: ['**/.git/**']\n  growth: 10 %\n"


def open_shop(folder: Path, team: Team) -> Image:
    """Takes them in for a team; gives back the one that breaks the rules."""
    for number, each in enumerate((BASE, GOOD, BAD)):
        bring(folder, docker_save(each), team, name=f"{number}.tar")
    return Image.objects.get(image_id=BAD.id)
