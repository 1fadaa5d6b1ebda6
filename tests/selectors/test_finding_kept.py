"""Postings that are kept: read once, of what is in sight alone, and never in the way of what comes and goes."""

from collections.abc import Iterator
from typing import Any

import pytest

from analyzer.models import Layer, LayerPosting
from analyzer.selectors.finding import kept
from analyzer.selectors.finding.found import Found, find
from analyzer.selectors.finding.query import parse
from analyzer.selectors.finding.sight import Budget, Sight, everything, sight_of
from analyzer.services.indexing import ensure_indexed
from tests.cast import Cast
from tests.filetree.stacks import file
from tests.shelving import shelve


def looked_for(text: str, sight: Sight | None = None) -> Found:
    return find(sight or everything(), parse(text), Budget(30, 100))


def reads(text: str) -> int:
    """How often the table of postings is read; on PostgreSQL past Django's cursors, which count queries."""
    count = 0

    def counted(rows: Any) -> Iterator[tuple[int, bytes]]:
        nonlocal count
        count += rows.model is LayerPosting
        return read(rows)

    read = kept.read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "read", counted)
        looked_for(text)
    return count


@pytest.fixture
def shelf(cast: Cast) -> Cast:
    shelve(cast.team, "shop", [[file("srv/shop", 1)], []])
    shelve(cast.other_team, "secret", [[file("srv/secret", 2)]])
    ensure_indexed()
    return cast


@pytest.mark.usefixtures("shelf")
def test_postings_are_read_once() -> None:
    assert reads("**/shop") == 2  # which layers to open, and which have hard links
    assert reads("**/shop") == 0
    assert len(looked_for("**/secret").matches) == 1


@pytest.mark.usefixtures("shelf")
def test_a_new_process_reads_them_before_its_first_search() -> None:
    kept.read_ahead()
    assert [reads(text) for text in ("**/shop", "srv/shop", "0" * 64, "no-such-name")] == [0, 0, 0, 0]
    assert len(looked_for("srv/shop").matches) == 1


def test_a_viewer_has_those_of_their_own_layers_read_alone(shelf: Cast) -> None:
    assert looked_for("srv/secret", sight_of(shelf.alice)).matches == []
    theirs = set(Layer.objects.filter(images__references__repository__endswith="secret").values_list("pk", flat=True))
    assert theirs
    assert not theirs & {layer for _, layer in kept._kept}


def test_what_is_not_indexed_is_looked_through_and_read_when_it_is(shelf: Cast) -> None:
    looked_for("srv/late")
    shelve(shelf.team, "late", [[file("srv/late", 3)]])
    for _ in range(2):
        assert len(looked_for("srv/late").matches) == 1
        ensure_indexed()


@pytest.mark.usefixtures("shelf")
def test_where_there_is_no_room_each_search_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", -1)
    kept.read_ahead()
    assert [reads("**/shop"), reads("**/shop")] == [2, 2]
    assert len(looked_for("**/shop").matches) == 1
