import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.source import ArchiveError, ArchiveFormat, Platform, Presence
from analyzer.oci.digest import digest_of
from tests.archive.opened import carried, opened, told, troubles
from tests.archives import (
    Image,
    Members,
    Symlink,
    content,
    descriptor,
    dumps,
    image,
    layer,
    oci_layout,
    put,
    write,
    write_folder,
)
from tests.images import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST

BASE = layer({"etc/motd": b"base"}, compression="gzip")
TOP = layer({"app": b"top"}, compression="zstd")
APP = image([BASE, TOP], tags=["latest"], annotations={"org.opencontainers.image.base.name": "debian"})
ARM = image([BASE], platform="linux/arm/v7")
NAME = "org.opencontainers.image.ref.name"


def indexed(members: Members, *entries: dict[str, Any]) -> Members:
    """The members with these entries as the index."""
    return {**members, "index.json": dumps({"schemaVersion": 2, "manifests": list(entries)})}


def entries_of(members: Members) -> list[dict[str, Any]]:
    return list(json.loads(content(members, "index.json"))["manifests"])


def with_manifest(members: Members, document: dict[str, Any], **more: Any) -> Members:
    """The members, where the index names one more manifest."""
    raw = dumps(document)
    put(members, raw)
    return indexed(members, *entries_of(members), descriptor(raw, OCI_MANIFEST, **more))


def test_a_layout_in_a_tar_and_in_a_folder_are_the_same(tmp_path: Path) -> None:
    members = oci_layout(APP, ARM)
    archive = opened(write(tmp_path / "app.tar", members))
    folder = opened(write_folder(tmp_path / "app", members))
    assert archive.format is ArchiveFormat.OCI_ARCHIVE
    assert folder.format is ArchiveFormat.OCI_LAYOUT
    assert folder.size == sum(len(entry) for entry in members.values() if isinstance(entry, bytes))
    assert carried(archive) == carried(folder) == [[BASE.blob, TOP.blob], [BASE.blob]]
    for contents in (archive, folder):
        assert contents.findings == []
        app, arm = contents.images
        assert (app.image_id, arm.image_id) == (APP.id, ARM.id)
        assert app.references == ["docker.io/library/app:latest"]
        assert arm.references == []
        assert arm.platform == Platform("linux", "arm", "v7")
        assert app.manifest_digest == digest_of(APP.manifest)
        assert app.annotations["org.opencontainers.image.base.name"] == "debian"
        assert [each.media_type for each in app.layers] == [
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.oci.image.layer.v1.tar+zstd",
        ]
        assert [(each.digest, each.size) for each in app.layers] == [
            (BASE.digest, len(BASE.blob)),
            (TOP.digest, len(TOP.blob)),
        ]


def test_blobs_that_are_links_inside_the_folder_are_followed(tmp_path: Path) -> None:
    members = oci_layout(APP)
    linked: Members = {}
    for name, entry in members.items():
        if name.startswith("blobs/sha256/") and isinstance(entry, bytes):
            linked["store/" + name[-64:]] = entry
            linked[name] = Symlink(target="../../store/" + name[-64:])
        else:
            linked[name] = entry
    contents = opened(write_folder(tmp_path / "app", linked))
    assert carried(contents) == [[BASE.blob, TOP.blob]]
    assert contents.findings == []


def test_a_blob_that_is_a_link_out_of_the_folder_is_missing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(TOP.blob)
    members = oci_layout(APP)
    members["blobs/sha256/" + TOP.digest[7:]] = Symlink(target="../../../secret")
    contents = opened(write_folder(tmp_path / "app", members))
    assert contents.images[0].layers[1].presence is Presence.MISSING
    assert told(contents) == [("error", "blob-missing", 1), ("warning", "link-refused", None)]


def test_the_name_that_the_archive_was_given_stands_in_for_a_repository(tmp_path: Path) -> None:
    path = write(tmp_path / "3f2a", oci_layout(APP))
    assert opened(path, name="Web App.tar.gz").images[0].references == ["docker.io/library/web-app:latest"]


@pytest.mark.parametrize(
    ("annotations", "references"),
    [
        ({NAME: "tiny:1"}, ["docker.io/library/tiny:1"]),
        ({NAME: "quay.io/a/b"}, ["quay.io/a/b:latest"]),
        ({NAME: "v3", "io.containerd.image.name": "docker.io/foo/bar:v3"}, ["docker.io/foo/bar:v3"]),
        ({NAME: "not a tag"}, []),
        ({"io.containerd.image.name": "Not/A/Name"}, []),
        ({}, []),
    ],
)
def test_references_come_from_the_annotations(
    tmp_path: Path, annotations: dict[str, str], references: list[str]
) -> None:
    members = oci_layout(image([BASE]))
    (entry,) = entries_of(members)
    contents = opened(write(tmp_path / "app.tar", indexed(members, {**entry, "annotations": annotations})))
    assert contents.images[0].references == references
    assert troubles(contents) == (["invalid-reference"] if annotations and not references else [])


