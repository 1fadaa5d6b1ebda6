"""The job that pulls: the same image as its upload, what is held is not fetched, and what failed goes on."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone
from pytest_django import Settings

from analyzer.models import Chain, Image, Job, JobState, Layer, Registry, WatchedTag
from analyzer.oci.digest import digest_of
from analyzer.oci.reference import InvalidReference
from analyzer.registry.context import Credentials
from analyzer.registry.platforms import InvalidPlatform
from analyzer.selectors.registries import tags_of
from analyzer.services import jobs, pulling, pulls, watches, work
from tests.archives import descriptor, dumps, image, layer, oci_layout
from tests.cast import Cast
from tests.images import OCI_INDEX, OCI_MANIFEST
from tests.registry.fake import Answer, FakeRegistry, cut, fake_registry, hanging, status
from tests.taking import bring, document_of, run_steps

BASE = layer({"bin/sh": random.Random(1).randbytes(50_000)}, compression="gzip")
OWN = layer({"app": b"own" * 5_000}, compression="gzip")
BASE_IMAGE = image([BASE])
APP = image([BASE, OWN])


@pytest.fixture
def fake(settings: Settings) -> Iterator[FakeRegistry]:
    with fake_registry() as made:
        made.add(oci_layout(BASE_IMAGE), "base")
        made.add(oci_layout(APP), "app")
        settings.REGISTRY_RULES = made.context().network
        yield made


def pulled(fake: FakeRegistry, cast: Cast, tag: str = "app", **more: Any) -> Job:
    job = pulls.create_pull(team=cast.team, user=cast.alice, reference=f"{fake.address}/app:{tag}", **more)
    run_steps(job)
    job.refresh_from_db()
    return job


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    return {**document["images"][0], "references": []}


def left_over() -> list[str]:
    return [name for _, _, names in os.walk(site.PULL_DIR) for name in names]


def test_a_pulled_image_has_the_document_of_its_upload(fake: FakeRegistry, cast: Cast, tmp_path: Path) -> None:
    job = pulled(fake, cast)
    assert (job.state, job.error) == (JobState.DONE, "")
    assert job.archive is not None
    assert job.archive.format == "registry"
    theirs = comparable(document_of(bring(tmp_path, oci_layout(APP), cast.team)))
    assert comparable(document_of(job.archive)) == theirs
    assert document_of(job.archive)["images"][0]["references"] == [f"{fake.address}/app:app"]
    assert job.fetched == job.fetch_total == len(BASE.blob) + len(OWN.blob)
    assert left_over() == []


def test_what_is_fetched_is_written_once(fake: FakeRegistry, cast: Cast, settings: Settings, tmp_path: Path) -> None:
    """A kept blob is the file that was fetched, under one name in the end."""
    settings.BLOB_DIR = tmp_path / "blobs"
    job = pulls.create_pull(team=cast.team, user=cast.alice, reference=f"{fake.address}/app:app")
    work.open_step(str(job.pk))
    fetched = pulling.blob_folder(cast.team.pk).whole(BASE.digest).stat()
    run_steps(job)
    kept = (settings.BLOB_DIR / "sha256" / BASE.digest[7:9] / BASE.digest[7:]).stat()
    assert (kept.st_ino, kept.st_nlink) == (fetched.st_ino, 1)
    assert left_over() == []


def test_blobs_of_stored_layers_are_not_fetched_and_that_is_told(
    fake: FakeRegistry, cast: Cast, tmp_path: Path
) -> None:
    assert pulled(fake, cast, "base").state == JobState.DONE
    fake.asked.clear()
    job = pulled(fake, cast)
    assert job.state == JobState.DONE
    assert [path.rpartition("/")[2] for path in fake.got("blobs")] == [APP.id, OWN.digest]
    assert (job.saved, job.fetched, job.held) == (len(BASE.blob), len(OWN.blob), [BASE.digest])
    assert job.archive is not None
    whole = comparable(document_of(bring(tmp_path, oci_layout(APP), cast.team)))
    assert comparable(document_of(job.archive)) == whole
    fake.asked.clear()
    assert pulled(fake, cast).saved == len(BASE.blob) + len(OWN.blob)
    assert fake.got("blobs") == []


@pytest.mark.parametrize("by_api", [True, False])
def test_what_refers_to_the_image_is_attached(fake: FakeRegistry, cast: Cast, *, by_api: bool) -> None:
    """By the API of newer registries, or by the tag that takes its place in others."""
    subject = descriptor(APP.manifest, OCI_MANIFEST)
    empty = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2}
    kind = {"mediaType": OCI_MANIFEST, "artifactType": "application/spdx+json"}
    bill = dumps({"schemaVersion": 2, **kind, "config": empty, "layers": [empty], "subject": subject})
    fake.blobs[digest_of(bill)] = bill
    fake.knows_referrers = by_api
    if not by_api:
        index = dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(bill, OCI_MANIFEST)]})
        fake.tag(subject["digest"].replace(":", "-"), index, OCI_INDEX)
    job = pulled(fake, cast)
    assert (job.state, job.error) == (JobState.DONE, "")
    assert job.archive is not None
    document = document_of(job.archive)
    assert document["attestations"] == [{"digest": digest_of(bill), "subject": subject["digest"]}]
    assert [each["image_id"] for each in document["images"]] == [APP.id]


def test_a_list_of_referrers_that_hangs_is_passed_over_after_its_time_and_that_is_told(
    fake: FakeRegistry, cast: Cast, settings: Settings
) -> None:
    settings.REGISTRY_RULES = replace(settings.REGISTRY_RULES, timeout=0.5)
    fake.always["/referrers/"] = hanging
    job = pulled(fake, cast)
    assert (job.state, job.error) == (JobState.DONE, "")
    assert len(fake.got("referrers")) == 1
    assert job.archive is not None
    told = {finding["code"]: (finding["severity"], finding["detail"]) for finding in job.archive.findings}
    severity, detail = told["referrers-not-read"]
    assert severity == "info"
    assert detail.startswith(f"{fake.address} hangs")
    assert detail.endswith("What refers to the image was passed over.")


def test_a_layer_that_was_uploaded_in_another_form_is_held_too(fake: FakeRegistry, cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, oci_layout(image([replace(BASE, compression="none")])), cast.team)
    job = pulled(fake, cast)
    assert (job.state, job.held) == (JobState.DONE, [BASE.digest])
    assert job.archive is not None
    assert "blob-not-fetched" in {finding["code"] for finding in job.archive.findings}


def test_what_another_team_holds_is_fetched(fake: FakeRegistry, cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, oci_layout(APP), cast.other_team)
    job = pulled(fake, cast)
    assert (job.state, job.held, job.saved) == (JobState.DONE, [], 0)
    assert job.fetched == len(BASE.blob) + len(OWN.blob)


def test_a_pull_that_failed_is_tried_again_where_it_stopped(fake: FakeRegistry, cast: Cast) -> None:
    fake.always[BASE.digest] = cut(500)
    job = pulled(fake, cast)
    assert job.state == JobState.FAILED
    assert job.error.endswith(".")
    assert not Image.objects.exists()
    fake.always.clear()
    fake.asked.clear()
    jobs.retry_job(job)
    run_steps(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    ranges = [headers.get("range") for _, path, headers in fake.asked if path.endswith(BASE.digest)]
    assert ranges
    assert ranges[0] not in (None, "bytes=0-")
    assert left_over() == []


def test_layers_that_go_while_a_pull_relies_on_them_are_fetched_after_all(fake: FakeRegistry, cast: Cast) -> None:
    pulled(fake, cast, "base")
    job = pulls.create_pull(team=cast.team, user=cast.alice, reference=f"{fake.address}/app:app")
    work.open_step(str(job.pk))
    job.refresh_from_db()
    assert job.held == [BASE.digest]
    for rows in (Image, Chain, Layer):
        rows.objects.all().delete()
    for pk in job.layers.values_list("pk", flat=True):
        work.layer_step(pk)
    work.assemble_step(str(job.pk))
    job.refresh_from_db()
    assert (job.stage, job.state, job.error) == ("fetching", "running", "")
    run_steps(job)
    job.refresh_from_db()
    assert (job.state, job.held) == (JobState.DONE, [])


@pytest.mark.parametrize(
    ("fault", "words"),
    [(status(401), "name and a password"), (status(404), "no tag app"), (status(429), "limits how often")],
)
def test_a_refusal_is_the_jobs_error(fake: FakeRegistry, cast: Cast, fault: Any, words: str) -> None:
    fake.always["/manifests/"] = fault
    job = pulled(fake, cast)
    assert job.state == JobState.FAILED
    assert words in job.error


def test_a_pull_keeps_to_what_the_registry_says_of_its_limit(fake: FakeRegistry, cast: Cast) -> None:
    """The team's registry is left alone from then on, and what a watch wanted is brought by one of its next looks."""
    kept = Registry.objects.create(team=cast.team, name="Ours", host=fake.address)
    limits = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "76;w=21600"}
    fake.always["/manifests/"] = lambda answer: Answer(answer.status, answer.body, answer.headers | limits)
    assert pulled(fake, cast).state == JobState.DONE
    kept.refresh_from_db()
    assert (kept.rate_remaining, kept.quiet_until) == (76, None)

    fake.always["/manifests/base"] = status(429, Retry_After="600")
    watch = watches.begin(kept, cast.alice, repository="app", tag="base")
    job = pulls.create_pull(team=cast.team, user=cast.alice, reference=f"{fake.address}/app:base")
    row = WatchedTag.objects.create(watch=watch, repository="app", tag="base", digest=BASE_IMAGE.id, job=job)
    run_steps(job)
    job.refresh_from_db()
    assert (job.state, "in 10 minutes" in job.error) == (JobState.FAILED, True)
    kept.refresh_from_db()
    assert kept.quiet_until is not None
    row.refresh_from_db()
    assert row.digest == ""


