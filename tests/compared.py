"""Two pushes of one tag, and an image on other layers: what tests of comparing look at."""

from pathlib import Path

from analyzer.models import Image, Team
from tests.archives import Dir, File, docker_save, image, layer
from tests.images import Image as Built
from tests.taking import bring

OLD, NEW = 1_600_000_000, 1_700_000_000
BIG = bytes(range(256)) * 400  # 102,400 bytes

BASE = layer({"etc/motd": b"hello", "bin/tool": b"#!" * 5000})
TOOLS = layer({"opt/tools.bin": File(data=b"t" * 3000, mtime=OLD)})


def packages(mtime: int, cache: bytes) -> dict[str, File | Dir]:
    return {
        "usr/lib": Dir(mtime=mtime),
        "usr/lib/big.so": File(data=BIG, mtime=mtime),
        "var/cache/apt/pkgcache.bin": File(data=cache, mtime=mtime),
        b"usr/lib/odd\xff": File(data=b"odd", mtime=mtime),  # type: ignore[dict-item]
    }


STEPS = ["ADD base /", "RUN apt-get install <big>", "#CMD sh"]
BEFORE = image(
    [BASE, layer(packages(OLD, b"1" * 70_000)), layer({"srv/app.js": b"old"})],
    tags=["shop:1"],
    history=[*STEPS, "COPY app.js /srv"],
    config={"config": {"Env": ["PATH=/bin", "MODE=test"], "Cmd": ["sh"]}},
)
AFTER = image(
    [BASE, TOOLS, layer(packages(NEW, b"2" * 70_000)), layer({"srv/app.js": b"newer", "srv/=x": b"x"})],
    tags=["shop:1"],
    history=["ADD base /", "ADD tools /", *STEPS[1:], "COPY app.js /srv"],
    config={"config": {"Env": ["PATH=/bin", "MODE=live"], "Cmd": ["sh"]}},
)
TOOLBOX = image([TOOLS, BASE], tags=["toolbox:1"], history=["ADD tools /", "ADD base /"])


def shelve(team: Team, folder: Path, *built: Built) -> list[Image]:
    """The images of the team, brought one after the other."""
    for number, each in enumerate(built):
        bring(folder, docker_save(each), team, name=f"{number}.tar")
    return [Image.objects.get(image_id=each.id) for each in built]