def test_each_present_platform_of_a_nested_index_is_an_image(tmp_path: Path) -> None:
    members = oci_layout(APP, ARM, nested=True, absent=["linux/s390x"], signed=True)
    contents = opened(write(tmp_path / "app.tar", members))
    assert [found.image_id for found in contents.images] == [APP.id, ARM.id]
    assert [found.references for found in contents.images] == [["docker.io/library/app:latest"]] * 2
    assert [(item.subject, item.image_id) for item in contents.attestations] == [
        (digest_of(APP.manifest), APP.id),
        (digest_of(ARM.manifest), ARM.id),
    ]
    assert troubles(contents) == []


def test_an_attestation_that_is_absent_with_its_platform_is_not_told(tmp_path: Path) -> None:
    members = oci_layout(APP, ARM, nested=True, signed=True)
    (nested,) = entries_of(members)
    index = json.loads(content(members, "blobs/sha256/" + nested["digest"][7:]))
    for entry in index["manifests"][2:]:
        del members["blobs/sha256/" + entry["digest"][7:]]
    del members["blobs/sha256/" + ARM.id[7:]]
    contents = opened(write(tmp_path / "app.tar", members))
    assert [found.image_id for found in contents.images] == [APP.id]
    assert [item.image_id for item in contents.attestations] == [APP.id]
    assert "1 platform whose bytes are elsewhere: linux/arm/v7" in contents.findings[0].detail


def test_a_platform_whose_manifest_came_without_its_blobs_is_absent(tmp_path: Path) -> None:
    other = image([{"arm": b"1"}], platform="linux/arm64")
    members = oci_layout(APP, other, nested=True)
    for gone in (other.id, other.layers[0].digest):
        del members["blobs/sha256/" + gone[7:]]
    contents = opened(write(tmp_path / "app.tar", members))
    assert [found.image_id for found in contents.images] == [APP.id]
    assert told(contents) == [("info", "platform-absent", None)]


def test_an_archive_without_any_of_its_platforms_says_so(tmp_path: Path) -> None:
    members = oci_layout(APP, nested=True, absent=["linux/s390x"])
    del members["blobs/sha256/" + digest_of(APP.manifest)[7:]]
    with pytest.raises(ArchiveError, match="names 2 images for other platforms, and holds none"):
        opened(write(tmp_path / "app.tar", members))


def test_a_manifest_that_the_layout_itself_names_must_be_there(tmp_path: Path) -> None:
    members = oci_layout(APP)
    (entry,) = entries_of(members)
    del entry["platform"]
    absent = {**entry, "digest": digest_of(b"gone")}
    contents = opened(write(tmp_path / "app.tar", indexed(members, entry, absent)))
    assert troubles(contents) == ["image-refused"]
    with pytest.raises(ArchiveError, match="is not in the archive"):
        opened(write(tmp_path / "app.tar", indexed(members, absent)))


def test_two_manifests_of_one_image_add_references_alone(tmp_path: Path) -> None:
    again = Image(APP.layers, APP.config, ("v1",), {"other": "annotation"})
    contents = opened(write(tmp_path / "app.tar", oci_layout(APP, again)))
    (found,) = contents.images
    assert found.references == ["docker.io/library/app:latest", "docker.io/library/app:v1"]


def test_the_platform_comes_from_the_config_and_what_it_lacks_from_the_descriptor(tmp_path: Path) -> None:
    bare = image([BASE], config={"os": "linux", "architecture": None})
    members = oci_layout(bare)
    (entry,) = entries_of(members)
    entry["platform"] = {"os": "windows", "architecture": "arm64", "variant": "v8"}
    contents = opened(write(tmp_path / "app.tar", indexed(members, entry)))
    assert contents.images[0].platform == Platform("linux", "arm64", "v8")


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (
            {
                "artifactType": "application/example.sbom",
                "config": descriptor(b"{}", "application/vnd.oci.empty.v1+json"),
            },
            "application/example.sbom",
        ),
        (
            {
                "config": descriptor(b"{}", OCI_CONFIG),
                "layers": [descriptor(b"{}", "application/vnd.dev.cosign.simplesigning.v1+json")],
            },
            "application/vnd.dev.cosign.simplesigning.v1+json",
        ),
        ({"artifactType": "application/old", "blobs": []}, "application/old"),
        ({"config": descriptor(b"{}", "application/vnd.cncf.helm.config.v1+json")}, "helm"),
    ],
)
def test_other_artifacts_are_named_and_set_aside(tmp_path: Path, document: dict[str, Any], kind: str) -> None:
    members = oci_layout(APP)
    put(members, b"{}")
    contents = opened(write(tmp_path / "app.tar", with_manifest(members, document, annotations={NAME: "thing"})))
    assert [found.image_id for found in contents.images] == [APP.id]
    finding = next(finding for finding in contents.findings if finding.code == "artifact-set-aside")
    assert finding.detail.startswith("thing ")
    assert kind in finding.detail
    assert "image-refused" not in troubles(contents)


