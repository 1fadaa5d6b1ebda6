"""Deleting stored layers: the disk shrinks by the bytes that were promised, and nothing else goes."""

import os
from pathlib import Path

import pytest
from django.conf import settings

from analyzer.models import Blob, Chain, Content, Image, JobState, Layer, Upkeep, UpkeepState
from analyzer.services import deleting, keeping, removal, upkeep_steps, work
from analyzer.services.deleting import ask_to_delete, doomed_images, doomed_layers
from analyzer.services.jobs import create_job
from tests.archives import docker_save, image, layer, write
from tests.cast import Cast
from tests.taking import run_job, run_steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_blobs")]

BASE = layer({"etc/motd": b"hello" * 3000, "shared": b"1"})
APP = layer({"srv/app": os.urandom(70_000), "shared": b"1"})
TOP = layer({"srv/top": b"top"})


def on_disk() -> int:
    """Bytes of all files of the blob store, as the system tells."""
    return sum(os.stat(path).st_size for path in Path(settings.BLOB_DIR).rglob("*") if path.is_file())


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Image, Layer, Blob, Chain, Content)}


def done(row: Upkeep) -> Upkeep:
    upkeep_steps.run(row.pk)
    row.refresh_from_db()
    assert row.state == UpkeepState.DONE, row.error
    return row


def test_the_disk_shrinks_by_exactly_the_bytes_promised(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE], tags=["base:1"])), cast.team)
    before, bare = counts(), on_disk()
    run_job(tmp_path, docker_save(image([BASE, APP, TOP], tags=["shop:1"])), cast.team)
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:2"])), cast.other_team)
    full = on_disk()
    doomed = doomed_layers([Layer.objects.get(diff_id=APP.diff_id)])
    assert {item.image_id for item in doomed.images} == {
        image([BASE, APP, TOP], tags=["shop:1"]).id,
        image([BASE, APP], tags=["shop:2"]).id,
    }
    assert {team.slug for team in doomed.teams} == {"alices-team", "charlies-team"}
    assert {item.diff_id for item in doomed.layers} == {APP.diff_id, TOP.diff_id}
    assert (doomed.staying, doomed.chains) == (1, 2)
    assert doomed.contents == 2  # /shared is in the base as well
    assert doomed.promised == full - bare == len(APP.tar) + len(TOP.tar)
    row = done(ask_to_delete(doomed, "layer", None))
    assert full - on_disk() == row.promised == row.freed
    assert counts() == before


def test_an_image_that_came_after_the_list_was_made_stays_with_its_layers(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    row = ask_to_delete(doomed_layers([Layer.objects.get(diff_id=APP.diff_id)]), "layer", None)
    run_job(tmp_path, docker_save(image([APP], tags=["late:1"])), cast.other_team)
    done(row)
    assert Image.objects.get().references.get().tag == "1"
    assert row.freed == len(BASE.tar)
    assert row.results[APP.diff_id]["stays"]
    assert keeping.store().has(APP.digest)


def test_a_team_that_came_to_hold_the_image_after_the_list_was_made_keeps_it(cast: Cast, tmp_path: Path) -> None:
    members = docker_save(image([BASE, APP], tags=["shop:1"]))
    run_job(tmp_path, members, cast.team)
    row = ask_to_delete(doomed_images(list(Image.objects.all())), "image", None)
    run_job(tmp_path, members, cast.other_team)
    done(row)
    assert list(Image.objects.get().teams.all()) == [cast.other_team]
    assert row.freed == 0
    assert on_disk() == len(BASE.tar) + len(APP.tar)


def test_what_a_killed_worker_left_is_finished_by_the_next(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    run_job(tmp_path, docker_save(image([APP, TOP], tags=["shop:2"])), cast.team)
    row = ask_to_delete(doomed_images(list(Image.objects.all())), "images", None)
    full, deed = on_disk(), removal.remove_image

    class Killed(BaseException):
        pass

    def killed_after_the_first(*given: object) -> None:
        with pytest.MonkeyPatch.context() as without_bytes:  # the transaction is through, the bytes are still there
            without_bytes.setattr(keeping, "drop_blobs", lambda digests: 0)
            deed(*given)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(deleting, "remove_image", killed_after_the_first)
    with pytest.raises(Killed):
        upkeep_steps.run(row.pk)
    assert Image.objects.count() == 1
    assert on_disk() == full
    monkeypatch.setattr(deleting, "remove_image", deed)
    Upkeep.objects.update(lease_until=None)  # its time is over
    assert done(row).freed == row.promised == full
    assert on_disk() == 0
    assert not any(counts().values())


def test_a_layer_that_a_killed_job_left_goes_without_a_word(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    Image.objects.all().delete()  # as if it had never been assembled
    doomed = doomed_layers([Layer.objects.get(diff_id=BASE.diff_id)])
    assert (doomed.word, doomed.promised) == ("", len(BASE.tar))
    full = on_disk()
    assert full - on_disk() == 0
    done(ask_to_delete(doomed, "layer", None))
    assert full - on_disk() == len(BASE.tar)
    assert Layer.objects.get().diff_id == APP.diff_id


def test_an_upload_of_the_layer_that_is_halfway_when_it_is_deleted_ends_whole(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)
    doomed = doomed_layers([Layer.objects.get(diff_id=APP.diff_id)])
    path = write(tmp_path / "late.tar", docker_save(image([APP, TOP], tags=["late:1"])))
    job = create_job(team=cast.other_team, user=None, name="late.tar", path=path, size=path.stat().st_size)
    work.open_step(str(job.pk))
    for pk in list(job.layers.values_list("pk", flat=True)):
        work.layer_step(pk)  # the layer is known, so its listing is not read again
    row = done(ask_to_delete(doomed, "layer", None))
    assert row.freed == row.promised == len(BASE.tar) + len(APP.tar)
    work.assemble_step(str(job.pk))  # finds out that the layer is gone
    run_steps(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    assert Image.objects.get().image_layers.exclude(layer=None).count() == 2
    assert all(keeping.store().has(built.digest) for built in (APP, TOP))
    assert on_disk() == len(APP.tar) + len(TOP.tar)
