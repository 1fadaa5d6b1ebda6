"""The waste of a corpus: dive's own figures beside our dive-compatible ones, and `fatapp` as a person explains it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analyzer.models import Image
from tests.cast import Cast
from tests.commands import run

CORPUS = Path(os.environ.get("CORPUS", "/nonexistent"))
ARCHIVES = sorted(path.name for path in CORPUS.glob("*.docker.tar"))
FATAPP = "fatapp.docker.tar"
MIB = 1 << 20

pytestmark = [pytest.mark.acceptance, pytest.mark.django_db]


def analyzed(name: str, *more: str) -> dict[str, Any]:
    status, text = run("analyze", str(CORPUS / name), "--json", *more)
    assert status == 0
    image: dict[str, Any] = json.loads(text)["images"][0]
    return image


@pytest.mark.parametrize("name", ARCHIVES)
def test_the_dive_compatible_figures_are_those_of_dive(name: str, tmp_path: Path) -> None:
    report = tmp_path / "dive.json"
    dive = shutil.which("dive", path=str(Path(sys.executable).parent)) or "dive"
    subprocess.run(
        [dive, f"docker-archive://{CORPUS / name}", "--json", str(report)],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    theirs = json.loads(report.read_bytes())["image"]
    image = analyzed(name)
    assert image["dive"]["wasted_bytes"] == theirs["inefficientBytes"]
    assert image["dive"]["efficiency"] == pytest.approx(theirs["efficiencyScore"], abs=1e-12)


def lines_of(cast: Cast, name: str) -> list[dict[str, Any]]:
    """The lines of the Waste page, for a base that is known."""
    for archive in ("debian_bookworm.docker.tar", name):
        image_id = analyzed(archive, "--team", cast.team.slug)["image_id"]
    assert Image.objects.filter(image_id=image_id).exists()
    client: Client = cast.client(cast.alice)
    lines: list[dict[str, Any]] = client.get(f"/api/v1/images/{image_id}/waste/").json()["lines"]
    return [line for line in lines if line["bytes"]]


if FATAPP in ARCHIVES:  # of the larger corpus

    def test_fatapp_reads_as_a_person_would_explain_it(cast: Cast) -> None:
        lines = lines_of(cast, FATAPP)

        def only(brought: str, hidden: str, least: int = MIB) -> dict[str, Any]:
            (line,) = [
                line
                for line in lines
                if brought in line["brought_by"] and hidden in line["hidden_by"] and line["bytes"] >= least
            ]
            return line

        model = 80 * MIB
        chown = only("dd if=/dev/urandom", "chown -R 1000:1000 /srv")
        assert (chown["bytes"], chown["copied"], chown["changed"]) == (model, model, ["owner"])
        assert "copied for their owner" in chown["remedy"]
        chmod = only("chown -R 1000:1000 /srv", "chmod -R g+w /srv")
        assert (chmod["bytes"], chmod["copied"], chmod["changed"]) == (model, model, ["mode"])
        assert "copied for their mode" in chmod["remedy"]
        removal = only("chmod -R g+w /srv", "rm /srv/model.bin")
        assert (removal["bytes"], removal["cause"]) == (model, "deleted")
        assert "join the two RUN lines" in removal["remedy"]
        lists = only("apt-get update", "rm -rf /var/lib/apt/lists")
        assert "RUN --mount=type=cache,target=/var/lib/apt/lists" in lists["remedy"]
        share = only("apt-get install", "chown -R 1000:1000 /usr/share")
        assert share["changed"] == ["owner"]
        assert share["copied"] > share["bytes"] * 0.99
        assert all(line["own"] and line["remedy"] for line in lines)
