"""A real registry, open, with passwords and with TLS: every pulled image is the one that was pushed."""

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from analyzer.registry.client import RegistryClient
from analyzer.registry.context import Credentials, NetworkRules
from analyzer.registry.errors import Kind, RegistryError
from analyzer.selectors.documents import archive_document
from analyzer.services import pulls
from tests.archives import attestation, descriptor, dumps, image, layer, oci_layout, put
from tests.cast import Cast
from tests.commands import run
from tests.images import OCI_INDEX, OCI_MANIFEST
from tests.service.registries import PASSWORD, USER, Registry, docker_registry
from tests.taking import bring, document_of, run_steps

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

CORPUS = Path(os.environ.get("CORPUS", "/nonexistent"))
FAMILIES = [("node_argon", "expressweb"), ("base", "shared-a")]  # of a corpus: the second is built on the first
BASE = layer({"bin/sh": os.urandom(200_000)}, compression="gzip")
APP = image([BASE, layer({"app": b"own"}, compression="zstd")])
BASE_IMAGE = image([BASE])
ARM = image([layer({"bin/sh": b"arm"}, compression="gzip")], platform="linux/arm64")


def rules(registry: Registry, **more: Any) -> NetworkRules:
    hosts = frozenset({"127.0.0.1"})
    plain = frozenset() if registry.ca else hosts
    named: dict[str, Any] = {"private_hosts": hosts, "plain_http_hosts": plain, "ca_file": str(registry.ca or "")}
    return NetworkRules(**{**named, "attempts": 2, "pause": 0.1, **more})


@pytest.fixture(scope="module")
def plain() -> Iterator[Registry]:
    with docker_registry() as made:
        yield made


@pytest.fixture(scope="module")
def guarded() -> Iterator[Registry]:
    with docker_registry(auth=True, tls=True) as made:
        yield made


def pull_document(reference: str, *more: str) -> dict[str, Any]:
    code, text = run("pull", reference, "--json", *more)
    assert code == 0, text
    document: dict[str, Any] = json.loads(text)
    return document


def images_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**each, "references": []} for each in document["images"]]


