"""Blobs that are kept: every row's bytes are there, and no bytes stay that no row claims."""

import os
from pathlib import Path
from typing import Any

import pytest

from analyzer.archive.source import BlobRef
from analyzer.blobstore.store import PARTS
from analyzer.models import Blob, Image, JobState, Layer
from analyzer.oci.digest import digest_of
from analyzer.services import jobs, keeping, removal, work
from analyzer.services.layers import store_blob
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import run_job

pytestmark = pytest.mark.django_db(transaction=True)

BASE = layer({"etc/motd": b"hello"})
MEMBERS = docker_save(image([BASE], tags=["shop:1"]))


def age(digest: str) -> None:
    os.utime(keeping.store().path(digest), (1, 1))  # type: ignore[attr-defined]


def test_bytes_that_a_cancelled_job_kept_are_swept_and_others_are_not(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, MEMBERS, cast.team)
    (tmp_path / "left").write_bytes(b"left")
    left = digest_of(b"left")
    keeping.keep_blob(left, BlobRef(tmp_path / "left", 0, 4))
    for number in range(PARTS):
        keeping.sweep(number)
    assert keeping.store().has(left), "a row may still come"
    age(left)
    age(BASE.digest)
    for number in range(PARTS, 2 * PARTS):
        keeping.sweep(number)
    assert not keeping.store().has(left)
    assert keeping.store().has(BASE.digest)


def test_bytes_that_a_removal_took_before_their_row_was_there_are_kept_again(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed_meanwhile(*given: Any, **named: Any) -> None:
        keeping.drop_blobs([BASE.digest])
        store_blob(*given, **named)

    monkeypatch.setattr(work, "store_blob", removed_meanwhile)
    assert run_job(tmp_path, MEMBERS, cast.team).state == JobState.DONE
    assert Blob.objects.get().kept
    assert keeping.store().has(BASE.digest)


def test_a_row_that_came_while_its_bytes_were_dropped_does_not_promise_them(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job(tmp_path, MEMBERS, cast.team)
    Blob.objects.update(kept=False)
    store = keeping.store()

    class Slow:
        def delete(self, digest: str) -> int:
            Blob.objects.update(kept=True)
            return store.delete(digest)

        def has(self, digest: str) -> bool:
            return store.has(digest)

    monkeypatch.setattr(keeping, "store", Slow)
    keeping.drop_blobs([BASE.digest])
    assert not Blob.objects.get().kept


def test_a_known_layer_that_is_removed_while_its_bytes_are_hashed_is_read_anew(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job(tmp_path, MEMBERS, cast.team)
    keep = work.__dict__["keep_blob"]
    removals: list[int] = []

    def removed_meanwhile(*given: Any, **more: Any) -> None:
        keep(*given, **more)
        if not removals:
            removals.append(1)
            removal.remove_image(Image.objects.get(), cast.team)

    monkeypatch.setattr(work, "keep_blob", removed_meanwhile)
    again = run_job(tmp_path, MEMBERS, cast.team)
    assert again.state == JobState.DONE
    assert again.layers.get().attempt == 1
    assert Layer.objects.get().images.count() == 1
    assert keeping.store().has(BASE.digest)
    assert not jobs.work_folder(again).exists()
