from typing import Any

import pytest

from analyzer.oci.config import Platform
from analyzer.oci.jsondoc import DocumentError
from analyzer.oci.manifest import Descriptor, Manifest, parse_descriptor, parse_manifest
from analyzer.oci.mediatypes import DocumentKind, is_foreign, kind_of_document, label_lies

DIGEST = "sha256:" + "b" * 64
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def manifest(config: str = CONFIG, layers: tuple[str, ...] = (LAYER,), artifact_type: str = "") -> Manifest:
    return Manifest(
        config=Descriptor(DIGEST, 2, config),
        layers=tuple(Descriptor(DIGEST, 2, layer) for layer in layers),
        annotations={},
        artifact_type=artifact_type,
    )


def test_a_descriptor_is_read() -> None:
    descriptor = parse_descriptor(
        {
            "digest": DIGEST,
            "size": 7,
            "mediaType": LAYER,
            "platform": {"os": "linux", "architecture": "arm", "variant": "v7", "os.version": "1"},
            "annotations": {"a": "b"},
            "urls": ["https://example.com/x"],
        },
        "layers[0]",
    )
    assert descriptor == Descriptor(
        DIGEST, 7, LAYER, Platform("linux", "arm", "v7"), {"a": "b"}, ("https://example.com/x",)
    )


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"digest": None},
        {"digest": "sha512:" + "0" * 128},
        {"digest": "sha256:" + "A" * 64},
        {"digest": "sha256:../../etc/passwd"},
        {"digest": DIGEST, "size": "1"},
        {"digest": DIGEST, "size": -1},
        {"digest": DIGEST, "annotations": {"a": []}},
        {"digest": DIGEST, "urls": "https://example.com"},
        {"digest": DIGEST, "platform": "linux/amd64"},
    ],
)
def test_a_malformed_descriptor_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(DocumentError, match=r"manifests\[3\]"):
        parse_descriptor(value, "manifests[3]")


def test_a_manifest_is_read() -> None:
    document = {"config": {"digest": DIGEST}, "layers": [{"digest": DIGEST}], "annotations": {"a": "b"}}
    parsed = parse_manifest(document)
    assert parsed.config.digest == DIGEST
    assert [layer.digest for layer in parsed.layers] == [DIGEST]
    assert parsed.annotations == {"a": "b"}


@pytest.mark.parametrize(
    "document", [{}, {"config": {"digest": DIGEST}, "layers": [1]}, {"config": {"digest": DIGEST}, "layers": {}}]
)
def test_a_malformed_manifest_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        parse_manifest(document)


@pytest.mark.parametrize(
    "image",
    [
        manifest(),
        manifest(layers=()),
        manifest(config=""),
        manifest(layers=(LAYER, "application/vnd.in-toto+json")),
        manifest(layers=("application/vnd.sylabs.image.layer.v1.squashfs",)),
        manifest(layers=("application/octet-stream",)),
        manifest(config="application/vnd.docker.container.image.v1+json"),
        manifest(artifact_type="application/vnd.docker.container.image.v1+json"),
    ],
)
def test_an_image_is_no_artifact(image: Manifest) -> None:
    assert image.artifact is None


@pytest.mark.parametrize(
    ("artifact", "kind"),
    [
        (manifest(artifact_type="application/example.sbom"), "application/example.sbom"),
        (manifest(config="application/vnd.cncf.helm.config.v1+json"), "application/vnd.cncf.helm.config.v1+json"),
        (manifest(config="application/vnd.oci.empty.v1+json"), "application/vnd.oci.empty.v1+json"),
        (
            manifest(layers=("application/vnd.dev.cosign.simplesigning.v1+json",)),
            "application/vnd.dev.cosign.simplesigning.v1+json",
        ),
        (manifest(layers=("application/vnd.in-toto+json",) * 2), "application/vnd.in-toto+json"),
        (manifest(layers=("text/spdx",)), "text/spdx"),
    ],
)
def test_an_artifact_is_known_by_its_types(artifact: Manifest, kind: str) -> None:
    assert artifact.artifact == kind


def test_an_attestation_is_known_by_its_annotation() -> None:
    annotations = {"vnd.docker.reference.type": "attestation-manifest"}
    assert Descriptor(DIGEST, 1, "", annotations=annotations).is_attestation
    assert not Descriptor(DIGEST, 1, "", annotations={"vnd.docker.reference.type": "builder"}).is_attestation


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"manifests": []}, DocumentKind.INDEX),
        ({"manifests": None}, DocumentKind.INDEX),
        ({"config": {}, "layers": []}, DocumentKind.MANIFEST),
        ({"config": {}}, DocumentKind.MANIFEST),
        ({"schemaVersion": 1, "fsLayers": []}, DocumentKind.SCHEMA1),
        ({"blobs": []}, DocumentKind.OTHER),
        ({}, DocumentKind.OTHER),
    ],
)
def test_a_document_is_known_by_its_shape(document: dict[str, Any], kind: DocumentKind) -> None:
    assert kind_of_document(document) is kind


@pytest.mark.parametrize("other", ["config", "layers"])
def test_a_document_of_two_shapes_is_refused(other: str) -> None:
    with pytest.raises(DocumentError, match="both an index and a manifest"):
        kind_of_document({"manifests": [], other: []})


def test_a_label_that_lies_is_told() -> None:
    index, of_manifest = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"
    assert label_lies(index, DocumentKind.MANIFEST)
    assert label_lies(of_manifest, DocumentKind.INDEX)
    assert not label_lies(index, DocumentKind.INDEX)
    assert not label_lies("", DocumentKind.INDEX)


def test_foreign_layers_are_known_by_their_type() -> None:
    assert is_foreign("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
    assert is_foreign("application/vnd.oci.image.layer.nondistributable.v1.tar")
    assert not is_foreign(LAYER)
