"""Archives made to cost much: what they may take of memory and time has a name, and others are not held up."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.scan import LayerScan
from analyzer.archive.source import LayerSource
from analyzer.filetree.layerdiff import LayerDiff
from analyzer.filetree.listing import Listing
from analyzer.filetree.overlay import UnionMount
from analyzer.models import Image, JobState, Layer
from analyzer.services import foreground
from analyzer.services.chains import ChainBuilder
from analyzer.services.layers import StoredLayer, arrange, read_blob
from analyzer.services.outcome import LayerOutcome
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring, run_job

pytestmark = pytest.mark.django_db(transaction=True)

TEN = layer({f"a/{number}": b"" for number in range(9)})


def test_the_entries_of_an_image_have_a_limit_by_name(cast: Cast, tmp_path: Path) -> None:
    members = docker_save(image([TEN, TEN, TEN], tags=["shop:1"]))
    with override_settings(LIMITS=Limits(max_image_entries=29)):
        with pytest.raises(LimitReached, match="of the image's layers is over the limit MAX_IMAGE_ENTRIES=29"):
            bring(tmp_path, members, cast.team)
        job = run_job(tmp_path, members, cast.team)
    assert job.state == JobState.FAILED
    assert "MAX_IMAGE_ENTRIES=29" in job.error
    assert not Image.objects.exists()
    with override_settings(LIMITS=Limits(max_image_entries=30)):
        assert run_job(tmp_path, members, cast.team).state == JobState.DONE


def test_the_layers_of_all_images_have_a_limit_by_name(cast: Cast, tmp_path: Path) -> None:
    images = [image([TEN, TEN], tags=[f"shop:{number}"], config={"author": str(number)}) for number in range(3)]
    with override_settings(LIMITS=Limits(max_archive_layers=5)):
        archive = bring(tmp_path, docker_save(*images), cast.team)
    assert archive.archive_images.count() == 2
    refused = [item["detail"] for item in archive.findings if item["code"] == "image-refused"]
    assert refused == ["The number of layers of the archive's images is over the limit MAX_ARCHIVE_LAYERS=5."]


def test_a_layer_that_a_chain_has_many_times_is_in_memory_once(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(tmp_path, docker_save(image([TEN])), cast.team)
    loaded: list[bytes] = []
    read = Listing.from_parquet

    def counted(document: bytes) -> Listing:
        loaded.append(document)
        return read(document)

    monkeypatch.setattr(Listing, "from_parquet", counted)
    ChainBuilder().build([Layer.objects.get().diff_id] * 20)
    assert len(loaded) == 1


def test_others_write_to_the_database_while_chains_are_built(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    apply = UnionMount.apply

    def watched(mount: UnionMount, listing: Listing) -> LayerDiff:
        inside.append(connection.in_atomic_block)
        return apply(mount, listing)

    monkeypatch.setattr(UnionMount, "apply", watched)
    assert run_job(tmp_path, docker_save(image([TEN])), cast.team).state == JobState.DONE
    assert inside == [False]


def test_layers_are_not_read_further_ahead_than_memory_has_room_for(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, held, most = threading.Lock(), 0, 0

    def reading(
        source: LayerSource, stored: StoredLayer | None, limits: Limits, progress: Callable[[int], None] | None = None
    ) -> LayerOutcome | LayerScan:
        nonlocal held, most
        with lock:
            held += 1
            most = max(most, held)
        return read_blob(source, stored, limits, progress)

    def slowly(*given: object, **named: object) -> object:
        nonlocal held
        threading.Event().wait(0.02)
        with lock:
            held -= 1
        return arrange(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(foreground, "read_blob", reading)
    monkeypatch.setattr(foreground, "arrange", slowly)
    bring(tmp_path, docker_save(image([layer({str(number): b""}) for number in range(30)])), cast.team)
    assert most <= foreground.AHEAD


def test_what_fails_while_it_is_stored_does_not_wait_for_all_other_layers(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[LayerSource] = []

    def counted(source: LayerSource, *more: object) -> LayerOutcome | LayerScan:
        read.append(source)
        return read_blob(source, *more)  # type: ignore[arg-type]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(foreground, "read_blob", counted)
    monkeypatch.setattr(foreground, "arrange", full)
    members = docker_save(image([layer({str(number): b""}) for number in range(50)]))
    with pytest.raises(OSError, match="No space left"):
        bring(tmp_path, members, cast.team)
    assert len(read) <= foreground.AHEAD + foreground.READERS


def test_the_limits_of_a_site_are_those_of_its_chains() -> None:
    assert settings.LIMITS.max_image_entries >= settings.LIMITS.max_layer_entries


def test_a_platform_longer_than_its_column_is_clipped(cast: Cast, tmp_path: Path) -> None:
    built = image([TEN], tags=["shop:1"], config={"os": "o" * 300, "architecture": "a" * 300, "variant": "v" * 300})
    assert run_job(tmp_path, docker_save(built), cast.team).state == JobState.DONE
    assert Image.objects.values_list("os", "architecture", "variant").get() == ("o" * 100, "a" * 100, "v" * 100)


def test_a_reference_longer_than_its_column_costs_itself_alone(cast: Cast, tmp_path: Path) -> None:
    long = f"{'r.' * 300}io/app:1"
    assert run_job(tmp_path, docker_save(image([TEN], tags=[long, "app:2"])), cast.team).state == JobState.DONE
    assert list(Image.objects.get().references.values_list("tag", flat=True)) == ["2"]
