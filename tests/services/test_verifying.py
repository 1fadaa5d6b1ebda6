"""Verifying reads the bytes again: what a disk has turned since is told blob by blob."""

from pathlib import Path

import pytest

from analyzer.models import Blob, Layer, Upkeep, UpkeepState
from analyzer.services import keeping, upkeep_steps, verifying
from analyzer.services.leases import Taken
from analyzer.services.verifying import ask_to_verify
from tests.archives import image, layer, oci_layout
from tests.cast import Cast
from tests.taking import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_blobs")]

BASE = layer({"etc/motd": b"hello" * 3000})
APP = layer({"srv/app": b"code" * 900}, compression="gzip")


def verified() -> Upkeep:
    row = ask_to_verify(Blob.objects.all(), "all", None)
    upkeep_steps.run(row.pk)
    row.refresh_from_db()
    assert row.state == UpkeepState.DONE, row.error
    return row


@pytest.fixture
def file_of(cast: Cast, tmp_path: Path):
    run_job(tmp_path, oci_layout(image([BASE, APP], tags=["shop:1"])), cast.team)
    store = keeping.store()
    return lambda built: store.path(built.digest)  # type: ignore[attr-defined]


def test_right_bytes_are_noted_as_such(file_of) -> None:
    row = verified()
    assert {name: result["fault"] for name, result in row.results.items()} == {BASE.digest: "", APP.digest: ""}
    assert row.results[APP.digest]["diff_id"] == APP.diff_id
    assert row.bytes_done == row.bytes_total == sum(Blob.objects.values_list("size", flat=True))
    assert not Blob.objects.filter(verified=None).exists()


def test_each_kind_of_wrong_bytes_is_told(file_of) -> None:
    plain, carried = file_of(BASE), file_of(APP)
    turned = bytearray(plain.read_bytes())
    turned[700] ^= 1
    plain.write_bytes(turned)
    carried.write_bytes(carried.read_bytes()[:-9])
    row = verified()
    assert row.results[BASE.digest]["fault"].startswith("The bytes are those of sha256:")
    assert "there are" in row.results[APP.digest]["fault"]
    plain.unlink()
    carried.unlink()
    carried.symlink_to("/etc/hostname")
    assert {result["fault"] for result in verified().results.values()} == {"Its file is gone."}
    assert Blob.objects.filter(fault="Its file is gone.").count() == 2


def test_another_tar_under_a_right_digest_is_told(file_of) -> None:
    Layer.objects.filter(diff_id=BASE.diff_id).update(diff_id="sha256:" + "0" * 64)
    assert "not that of the layer" in verified().results[BASE.digest]["fault"]


def test_a_killed_worker_reads_no_blob_twice(file_of, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask_to_verify(Blob.objects.all(), "all", None)
    read: list[str] = []
    deed = verifying.verify_blob

    class Killed(BaseException):
        pass

    def killed_at_the_second(blob: Blob, progress) -> object:
        if read:
            raise Killed
        read.append(blob.digest)
        return deed(blob, progress)

    monkeypatch.setattr(verifying, "verify_blob", killed_at_the_second)
    with pytest.raises(Killed):
        upkeep_steps.run(row.pk)
    Upkeep.objects.update(lease_until=None)

    def noted(blob: Blob, progress) -> object:
        read.append(blob.digest)
        return deed(blob, progress)

    monkeypatch.setattr(verifying, "verify_blob", noted)
    upkeep_steps.run(row.pk)
    row.refresh_from_db()
    assert row.state == UpkeepState.DONE
    assert sorted(read) == sorted([BASE.digest, APP.digest])


def test_work_that_kills_its_workers_is_given_up(file_of) -> None:
    row = ask_to_verify(Blob.objects.all(), "all", None)
    Upkeep.objects.update(attempt=3)
    with pytest.raises(Taken):
        upkeep_steps.run(row.pk)
    row.refresh_from_db()
    assert row.state == UpkeepState.FAILED
    assert "Given up after 3 attempts" in row.error
