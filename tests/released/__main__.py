"""Writes `VERSION.sqlite.sql`, `VERSION.postgres.sql` and what they tell, `VERSION.json`: at each release."""

import json
import tempfile
from pathlib import Path

from layersite.settings.web import VERSION
from tests.archives import docker_save, image, layer, write
from tests.released.site import Site
from tests.service import servers

FOLDER = Path(__file__).parent
PEOPLE = """
from django.contrib.auth.models import User
from analyzer.models import Membership, Role, Team
alice = User.objects.create_user('alice', password='alice-pass-1')
Membership.objects.create(team=Team.objects.get(), user=alice, role=Role.OWNER)
"""


def fill(site: Site, archive: Path) -> None:
    site.manage("migrate", "--verbosity", "0")
    site.manage("shell", "-c", PEOPLE)
    site.manage("analyze", str(archive))


def main() -> None:
    base = layer({"etc/motd": b"hello", "etc/old": b"old" * 50})
    app = layer({"srv/app": b"code", "etc/.wh.old": b"", "etc/motd": b"hello again"})
    with tempfile.TemporaryDirectory() as place, servers.postgres() as url:
        folder = Path(place)
        archive = write(
            folder / "shop.tar", docker_save(image([base], tags=["base:1"]), image([base, app], tags=["shop:1"]))
        )
        lite, postgres = Site(folder / "lite", ""), Site(folder / "postgres", url)
        told = []
        for name, site in (("sqlite", lite), ("postgres", postgres)):
            site.data.mkdir()
            fill(site, archive)
            told.append(site.told())
            (FOLDER / f"{VERSION}.{name}.sql").write_text(site.dump())
    assert told[0] == told[1]
    (FOLDER / f"{VERSION}.json").write_text(json.dumps(told[0], indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
