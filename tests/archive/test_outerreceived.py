import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.outerreceived import MEMBERS, OuterReceived, receive
from analyzer.archive.outertar import OuterTar
from analyzer.archive.places import Places
from tests.archives import Dir, Fifo, Hardlink, Symlink, tar

NAMES = st.sampled_from(
    ["a", "b", "a/layer.tar", "./c", "/d", "../e", "blobs/sha256/" + "0" * 64, "1", MEMBERS, "x" * 150]
)
ENTRIES = st.one_of(
    st.binary(max_size=2_000),
    st.builds(Symlink, target=st.sampled_from(["a", "../a", "/etc/passwd", "b"])),
    st.builds(Hardlink, target=st.sampled_from(["a", "b", "../../e"])),
    st.just(Fifo()),
    st.just(Dir()),
)


def split(data: bytes, seed: int) -> Iterator[bytes]:
    """In blocks of any size, none among them."""
    chance = random.Random(seed)
    while data:
        size = chance.choice([0, 1, 511, 512, 700, 5_000])
        yield data[:size]
        data = data[size:]


def told(archive: Places) -> dict[str, object]:
    names = [*(name for name, _ in archive.files()), "a", "b", "a/layer.tar", "c", "e"]
    contents = {}
    for name in names:
        blob = archive.find(name)
        contents[name] = archive.why_not(name)
        if blob is not None:
            with blob.open() as file:
                contents[name] = file.read(blob.length).hex()
    return {
        "contents": contents,
        "files": [(name, blob.length) for name, blob in archive.files()],
        "top": archive.top(),
        "broken": archive.broken,
        "members": archive.members,
        "size": archive.size,
        "findings": archive.findings,
    }


@given(st.lists(st.tuples(NAMES, ENTRIES), max_size=6), st.integers(0, 99), st.floats(0, 1))
def test_a_stream_yields_what_its_tar_would_wherever_it_ends(
    entries: list[tuple[str, object]], seed: int, part: float
) -> None:
    """Names that climb out, links, and a name that stands twice: as in a file, and none of them is one on the disk."""
    whole = tar(entries)  # type: ignore[arg-type]
    for data in (whole, whole[: int(len(whole) * part)]):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, "received")
            folder.mkdir()
            assert receive(split(data, seed), folder, Limits()) == len(data)
            path = Path(name, "outer.tar")
            path.write_bytes(data)
            assert told(OuterReceived(folder)) == told(OuterTar(path, Limits()))
            assert sorted(os.listdir(name)) == ["outer.tar", "received"]
            assert all(each.isdecimal() or each == MEMBERS for each in os.listdir(folder))


def test_each_file_lies_alone(tmp_path: Path) -> None:
    receive([tar({"x/layer.tar": b"layer", "y": Symlink(target="x/layer.tar")})], tmp_path, Limits())
    blob = OuterReceived(tmp_path).find("y")
    assert blob is not None
    assert (blob.path.read_bytes(), blob.offset, blob.length) == (b"layer", 0, 5)


def test_a_stream_has_the_limits_of_an_archive(tmp_path: Path) -> None:
    data = tar({str(number): b"x" * 600 for number in range(11)})
    few = tmp_path / "few"
    few.mkdir()
    with pytest.raises(LimitReached, match="MAX_ARCHIVE_MEMBERS=10"):
        receive(split(data, 1), few, Limits(max_archive_members=10))
    for padding in (b"", bytes(100_000)):  # what comes after the end counts too
        folder, again = tmp_path / f"{len(padding)}", tmp_path / f"{len(padding)}-again"
        folder.mkdir()
        again.mkdir()
        limit = len(data) + len(padding)
        assert receive(split(data + padding, 2), folder, Limits(max_archive_bytes=limit)) == limit
        with pytest.raises(LimitReached, match="MAX_ARCHIVE_BYTES"):
            receive(split(data + padding + b"0", 3), again, Limits(max_archive_bytes=limit))


def test_a_disk_that_would_be_full_ends_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="MIN_FREE_DISK_BYTES"):
        receive([tar({"a": b"x"})], tmp_path, Limits(), reserve=1 << 60)
