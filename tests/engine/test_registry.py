"""A real registry, open, with passwords and with TLS: every pulled image is the one that was pushed."""

import json
import os
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
    before = len(plain.got("blobs"))
    document = pull_document(f"{plain.address}/app:1")
    assert images_of(document) == images_of(uploaded)
    assert sorted(path.rpartition("/")[2] for path in plain.got("blobs")[before:]) == sorted(
        [APP.id, APP.layers[1].digest]
    )
    before, manifests = len(plain.got("blobs")), len(plain.got("manifests"))
    assert images_of(pull_document(f"{plain.address}/app:1")) == images_of(uploaded)
    assert plain.got("blobs")[before:] == []
    assert len(plain.got("manifests")) == manifests + 1


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
