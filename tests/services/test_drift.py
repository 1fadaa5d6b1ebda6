"""Files without rows and rows without files: found, and mended without losing what anybody claims."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from analyzer.archive.source import BlobRef
from analyzer.models import AuditLine, Blob, Image, Layer, Upkeep, Upload
from analyzer.oci.digest import digest_of
from analyzer.services import keeping, upkeep_steps, uploads
from analyzer.services.drift import ask_to_check, oddities
from analyzer.services.verifying import verify_blob
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_blobs")]

BASE, APP = layer({"etc/motd": b"hello"}), layer({"srv/app": b"code"})
OLD = (1, 1)


@pytest.fixture
def stored(cast: Cast, tmp_path: Path, settings) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    settings.UPLOAD_DIR.mkdir()
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["shop:1"])), cast.team)


def path_of(digest: str) -> Path:
    path: Path = keeping.store().path(digest)  # type: ignore[attr-defined]
    return path


def put(tmp_path: Path, data: bytes) -> str:
    (tmp_path / "data").write_bytes(data)
    keeping.keep_blob(digest_of(data), BlobRef(tmp_path / "data", 0, len(data)))
    return digest_of(data)


def kinds() -> dict[str, str]:
    return {odd.name: odd.kind for odd in oddities()}


def mended() -> Upkeep:
    row = ask_to_check(None, mend=True)
    upkeep_steps.run(row.pk)
    row.refresh_from_db()
    return row


def test_what_fits_is_not_odd(stored: None) -> None:
    for digest in (BASE.digest, APP.digest):
        os.utime(path_of(digest), OLD)
    assert kinds() == {}
    assert mended().results == {}
    assert keeping.store().has(BASE.digest)


def test_every_kind_is_found_and_mended(stored: None, cast: Cast, tmp_path: Path, own_blobs: Path) -> None:
    left = put(tmp_path, b"left behind")
    os.utime(path_of(left), OLD)
    path_of(BASE.digest).unlink()
    secret = tmp_path / "secret"
    secret.write_bytes(b"not ours")
    link = path_of(digest_of(b"link"))
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(secret)
    path_of(APP.digest).write_bytes(b"short")
    strange = own_blobs / "sha256" / "notes.txt"
    strange.write_text("mine")
    long_ago = timezone.now() - timedelta(hours=2)
    orphan = Layer.objects.create(diff_id="sha256:" + "7" * 64, size=1, tar_size=1, entries=1, created=long_ago)
    upload = Upload.objects.create(team=cast.team, user=cast.alice, name="x.tar", length=9, created=long_ago)
    stray = uploads.staging().part(upload.pk).with_name("stray.part")
    stray.write_bytes(b"12345")
    os.utime(stray, OLD)
    assert kinds() == {
        left: "file-without-row",
        BASE.digest: "row-without-file",
        digest_of(b"link"): "link",
        APP.digest: "wrong-size",
        "sha256/notes.txt": "strange",
        orphan.diff_id: "layer-without-image",
        str(upload.pk): "upload-without-file",
        stray.name: "staged-without-row",
    }
    row = mended()
    assert row.freed == len(b"left behind") + len(b"short") + 5
    assert kinds() == {"sha256/notes.txt": "strange"}
    assert secret.read_bytes() == b"not ours"
    assert not link.is_symlink()
    assert not Blob.objects.filter(kept=True).exists()
    assert Image.objects.exists()
    assert Layer.objects.count() == 2


def test_a_file_whose_row_is_still_to_come_is_left_alone(stored: None, tmp_path: Path) -> None:
    young = put(tmp_path, b"just written")
    assert kinds() == {}
    mended()
    assert keeping.store().has(young)


def test_a_row_that_came_while_the_files_were_read_keeps_its_bytes(stored: None, tmp_path: Path) -> None:
    left = put(tmp_path, b"left behind")
    os.utime(path_of(left), OLD)
    (odd,) = oddities()
    Blob.objects.create(digest=left, layer=Layer.objects.all()[0], size=11, compression="none", kept=True)
    assert odd.mend is not None
    odd.mend()
    assert keeping.store().has(left)
    assert Blob.objects.get(digest=left).kept


def test_a_blob_with_a_fault_is_brought_anew_by_the_next_archive(stored: None, cast: Cast, tmp_path: Path) -> None:
    turned = bytearray(path_of(BASE.digest).read_bytes())
    turned[600] ^= 1
    path_of(BASE.digest).write_bytes(turned)
    with pytest.raises(CommandError):
        call_command("check_storage", "--verify", stdout=StringIO())
    assert kinds() == {BASE.digest: "damaged"}
    run_job(tmp_path, docker_save(image([BASE], tags=["shop:2"])), cast.team)
    assert kinds() == {}
    assert path_of(BASE.digest).read_bytes() == BASE.tar


def test_what_a_lowered_limit_keeps_from_being_read_is_not_damaged(stored: None, settings) -> None:
    settings.LIMITS = replace(settings.LIMITS, max_layer_bytes=1)
    told = verify_blob(Blob.objects.get(digest=APP.digest))
    assert "MAX_LAYER_BYTES" in told["unread"]
    mended()
    assert Blob.objects.get(digest=APP.digest).kept
    assert path_of(APP.digest).exists()


def test_the_command_tells_and_mends(stored: None, tmp_path: Path) -> None:
    left = put(tmp_path, b"left behind")
    os.utime(path_of(left), OLD)
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("check_storage", stdout=out)
    assert refused.value.returncode == 1
    assert f"file-without-row {left} (11 B)" in out.getvalue()
    out = StringIO()
    call_command("check_storage", "--mend", "--json", stdout=out)
    document = json.loads(out.getvalue())
    assert document["freed"] == 11
    assert document["oddities"][0]["mended"] is True
    assert not keeping.store().has(left)
    assert AuditLine.objects.get(action="storage.mend").details["freed"] == 11
    out = StringIO()
    call_command("check_storage", stdout=out)
    assert out.getvalue() == "Files and rows tell the same.\n"


def test_a_folder_that_is_a_link_is_not_gone_through(stored: None, tmp_path: Path, own_blobs: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    name = "ab" + "0" * 62
    (elsewhere / name).write_bytes(b"somebody's")
    os.utime(elsewhere / name, OLD)
    place = own_blobs / "sha256" / "ab"
    place.symlink_to(elsewhere)
    assert kinds() == {"sha256/ab": "strange"}
    for number in range(256):
        keeping.sweep(number)
    mended()
    assert (elsewhere / name).exists()