def test_a_builders_attestation_of_another_shape_is_set_aside(tmp_path: Path) -> None:
    members = with_manifest(
        oci_layout(APP),
        {"config": descriptor(APP.config, OCI_CONFIG), "layers": [descriptor(BASE.blob, "application/x.build+json")]},
        annotations={
            "vnd.docker.reference.type": "builder",
            "vnd.docker.reference.digest": digest_of(APP.manifest),
        },
    )
    contents = opened(write(tmp_path / "app.tar", members))
    assert contents.attestations == []
    assert told(contents) == [("info", "artifact-set-aside", None)]


def test_an_archive_of_artifacts_alone_says_so(tmp_path: Path) -> None:
    members = with_manifest(indexed(oci_layout(APP)), {"artifactType": "application/example.sbom", "blobs": []})
    with pytest.raises(ArchiveError, match=r"holds no image, only artifacts of other kinds: application/example\.sbom"):
        opened(write(tmp_path / "app.tar", members))


def test_a_foreign_layer_is_told_with_its_place(tmp_path: Path) -> None:
    kind = "application/vnd.oci.image.layer.nondistributable.v1.tar"
    foreign = image([layer({"x": b"1"}, media_type=kind), BASE])
    members = oci_layout(foreign)
    present = opened(write(tmp_path / "present.tar", members))
    assert present.images[0].layers[0].presence is Presence.PRESENT
    assert present.findings == []
    del members["blobs/sha256/" + foreign.layers[0].digest[7:]]
    absent = opened(write(tmp_path / "absent.tar", members))
    assert absent.images[0].layers[0].presence is Presence.FOREIGN
    assert told(absent) == [("error", "foreign-layer", 0)]


def test_sizes_and_digests_that_are_not_the_declared_ones_are_told(tmp_path: Path) -> None:
    members = oci_layout(APP)
    members["blobs/sha256/" + BASE.digest[7:]] = BASE.blob + b"more"
    members["blobs/sha256/" + APP.id[7:]] = ARM.config
    contents = opened(write(tmp_path / "app.tar", members))
    assert contents.images[0].image_id == ARM.id
    assert ("warning", "size-mismatch", 0) in told(contents)
    assert {"digest-mismatch", "size-mismatch"} <= set(troubles(contents))


def test_a_label_that_lies_is_told_and_the_shape_counts(tmp_path: Path) -> None:
    members = oci_layout(APP)
    (entry,) = entries_of(members)
    contents = opened(write(tmp_path / "app.tar", indexed(members, {**entry, "mediaType": OCI_INDEX})))
    assert [found.image_id for found in contents.images] == [APP.id]
    assert troubles(contents) == ["media-type-mismatch"]


def test_a_document_that_is_index_and_manifest_at_once_is_refused(tmp_path: Path) -> None:
    both = {**json.loads(APP.manifest), "manifests": []}
    with pytest.raises(ArchiveError, match="both an index and a manifest"):
        opened(write(tmp_path / "app.tar", with_manifest(indexed(oci_layout(APP)), both)))


def test_a_manifest_of_schema_1_is_refused_in_words(tmp_path: Path) -> None:
    old = {"schemaVersion": 1, "fsLayers": [], "history": []}
    with pytest.raises(ArchiveError, match="schema 1"):
        opened(write(tmp_path / "app.tar", with_manifest(indexed(oci_layout(APP)), old)))


def nest(members: Members, entry: dict[str, Any], times: int) -> dict[str, Any]:
    for _ in range(times):
        raw = dumps({"schemaVersion": 2, "manifests": [entry]})
        put(members, raw)
        entry = descriptor(raw, OCI_INDEX)
    return entry


