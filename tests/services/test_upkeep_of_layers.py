"""Re-indexing, recompressing and dropping: what is told of a layer stays, whatever becomes of its bytes."""

from pathlib import Path

import pytest

from analyzer.filetree.listing import Listing
from analyzer.models import Blob, Image, Layer, LayerIndex, LayerListing, Upkeep, UpkeepState
from analyzer.selectors.access import OPERATOR
from analyzer.selectors.layer_blobs import blobs_of
from analyzer.services import keeping, recompressing, upkeep_steps
from analyzer.services.dropping import ask_to_drop, bytes_of
from analyzer.services.indexing import ensure_indexed
from analyzer.services.reading import Reader
from analyzer.services.recompressing import ask_to_recompress, draft_of
from analyzer.services.reindexing import ask_to_reindex
from tests.archives import docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_blobs")]

TEXT = b"a line like any other\n" * 60_000
BASE = layer({"etc/motd": TEXT, "etc/issue": b"issue"})
GZIP = layer({"etc/motd": TEXT}, compression="gzip")


def done(row: Upkeep) -> Upkeep:
    upkeep_steps.run(row.pk)
    row.refresh_from_db()
    assert row.state == UpkeepState.DONE, row.error
    return row


@pytest.fixture
def stored(cast: Cast, tmp_path: Path) -> Layer:
    run_job(tmp_path, docker_save(image([BASE], tags=["shop:1"])), cast.team)
    ensure_indexed()
    return Layer.objects.get()


def text_of(stored: Layer) -> bytes:
    """The plain tar, as a reader on the team gets it."""
    with Reader(OPERATOR, Image.objects.get(), [stored]).open(stored) as plain:
        return b"".join(plain.all())


def test_a_listing_is_made_anew_out_of_the_bytes(stored: Layer) -> None:
    before = Listing.from_parquet(bytes(stored.listing.document)).table
    LayerListing.objects.update(document=Listing(table=before).to_parquet() + b"")
    LayerIndex.objects.update(steps="postings.0")
    row = done(ask_to_reindex([stored], "layer", None))
    assert row.results[stored.diff_id]["what"] == "done"
    assert row.results[stored.diff_id]["listing"] == "out of its bytes"
    assert Listing.from_parquet(bytes(LayerListing.objects.get().document)).table.equals(before)
    assert "postings.0" not in LayerIndex.objects.get().steps
    assert "postings." in LayerIndex.objects.get().steps


def test_a_listing_that_was_lost_comes_back_and_one_without_bytes_is_written_out_of_itself(stored: Layer) -> None:
    before = bytes(LayerListing.objects.get().document)
    LayerListing.objects.all().delete()
    done(ask_to_reindex([stored], "layer", None))
    assert bytes(LayerListing.objects.get().document) == before
    Blob.objects.update(kept=False)
    assert "no bytes" in done(ask_to_reindex([stored], "layer", None)).results[stored.diff_id]["listing"]
    assert bytes(LayerListing.objects.get().document) == before


def test_a_listing_with_other_entries_is_left_and_that_is_told(stored: Layer) -> None:
    table = Listing.from_parquet(bytes(stored.listing.document)).table
    shorter = Listing(table=table.slice(0, table.num_rows - 1)).to_parquet()
    LayerListing.objects.update(document=shorter)
    told = done(ask_to_reindex([stored], "layer", None)).results[stored.diff_id]
    assert told["what"].startswith("1 entries are read differently now")
    assert bytes(LayerListing.objects.get().document) == shorter


def test_damaged_bytes_are_no_source_of_a_listing(stored: Layer) -> None:
    path = keeping.store().path(BASE.digest)  # type: ignore[attr-defined]
    path.write_bytes(path.read_bytes()[:5_000])
    assert "damaged" in done(ask_to_reindex([stored], "layer", None)).results[stored.diff_id]["what"]


def test_recompressed_bytes_take_less_room_and_say_the_same(stored: Layer, cast: Cast, own_blobs: Path) -> None:
    before = text_of(stored)
    full = sum(path.stat().st_size for path in own_blobs.rglob("*") if path.is_file())
    row = done(ask_to_recompress([stored], "layer", None))
    made = Blob.objects.get(made=True)
    assert (made.kept, made.compression, made.verified is not None) == (True, "zstd", True)
    now = sum(path.stat().st_size for path in own_blobs.rglob("*") if path.is_file())
    assert full - now == row.freed == len(BASE.tar) - made.size
    assert text_of(stored) == before
    original = Blob.objects.get(digest=BASE.digest)
    assert (original.kept, original.size) == (False, len(BASE.tar))
    assert [blob.digest for blob in blobs_of(cast.alice, stored)] == [BASE.digest]  # what a registry has
    assert "zstd already" in done(ask_to_recompress([stored], "layer", None)).results[stored.diff_id]["what"]


def test_an_archive_that_comes_again_does_not_bring_the_large_bytes_back(
    stored: Layer, cast: Cast, tmp_path: Path
) -> None:
    done(ask_to_recompress([stored], "layer", None))
    run_job(tmp_path, docker_save(image([BASE], tags=["shop:2"])), cast.other_team)
    assert [blob.made for blob in Blob.objects.filter(kept=True)] == [True]
    assert not keeping.store().has(BASE.digest)


def test_what_would_take_no_less_room_stays_as_it_is(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompressing, "LEVEL", -100_000)
    run_job(tmp_path, oci_layout(image([GZIP], tags=["text:1"])), cast.team)
    row = done(ask_to_recompress(Layer.objects.all(), "layer", None))
    assert "no less room" in row.results[GZIP.diff_id]["what"]
    assert keeping.store().has(GZIP.digest)
    assert not Blob.objects.filter(made=True).exists()


def test_damaged_bytes_are_not_recompressed(stored: Layer) -> None:
    path = keeping.store().path(BASE.digest)  # type: ignore[attr-defined]
    turned = bytearray(path.read_bytes())
    turned[5_000] ^= 1
    path.write_bytes(turned)
    row = done(ask_to_recompress([stored], "layer", None))
    assert "damaged" in row.results[stored.diff_id]["what"]
    assert keeping.store().has(BASE.digest)


@pytest.mark.parametrize("at", ["_write", "_swap", "drop_blobs"])
def test_a_recompression_that_was_killed_loses_nothing_and_is_finished_by_the_next(
    stored: Layer, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    class Killed(BaseException):
        pass

    def killed(*given: object) -> object:
        raise Killed

    before = text_of(stored)
    row = ask_to_recompress([stored], "layer", None)
    with monkeypatch.context() as patched:
        patched.setattr(recompressing, at, killed)
        with pytest.raises(Killed):
            upkeep_steps.run(row.pk)
    assert text_of(stored) == before
    Upkeep.objects.update(lease_until=None)
    done(row)
    assert text_of(stored) == before
    assert Blob.objects.get(made=True).kept
    assert not draft_of(row).exists()
    Blob.objects.filter(digest=BASE.digest, kept=False).get()


def test_dropped_bytes_leave_the_listing_and_come_back_with_the_next_archive(
    stored: Layer, cast: Cast, tmp_path: Path
) -> None:
    row = done(ask_to_drop(bytes_of(Blob.objects.all()), "layer", None))
    assert row.freed == row.promised == len(BASE.tar)
    assert not keeping.store().has(BASE.digest)
    assert LayerListing.objects.exists()
    assert Blob.objects.get().digest == BASE.digest
    run_job(tmp_path, docker_save(image([BASE], tags=["shop:2"])), cast.team)
    assert Blob.objects.get().kept
    assert text_of(stored) == BASE.tar
