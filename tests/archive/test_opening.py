import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.source import ArchiveError, ArchiveFormat, Presence
from tests.archive.opened import opened, told, troubles
from tests.archives import Dir, Members, docker_save, image, layer, oci_layout, tar, write, write_folder

APP = image([layer({"a": b"1"}), layer({"b": b"2" * 5_000})], tags=["app:1"])


def refusal(path: Path) -> str:
    with pytest.raises(ArchiveError) as caught:
        opened(path)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "app.tar").startswith("There is no file ")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").endswith("/pipe is not a file.")


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "app.tar").touch()
    assert refusal(tmp_path / "app.tar") == "The archive is empty: not one byte of it has come."


@pytest.mark.parametrize(
    "data",
    [b"x", b"\x89PNG\r\n\x1a\n" * 100, b"<html>" * 1_000, gzip.compress(b"hello" * 500)],
    ids=["letter", "picture", "page", "gzip"],
)
def test_what_is_no_archive_is_told_with_a_way_out(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "app.tar").write_bytes(data)
    sentence = refusal(tmp_path / "app.tar")
    assert sentence.startswith("This is not an image archive: it is neither a tar nor")
    assert "`docker save -o app.tar IMAGE`" in sentence


def test_an_empty_tar_is_told(tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(bytes(10_240))
    assert refusal(tmp_path / "app.tar") == "The archive is an empty tar: save the image again."


def test_a_tar_of_other_things_is_told(tmp_path: Path) -> None:
    sentence = refusal(write(tmp_path / "app.tar", {"README": b"hello"}))
    assert "neither a manifest.json nor an index.json" in sentence


def test_a_layer_alone_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "layer.tar.gz").write_bytes(gzip.compress(APP.layers[0].tar))
    assert "neither a manifest.json nor an index.json" in refusal(tmp_path / "layer.tar.gz")


def test_the_root_filesystem_of_a_container_is_named_as_such(tmp_path: Path) -> None:
    root: Members = {f"{name}/x": b"" for name in ("bin", "dev", "etc", "usr", "var")}
    sentence = refusal(write(tmp_path / "rootfs.tar", root))
    assert "`docker export`" in sentence
    assert "`docker save IMAGE`" in sentence


def test_a_layout_in_a_folder_of_the_tar_is_told_with_the_command(tmp_path: Path) -> None:
    members: Members = {f"img/{name}": entry for name, entry in oci_layout(APP).items()}
    assert "`tar -C img -cf app.tar .`" in refusal(write(tmp_path / "app.tar", members))


def test_a_folder_without_a_layout_is_told(tmp_path: Path) -> None:
    assert "neither a manifest.json nor an index.json" in refusal(write_folder(tmp_path / "app", {"x": b""}))


def test_an_unpacked_docker_save_is_read_as_a_folder(tmp_path: Path) -> None:
    contents = opened(write_folder(tmp_path / "app", docker_save(APP)))
    assert contents.format is ArchiveFormat.DOCKER_ARCHIVE
    assert [found.image_id for found in contents.images] == [APP.id]
    assert contents.findings == []


def test_an_upload_that_was_cut_off_before_its_documents_is_told(tmp_path: Path) -> None:
    whole = tar(docker_save(APP))
    (tmp_path / "app.tar").write_bytes(whole[: len(whole) // 2])
    sentence = refusal(tmp_path / "app.tar")
    assert sentence.startswith("The archive ends at byte ")
    assert sentence.endswith("the upload may have been cut off, send it again.")


def test_what_is_cut_off_after_the_documents_costs_the_layers_behind(tmp_path: Path) -> None:
    members = oci_layout(APP)
    last = "blobs/sha256/" + APP.layers[1].digest[7:]
    ordered: Members = {name: entry for name, entry in members.items() if name != last}
    path = write(tmp_path / "app.tar", {**ordered, last: members[last]})
    os.truncate(path, path.stat().st_size - 4_000)
    cut = opened(path)
    assert [each.presence for each in cut.images[0].layers] == [Presence.PRESENT] * 2
    assert told(cut) == [("warning", "size-mismatch", 1)]
    os.truncate(path, path.stat().st_size - 4_000)
    gone = opened(path)
    assert gone.images[0].layers[1].presence is Presence.MISSING
    assert "is not in the part of the archive that can be read" in gone.findings[0].detail


def test_the_order_of_the_tar_does_not_count(tmp_path: Path) -> None:
    for number, form in enumerate((docker_save, oci_layout)):
        members = form(APP)
        backwards: Members = dict(reversed(members.items()))
        forth = opened(write(tmp_path / f"{number}.tar", members))
        back = opened(write(tmp_path / f"{number}-back.tar", backwards))
        assert [found.image_id for found in back.images] == [found.image_id for found in forth.images]
        assert troubles(back) == []


def test_names_with_a_dot_before_them_are_the_same_names(tmp_path: Path) -> None:
    members: Members = {"./": Dir(), **{f"./{name}": entry for name, entry in oci_layout(APP).items()}}
    assert [found.image_id for found in opened(write(tmp_path / "app.tar", members)).images] == [APP.id]


def test_the_size_of_an_archive_is_limited(tmp_path: Path) -> None:
    with pytest.raises(LimitReached, match="MAX_ARCHIVE_BYTES=100"):
        opened(write(tmp_path / "app.tar", docker_save(APP)), Limits(max_archive_bytes=100))
    with pytest.raises(LimitReached, match="MAX_ARCHIVE_BYTES=100"):
        opened(write_folder(tmp_path / "app", oci_layout(APP)), Limits(max_archive_bytes=100))


def test_a_layout_is_none_of_dockers_for_a_stray_manifest_json(tmp_path: Path) -> None:
    contents = opened(write(tmp_path / "app.tar", {**oci_layout(APP), "manifest.json": b"{}"}))
    assert contents.format is ArchiveFormat.OCI_ARCHIVE
    assert [found.image_id for found in contents.images] == [APP.id]
    assert troubles(contents) == ["document-refused"]


def test_hostile_names_are_shown_in_one_line(tmp_path: Path) -> None:
    members: Members = {"\udcff\n\x1b[2J/index.json": b"{}"}
    assert "\ufffd\ufffd\ufffd[2J" in refusal(write(tmp_path / "app.tar", members))
    contents = opened(write(tmp_path / "b.tar", docker_save(APP, image([], tags=["a\nb\u202e:1"]))))
    assert all(finding.detail.isprintable() for finding in contents.findings)


@pytest.fixture
def nobody() -> Iterator[None]:
    """Without root's rights, which read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def test_a_file_that_may_not_be_read_is_told(nobody: None) -> None:
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "app.tar", docker_save(APP))
        path.chmod(0)
        assert refusal(path).endswith("may not be read.")
