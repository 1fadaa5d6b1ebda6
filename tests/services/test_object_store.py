"""The site with its blobs in a bucket: files are read, what does not fit is found, archives come to other hosts."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from analyzer.archive.source import BlobRef
from analyzer.blobstore.bucket import Bucket, client_of
from analyzer.models import Blob, Image, Job, JobState
from analyzer.oci.digest import digest_of
from analyzer.services import drift, handover, jobs, keeping, upkeep_steps, uploads, work
from analyzer.services.leases import Taken
from tests.archives import docker_save, image, layer, write
from tests.blobstore.s3 import fresh
from tests.cast import Cast
from tests.routes import body
from tests.taking import run_job

pytestmark = pytest.mark.django_db(transaction=True)

BASE, APP = layer({"etc/motd": b"hello"}), layer({"srv/app": b"code"})
MEMBERS = docker_save(image([BASE, APP], tags=["shop:1"]))


@pytest.fixture(autouse=True)
def bucket(s3: Bucket, settings) -> Bucket:
    settings.BLOB_STORE = made = fresh(s3)
    return made


@pytest.mark.usefixtures("own_folders")
def test_files_come_out_of_the_bucket_and_what_does_not_fit_is_mended(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job(tmp_path, MEMBERS, cast.team)
    response = cast.client(cast.alice).get(f"/layers/{BASE.diff_id}/tar/")
    assert body(response) == BASE.tar
    (tmp_path / "left").write_bytes(b"left")
    keeping.keep_blob(digest_of(b"left"), BlobRef(tmp_path / "left", 0, 4))
    keeping.store().delete(APP.digest)
    monkeypatch.setattr(drift, "UNCLAIMED_SECONDS", -60.0)
    kinds = {odd.name: odd.kind for odd in drift.oddities()}
    assert kinds == {digest_of(b"left"): "file-without-row", APP.digest: "row-without-file"}
    row = drift.ask_to_check(None, mend=True)
    upkeep_steps.run(row.pk)
    assert list(drift.oddities()) == []
    assert Blob.objects.get(kept=True).digest == BASE.digest


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_an_archive_is_worked_on_by_hosts_that_have_no_folder_in_common(
    cast: Cast, tmp_path: Path, bucket: Bucket, settings, compression: str
) -> None:
    settings.BLOB_STORE_STAGING = True
    data = Path(settings.DATA_DIR)

    def next_host() -> None:
        for folder in (settings.UPLOAD_DIR, settings.PULL_DIR, settings.WORK_DIR):
            shutil.rmtree(folder)
            Path(folder).mkdir()

    next_host()
    staged = data / "uploads" / f"{cast.team.pk}.archive"
    write(staged, MEMBERS, compression=compression)
    job = jobs.create_job(team=cast.team, user=None, name="app.tar", path=staged, size=staged.stat().st_size)
    assert not staged.exists(), "the host that received it needs it no more"
    assert handover.there(staged)
    handover.tidy()  # what is at work stays
    for step in (work.open_step, work.assemble_step):
        next_host()
        with suppress(Taken):
            step(str(job.pk))
        for pk in job.layers.values_list("pk", flat=True):
            next_host()
            with suppress(Taken):
                work.layer_step(pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    assert Image.objects.get().layers.count() == 2
    assert not handover.there(staged)
    assert keeping.store().has(BASE.digest)


@pytest.mark.usefixtures("own_folders")
def test_what_a_job_left_on_its_way_goes(cast: Cast, bucket: Bucket, settings, monkeypatch) -> None:
    settings.BLOB_STORE_STAGING = True
    left = Path(settings.UPLOAD_DIR, "left.archive")
    left.write_bytes(b"left")
    handover.give(left)
    handover.tidy()
    assert left.exists()
    monkeypatch.setattr(handover, "YOUNG", -60.0)
    handover.tidy()
    assert not handover.there(left)
    assert Job.objects.count() == 0
    assert not client_of(bucket).list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix).get("Contents")
    assert uploads.strays(0) == []
