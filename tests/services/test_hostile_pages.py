"""Every page, twin, download and answer of the API that shows the worst archives: none fails, and all of it is data."""

from pathlib import Path

import pytest

from analyzer.services.indexing import ensure_indexed
from analyzer.services.jobs import create_job
from tests import hostile
from tests.cast import Cast
from tests.hostile.crawl import Crawl, things
from tests.taking import run_steps

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DEEPLY = ("texts-of-markup", "texts-of-formulas")
MAIN = frozenset({"image", "image-files", "image-waste", "image-dockerfile", "layer", "layer-entries", "api-image"})
WORST = (
    *DEEPLY,
    "texts-of-directions",
    "texts-of-half-characters",
    "texts-of-nul",
    "texts-of-attributes",
    "a-folder-1-500-deep",
    "attributes-out-of-range",
    "config-of-wrong-types",
    "links-that-climb-out",
    "whiteouts-of-all-kinds",
)


def test_no_page_that_shows_them_fails_or_takes_their_names_for_more_than_data(cast: Cast, tmp_path: Path) -> None:
    for name in WORST:
        path = tmp_path / f"{name}.tar"
        path.write_bytes(hostile.CORPUS[name]())
        run_steps(create_job(team=cast.team, user=cast.alice, name=path.name, path=path, size=path.stat().st_size))
    ensure_indexed()
    crawl = Crawl(cast.client(cast.alice), most_of_a_page=8)
    for name, values in things():
        crawl.everything_of(values, only=frozenset() if name.removesuffix(".tar") in DEEPLY else MAIN)
    crawl.pages_of_all()
    crawl.compare()
    assert crawl.complaints == []
    assert crawl.seen > 400
