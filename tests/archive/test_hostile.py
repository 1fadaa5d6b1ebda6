"""Whatever the bytes, opening ends with contents, an ArchiveError or a LimitReached, and soon."""

import contextlib
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.source import ArchiveContents, ArchiveError
from tests.archive.opened import opened
from tests.archives import (
    Image,
    Members,
    containerd_save,
    docker25_save,
    docker_save,
    image,
    layer,
    oci_layout,
    podman_save,
    tar,
    v1_save,
    write,
)

Form = Callable[[Image, Image], Members]

FIRST = image([layer({"a": b"1"}), {"b": b"2"}], tags=["app:1"], history=["A", "#B", "C"])
SECOND = image([FIRST.layers[0], {"c": b"3"}], tags=["app:2"], platform="linux/arm64/v8")
FORMS: dict[str, Form] = {
    "docker": docker_save,
    "docker25": docker25_save,
    "containerd": lambda *images: containerd_save(*images, absent=["linux/s390x"], signed=True),
    "podman": podman_save,
    "v1": v1_save,
    "oci": lambda *images: oci_layout(*images, nested=True, absent=["linux/s390x"], signed=True),
}
ROUNDS = 60
SECONDS = 2.0


def look(path: Path) -> ArchiveContents | None:
    """The contents if there are any; fails where anything else than a refusal is raised, or after too long."""
    began = time.process_time()
    contents = None
    with contextlib.suppress(ArchiveError, LimitReached):
        contents = opened(path, Limits(max_archive_members=10_000, max_archive_bytes=64 << 20))
    assert time.process_time() - began < SECONDS
    return contents


@pytest.mark.parametrize("form", FORMS)
def test_flipped_bits_break_nothing(tmp_path: Path, form: str) -> None:
    whole = tar(FORMS[form](FIRST, SECOND))
    path = tmp_path / "app.tar"
    chance = random.Random(form)
    for _ in range(ROUNDS):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3, 30))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        look(path)


@pytest.mark.parametrize("form", FORMS)
def test_flipped_bits_in_the_documents_break_nothing(tmp_path: Path, form: str) -> None:
    members = FORMS[form](FIRST, SECOND)
    documents = [name for name, entry in members.items() if isinstance(entry, bytes) and entry[:1] in (b"{", b"[")]
    chance = random.Random(form)
    for _ in range(ROUNDS):
        name = chance.choice(documents)
        entry = members[name]
        assert isinstance(entry, bytes)
        data = bytearray(entry)
        for _ in range(chance.choice((1, 2, 5))):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = chance.choice((b'"', b"{", b"[", b"null", b"0", b"-1", b":", b"\\"))
        look(write(tmp_path / "app.tar", {**members, name: bytes(data)}))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_truncation_anywhere_breaks_nothing(tmp_path: Path, form: str, compression: str) -> None:
    path = write(tmp_path / "whole", FORMS[form](FIRST, SECOND), compression=compression)
    whole = path.read_bytes()
    chance = random.Random(form)
    for _ in range(30):
        (tmp_path / "cut").write_bytes(whole[: chance.randrange(len(whole))])
        look(tmp_path / "cut")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cut", "whole"]


@pytest.mark.parametrize("value", ["null", "[]", '"x"', "-1", "[[]]", '{"": 1}'])
def test_a_value_of_another_type_anywhere_breaks_nothing(tmp_path: Path, value: str) -> None:
    for form in FORMS.values():
        members = form(FIRST, SECOND)
        for name, entry in members.items():
            if not isinstance(entry, bytes) or entry[:1] not in (b"{", b"["):
                continue
            for start in places(entry):
                look(write(tmp_path / "app.tar", {**members, name: entry[:start] + value.encode()}))
                end = entry.find(b",", start)
                if end > 0:
                    data = entry[:start] + value.encode() + entry[end:]
                    look(write(tmp_path / "app.tar", {**members, name: data}))


def places(document: bytes) -> list[int]:
    """Where values begin."""
    return [index + 1 for index, byte in enumerate(document) if byte == ord(":")][:12]


def test_random_bytes_are_no_archive(tmp_path: Path) -> None:
    chance = random.Random(1)
    for magic in (b"", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"BZh", b"\x50\x2a\x4d\x18\x04\x00\x00\x00"):
        for size in (0, 1, 3, 511, 512, 513, 5_000):
            (tmp_path / "app.tar").write_bytes(magic + chance.randbytes(size))
            assert look(tmp_path / "app.tar") is None


def test_twenty_thousand_names_of_one_image_take_no_time(tmp_path: Path) -> None:
    named = image([], tags=[f"app:{number}" for number in range(20_000)])
    contents = look(write(tmp_path / "app.tar", docker_save(named)))
    assert contents is not None
    assert len(contents.images[0].references) == 20_000


def test_an_endless_list_of_images_is_limited(tmp_path: Path) -> None:
    members: Members = {"manifest.json": b"[" + b",".join([b'{"Config":"c"}'] * 20_000) + b"]", "c": b"{}"}
    assert look(write(tmp_path / "app.tar", members)) is None
