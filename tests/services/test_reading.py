"""The bytes of files out of kept blobs, whatever the layer is carried in."""

import gzip
import random
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from analyzer.archive.unreadable import Damaged
from analyzer.models import Blob, Image, Layer
from analyzer.selectors.file_place import Place, place_of
from analyzer.selectors.listings import layers_of, merged_of
from analyzer.services import seeking
from analyzer.services.indexing import ensure_indexed
from analyzer.services.keeping import drop_blobs, store
from analyzer.services.reading import NotKept, Reader
from analyzer.services.seeking import points_path
from tests.archives import Entry, Hardlink, docker_save, image, layer, oci_layout
from tests.archives import Layer as BuiltLayer
from tests.cast import Cast
from tests.taking import run_job

NOISE = random.Random(4).randbytes(400_000)
LOWER: dict[str, bytes] = {"etc/motd": b"hello", "usr/big": NOISE, "usr/late": b"late " * 2000}
UPPER: dict[str, bytes | Entry] = {"etc/again": Hardlink(target="etc/motd"), "etc/issue": b"welcome"}


def place(path: bytes, found: Image | None = None) -> Place:
    chain = (found or Image.objects.get()).top_chain
    assert chain is not None
    merged = merged_of(chain)
    row = merged.ordinal(path)
    assert row is not None
    found_place = place_of(merged, row, layers_of(chain))
    assert found_place is not None
    return found_place


def reader(user: User, found: Image | None = None) -> Reader:
    image = found or Image.objects.get()
    return Reader(user, image, list(image.layers.all()))


def bring(tmp_path: Path, cast: Cast, compression: str) -> None:
    built = image([layer(LOWER, compression=compression), layer(UPPER, compression=compression)], tags=["shop:1"])
    run_job(tmp_path, docker_save(built) if compression == "none" else oci_layout(built), cast.team)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_every_file_reads_as_it_was_put_in(cast: Cast, tmp_path: Path, compression: str):
    bring(tmp_path, cast, compression)
    for path, data in ((b"etc/motd", b"hello"), (b"etc/again", b"hello"), (b"usr/late", LOWER["usr/late"])):
        assert b"".join(reader(cast.alice).file(place(path))) == data
    assert b"".join(reader(cast.bob).file(place(b"usr/big"))) == NOISE
    assert reader(cast.alice).head(place(b"usr/big"), 1000, 20) == NOISE[1000:1020]


def test_bytes_that_were_not_kept_say_so(cast: Cast, tmp_path: Path, settings: LazySettings):
    settings.KEEP_BLOBS = False
    bring(tmp_path, cast, "gzip")
    with pytest.raises(NotKept, match="were not kept"):
        reader(cast.alice).file(place(b"etc/motd"))


def test_bytes_that_another_team_brought_are_theirs(cast: Cast, tmp_path: Path, settings: LazySettings):
    bring(tmp_path, cast, "gzip")
    settings.KEEP_BLOBS = False
    plain = image([BuiltLayer(layer(LOWER).tar)])
    run_job(tmp_path, docker_save(plain), cast.other_team, name="other.tar")
    found = Image.objects.get(image_id=plain.id)
    with pytest.raises(NotKept):
        reader(cast.charlie, found).file(place(b"etc/motd", found))


def test_a_blob_that_rotted_on_the_disk_is_found_out(cast: Cast, tmp_path: Path):
    bring(tmp_path, cast, "none")
    found = place(b"usr/big")
    with store().open(found.layer.diff_id) as blob:
        path = Path(blob.name)
    data = bytearray(path.read_bytes())
    data[found.file.offset + 5] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged, match="sha256"):
        list(reader(cast.alice).file(found))


@pytest.fixture
def everything_is_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "QUICK_BYTES", 100)


@pytest.mark.usefixtures("everything_is_far")
def test_seek_points_are_found_when_a_layer_is_indexed_and_go_with_its_blob(cast: Cast, tmp_path: Path):
    bring(tmp_path, cast, "gzip")
    ensure_indexed()
    lower = Layer.objects.get(size__gt=100_000).blobs.get()
    assert points_path(lower.digest).exists()
    assert b"".join(reader(cast.alice).file(place(b"usr/late"))) == LOWER["usr/late"]
    Blob.objects.update(kept=False)
    drop_blobs([lower.digest])
    assert not points_path(lower.digest).exists()


@pytest.mark.usefixtures("everything_is_far")
def test_seek_points_that_are_missing_or_spoilt_are_found_again(cast: Cast, tmp_path: Path):
    bring(tmp_path, cast, "gzip")
    path = points_path(place(b"usr/late").layer.blobs.get().digest)
    for spoil in (lambda: None, path.unlink, lambda: path.write_bytes(b"GZIDX"), lambda: path.write_bytes(b"?" * 99)):
        spoil()
        assert b"".join(reader(cast.alice).file(place(b"usr/late"))) == LOWER["usr/late"]
        assert path.stat().st_size > 40


@pytest.mark.usefixtures("everything_is_far")
def test_what_follows_the_end_of_a_gzip_stream_is_in_nobodys_way(cast: Cast, tmp_path: Path):
    built = layer(LOWER)
    blob = gzip.compress(built.tar) + b"\x1f\x8btrailing"
    members = docker_save(image([built], tags=["shop:1"]))
    name = next(name for name, data in members.items() if data == built.tar)
    run_job(tmp_path, members | {name: blob}, cast.team)
    assert b"".join(reader(cast.alice).file(place(b"usr/late"))) == LOWER["usr/late"]
