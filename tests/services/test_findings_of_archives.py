"""Every finding that the manual promises of an archive: one that has it is made, taken in and looked at."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.models import Archive
from analyzer.selectors.access import ref_of
from tests.archives import (
    Device,
    Dir,
    Entry,
    File,
    Hardlink,
    Image,
    Layer,
    Members,
    Whiteout,
    content,
    descriptor,
    docker_save,
    dumps,
    image,
    layer,
    oci_layout,
    put,
    tar,
)
from tests.cast import Cast
from tests.secrets.made_up import private_key
from tests.taking import bring, codes

pytestmark = pytest.mark.django_db

Entries = list[tuple[str | bytes, Entry | bytes]]

BELOW = layer({"etc/motd": b"hello", "big": b"\0" * (11 << 20)})

LAYERS: dict[str, Entries] = {
    "duplicate-entry": [("a", b"1"), ("a", b"2")],
    "bare-whiteout": [(".wh.", b"")],
    "unsafe-path": [("a/../../x", b"")],
    "dangling-hardlink": [("link", Hardlink(target="nothing"))],
    "link-loop": [("one", Hardlink(target="two")), ("two", Hardlink(target="one"))],
    "entry-below-file": [("x", b"1"), ("x/y", b"2")],
    "name-not-utf8": [(b"name\xff", b"")],
    "missing-parent": [("no/folders/here", b"")],
    "device-node": [("dev", Dir()), ("dev/mem", Device(major=1, minor=1))],
    "setuid-file": [("su", File(mode=0o4755, data=b"#!"))],
    "world-writable": [("free", File(mode=0o666, data=b"1"))],
    "hidden-large-file": [("big", Whiteout())],
    "secret-file": [("id_rsa", private_key().encode())],
}
"""What the upper of two layers has."""


def foreign() -> Members:
    return without_blob(
        image([layer({"a": b"1"}, media_type="application/vnd.oci.image.layer.nondistributable.v1.tar")])
    )


def without_blob(built: Image) -> Members:
    members = oci_layout(built)
    del members["blobs/sha256/" + built.layers[0].digest[7:]]
    return members


def other_bytes() -> Members:
    """A blob under the digest of another."""
    built = image([layer({"a": b"1"})])
    return oci_layout(built) | {"blobs/sha256/" + built.layers[0].digest[7:]: tar({"a": b"2"})}


def declared(**wrong: object) -> Members:
    """An OCI layout whose manifest says something else of its layer."""
    built = image([layer({"a": b"1"}, compression="gzip")])
    members = oci_layout(built)
    manifest = json.loads(built.manifest)
    manifest["layers"][0] |= wrong
    raw = dumps(manifest)
    put(members, raw)
    index = json.loads(content(members, "index.json"))
    index["manifests"][0] |= descriptor(raw, manifest["mediaType"])
    return members | {"index.json": dumps(index)}


def trailing() -> Members:
    members = docker_save(image([layer({"a": b"1"})]))
    name = next(name for name in members if name.endswith("layer.tar"))
    return members | {name: Layer(content(members, name), "gzip").blob + b"more"}


NO_SUCH_LAYER = {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]}

ARCHIVES: dict[str, Callable[[], Members]] = {
    "diff-id-mismatch": lambda: docker_save(image([{"a": b"1"}], config={"rootfs": NO_SUCH_LAYER})),
    "size-mismatch": lambda: declared(size=7),
    "media-type-mismatch": lambda: declared(mediaType="application/vnd.oci.image.layer.v1.tar+zstd"),
    "digest-mismatch": other_bytes,
    "history-unaligned": lambda: docker_save(image([{"a": b"1"}], history=["one", "two"])),
    "blob-missing": lambda: without_blob(image([{"a": b"1"}])),
    "foreign-layer": foreign,
    "unreferenced-blob": lambda: oci_layout(image([{"a": b"1"}])) | {"blobs/sha256/" + "0" * 64: b"nobody's"},
    "attestation-attached": lambda: oci_layout(image([{"a": b"1"}], tags=["app:1"]), nested=True, signed=True),
    "trailing-data": trailing,
}


def test_what_a_layer_has_is_told(cast: Cast, tmp_path: Path) -> None:
    for code, entries in LAYERS.items():
        archive = bring(tmp_path, docker_save(image([BELOW, layer(entries)], tags=["odd:1"])), cast.team)
        assert code in codes(archive)
        assert code in on_the_page(cast, archive)


def test_what_an_archive_has_is_told(cast: Cast, tmp_path: Path) -> None:
    for code, made in ARCHIVES.items():
        archive = bring(tmp_path, made(), cast.team)
        assert code in codes(archive), code
        assert code in on_the_page(cast, archive)


def on_the_page(cast: Cast, archive: Archive) -> set[str]:
    """The codes that the image's own page lists."""
    shown = archive.archive_images.get().image
    address = f"/images/{ref_of(shown)}/?tab=findings&part=findings&format=json"
    return {row["code"] for row in cast.client(cast.alice).get(address).json()["findings"]}