@pytest.mark.parametrize(("answer", "again"), [(503, True), (404, False)])
def test_what_a_watch_could_not_bring_for_a_trouble_that_passes_is_brought_by_a_later_look(
    fake: FakeRegistry, cast: Cast, answer: int, again: bool
) -> None:
    kept = Registry.objects.create(team=cast.team, name="Ours", host=fake.address)
    watch = watches.begin(kept, cast.alice, repository="app", tag="base")
    fake.always["/blobs/"] = status(answer)
    job = pulls.create_pull(team=cast.team, user=cast.alice, reference=f"{fake.address}/app:base")
    seen = {"digest": BASE_IMAGE.id, "changed": timezone.now()}
    row = WatchedTag.objects.create(watch=watch, repository="app", tag="base", job=job, **seen)
    run_steps(job)
    row.refresh_from_db()
    assert (row.digest == "") is again
    assert list(tags_of(watch)) == [row]


def test_the_credentials_of_a_pull_are_kept_sealed_and_only_as_long_as_it_may_fetch(
    fake: FakeRegistry, cast: Cast
) -> None:
    fake.token = "the-token"
    job = pulls.create_pull(
        team=cast.team,
        user=cast.alice,
        reference=f"{fake.address}/app:app",
        credentials=Credentials("alice", "very-secret"),
    )
    assert "very-secret" not in job.sealed_credentials
    run_steps(job)
    job.refresh_from_db()
    assert (job.state, job.sealed_credentials) == (JobState.DONE, "")


def test_the_teams_registry_logs_in_where_the_pull_brings_nobody(fake: FakeRegistry, cast: Cast) -> None:
    kept = Registry(team=cast.team, name="ours", host=fake.address, username="robot")
    kept.set_password("robot-secret")
    kept.save()
    fake.token = "the-token"
    assert pulled(fake, cast).state == JobState.DONE
    asked = [path for _, path, _ in fake.asked if path.startswith("/token")]
    assert "account=robot" in asked[0]


def test_what_is_no_reference_or_no_platform_is_refused_at_once(cast: Cast) -> None:
    with pytest.raises(InvalidReference):
        pulls.create_pull(team=cast.team, user=cast.alice, reference="Not A Reference")
    with pytest.raises(InvalidPlatform):
        pulls.create_pull(team=cast.team, user=cast.alice, reference="app", platform="toaster")
    assert not Job.objects.exists()


def test_what_nobody_goes_on_with_is_swept(fake: FakeRegistry, cast: Cast) -> None:
    fake.always[BASE.digest] = cut(500)
    job = pulled(fake, cast)
    assert left_over()
    pulling.sweep(older_than=3600)
    assert left_over()
    jobs.remove_job(job)
    pulling.sweep(older_than=-1)
    assert left_over() == []