def test_a_pulled_image_is_its_upload_and_a_stored_base_is_not_fetched(
    plain: Registry, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    settings.REGISTRY_RULES = rules(plain)
    plain.fill(tmp_path / "base", "app:base", oci_layout(BASE_IMAGE))
    plain.fill(tmp_path / "app", "app:1", oci_layout(APP))
    uploaded = document_of(bring(tmp_path, oci_layout(APP), cast.other_team))
    pull_document(f"{plain.address}/app:base")
    own = APP.layers[1]
    new = {"manifests/1": len(APP.manifest), f"blobs/{APP.id}": len(APP.config), f"blobs/{own.digest}": len(own.blob)}
    for expected in (new, {"manifests/1": len(APP.manifest)}):  # the second time only the manifest
        before = len(plain.sent())
        assert images_of(pull_document(f"{plain.address}/app:1")) == images_of(uploaded)
        assert sorted(plain.sent()[before:]) == sorted((f"/v2/app/{path}", size) for path, size in expected.items())


def test_a_platform_of_an_index_is_chosen_and_its_attestation_attached(
    plain: Registry, settings: Settings, tmp_path: Path, cast: Cast
) -> None:
    settings.REGISTRY_RULES = rules(plain)
    members = oci_layout(APP)
    members |= oci_layout(ARM)
    entries = [descriptor(each.manifest, OCI_MANIFEST, platform=each.platform) for each in (APP, ARM)]
    entries += [attestation(members, entry["digest"]) for entry in entries]
    index = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
    put(members, index)
    members["index.json"] = dumps({"schemaVersion": 2, "manifests": [descriptor(index, OCI_INDEX)]})
    plain.fill(tmp_path / "multi", "multi:1", members)
    arm = pull_document(f"{plain.address}/multi:1", "--platform", "linux/arm64")
    assert [each["image_id"] for each in arm["images"]] == [ARM.id]
    assert [each["subject"] for each in arm["attestations"]] == [entries[1]["digest"]]
    both = pull_document(f"{plain.address}/multi:1", "--all-platforms")
    assert {each["image_id"] for each in both["images"]} == {APP.id, ARM.id}
    code, _ = run("pull", f"{plain.address}/multi:1", "--platform", "linux/s390x")
    assert code == 2


def test_passwords_and_a_certificate_of_our_own_are_used(
    guarded: Registry, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    guarded.fill(tmp_path / "app", "app:1", oci_layout(APP))
    settings.REGISTRY_RULES = rules(guarded)
    reference = f"{guarded.address}/app:1"
    job = pulls.create_pull(
        team=cast.team, user=cast.alice, reference=reference, credentials=Credentials(USER, PASSWORD)
    )
    run_steps(job)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert job.archive is not None
    assert archive_document(job.archive)["images"][0]["image_id"] == APP.id
    for credentials in (None, Credentials(USER, "wrong")):
        context = pulls.context_of(guarded.address, credentials)
        with RegistryClient(context) as client, pytest.raises(RegistryError) as raised:
            client.ping()
        assert raised.value.kind is Kind.UNAUTHORIZED
    settings.REGISTRY_RULES = rules(guarded, ca_file="")
    with RegistryClient(pulls.context_of(guarded.address)) as client, pytest.raises(RegistryError) as raised:
        client.ping()
    assert raised.value.kind is Kind.TLS


@pytest.mark.acceptance
@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.glob("*.tar")))
def test_every_image_of_the_corpus_is_pulled_as_it_was_pushed(
    plain: Registry, settings: Settings, cast: Cast, name: str
) -> None:
    settings.REGISTRY_RULES = rules(plain)
    stem, form = name.split(".")[:2]
    kind = "docker-archive" if form == "docker" else "oci-archive"
    plain.push(f"{kind}:{CORPUS / name}", f"corpus/{stem}:{form}")
    pulled = pull_document(f"{plain.address}/corpus/{stem}:{form}")
    code, text = run("analyze", str(CORPUS / name), "--json")
    assert code == 0
    uploaded = json.loads(text)
    if form == "docker":  # a push compresses what an engine has saved plain
        for each in (*pulled["images"], *uploaded["images"]):
            for part in each["layers"]:
                del part["blob_digest"], part["blob_size"], part["compression"], part["media_type"]
    assert images_of(pulled) == images_of(uploaded)


@pytest.mark.acceptance
@pytest.mark.parametrize("names", [names for names in FAMILIES if (CORPUS / f"{names[1]}.oci.tar").exists()])
def test_of_a_child_of_a_stored_image_only_the_new_blobs_are_transferred(
    plain: Registry, settings: Settings, cast: Cast, names: tuple[str, str]
) -> None:
    """The access log counts what came of an image whose base is stored."""
    settings.REGISTRY_RULES = rules(plain)
    for name in names:
        plain.push(f"oci-archive:{CORPUS / f'{name}.oci.tar'}", f"family/{name}:1")
    base, child = (manifest_of(CORPUS / f"{name}.oci.tar") for name in names)
    held = {blob["digest"] for blob in base["layers"]}
    new = {blob["digest"]: blob["size"] for blob in (child["config"], *child["layers"]) if blob["digest"] not in held}
    assert len(new) < 1 + len(child["layers"])
    pull_document(f"{plain.address}/family/{names[0]}:1")
    for expected in (new, {}):  # the second time only the manifest
        before = len(plain.sent())
        pull_document(f"{plain.address}/family/{names[1]}:1")
        (manifest, size), *blobs = plain.sent()[before:]
        print(f"{names[1]}: {1 + len(blobs)} answers, {size + sum(size for _, size in blobs):,} bytes")
        assert manifest == f"/v2/family/{names[1]}/manifests/1"
        assert {path.rpartition("/")[2]: size for path, size in blobs} == expected
        assert len(blobs) == len(expected)


def manifest_of(archive: Path) -> dict[str, Any]:
    with tarfile.open(archive) as tar:

        def document(name: str) -> dict[str, Any]:
            member = tar.extractfile(name)
            assert member
            found: dict[str, Any] = json.load(member)
            return found

        digest = document("index.json")["manifests"][0]["digest"]
        return document(f"blobs/sha256/{digest.removeprefix('sha256:')}")