def test_the_nesting_of_indexes_is_limited(tmp_path: Path) -> None:
    members = oci_layout(APP)
    (entry,) = entries_of(members)
    allowed = indexed(members, nest(members, entry, 4))
    assert len(opened(write(tmp_path / "app.tar", {**members, **allowed})).images) == 1
    deep = indexed(members, nest(members, entry, 5))
    with pytest.raises(LimitReached, match="MAX_INDEX_DEPTH=4"):
        opened(write(tmp_path / "app.tar", {**members, **deep}))


def test_an_index_that_names_itself_ends(tmp_path: Path) -> None:
    members = oci_layout(APP)
    (entry,) = entries_of(members)
    digest = digest_of(b"loop")
    loop = {"mediaType": OCI_INDEX, "digest": digest}
    members["blobs/sha256/" + digest[7:]] = dumps({"manifests": [loop, entry, loop]})
    contents = opened(write(tmp_path / "app.tar", indexed(members, loop)))
    assert [found.image_id for found in contents.images] == [APP.id]
    assert troubles(contents) == ["digest-mismatch"]


def test_entries_that_multiply_are_limited(tmp_path: Path) -> None:
    members = oci_layout(*(image([BASE], config={"author": str(number)}) for number in range(20)), nested=True)
    (entry,) = entries_of(members)
    many = indexed(members, *([entry] * 20))
    with pytest.raises(LimitReached, match="MAX_ARCHIVE_MEMBERS=100"):
        opened(write(tmp_path / "app.tar", many), Limits(max_archive_members=100))


def test_one_entry_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    members = oci_layout(APP)
    (entry,) = entries_of(members)
    broken = {**entry, "digest": "sha512:00"}
    contents = opened(write(tmp_path / "app.tar", indexed(members, broken, entry)))
    assert [found.image_id for found in contents.images] == [APP.id]
    assert troubles(contents) == ["image-refused"]


@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        (b"{", "index.json cannot be read: it is not JSON"),
        (b"[]", "index.json cannot be read: index.json is not an object"),
        (b"null", "index.json cannot be read: it is null"),
        (b"{}", "The archive names no image"),
        (b'{"manifests": {}}', "index.json cannot be read: manifests is not a list"),
        (b'{"manifests": [{}]}', "Entry 1 of an index cannot be read"),
    ],
)
def test_a_broken_index_is_told_in_a_sentence(tmp_path: Path, index: bytes, sentence: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        opened(write(tmp_path / "app.tar", {"index.json": index}))
    assert str(caught.value).startswith(sentence)


def test_documents_are_limited_in_size_and_depth(tmp_path: Path) -> None:
    big = image([BASE], config={"author": "x" * 5_000})
    with pytest.raises(LimitReached, match="MAX_JSON_BYTES=4000"):
        opened(write(tmp_path / "app.tar", oci_layout(big)), Limits(max_json_bytes=4_000))
    with pytest.raises(LimitReached, match="MAX_DOCUMENTS_BYTES=4000"):
        opened(write(tmp_path / "app.tar", oci_layout(big)), Limits(max_documents_bytes=4_000))
    with pytest.raises(LimitReached, match="MAX_JSON_DEPTH=2"):
        opened(write(tmp_path / "app.tar", oci_layout(big)), Limits(max_json_depth=2))


def test_a_config_of_a_pathological_depth_is_refused_by_the_limits_name(tmp_path: Path) -> None:
    deep = Image((BASE,), b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
    manifest = {"config": descriptor(deep.config, OCI_CONFIG), "layers": []}
    members = indexed(oci_layout(APP))
    put(members, deep.config)
    with pytest.raises(LimitReached, match="MAX_JSON_DEPTH=64"):
        opened(write(tmp_path / "app.tar", with_manifest(members, manifest)))


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_layout_compressed_as_a_whole_is_inflated(tmp_path: Path, compression: str) -> None:
    path = write(tmp_path / "app.tar", oci_layout(APP), compression=compression)
    contents = opened(path)
    assert contents.size == path.stat().st_size
    assert [found.image_id for found in contents.images] == [APP.id]


def test_an_attestation_that_cannot_be_read_is_listed_all_the_same(tmp_path: Path) -> None:
    raw = b"{"
    members = oci_layout(APP)
    put(members, raw)
    annotations = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": digest_of(APP.manifest),
    }
    entry = descriptor(raw, OCI_MANIFEST, annotations=annotations)
    contents = opened(write(tmp_path / "app.tar", indexed(members, *entries_of(members), entry)))
    assert [(item.digest, item.image_id) for item in contents.attestations] == [(digest_of(raw), APP.id)]
    assert troubles(contents) == []
