"""An archive's findings: every odd layer tells something, and a hostile archive does not fill the database."""

from pathlib import Path

import pytest

from analyzer.oci.findings import Finding, Severity
from analyzer.services.findings import MOST, ArchiveFindings
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring


def finding(code: str = "duplicate-entry") -> Finding:
    return Finding(code, Severity.WARNING, "odd", path=b"a")


def test_few_findings_are_all_kept() -> None:
    found = ArchiveFindings([finding()])
    found.add(finding().as_json(), "sha256:1", 2)
    assert [(item["image_id"], item["layer"]) for item in found.all()] == [(None, None), ("sha256:1", 2)]


def test_of_many_the_first_of_each_code_in_each_layer_is_kept() -> None:
    found = ArchiveFindings([])
    for _ in range(MOST):
        found.add(finding().as_json(), "sha256:1", 0)
    for layer_index in range(10):
        for code in ("duplicate-entry", "unsafe-path", "unsafe-path"):
            found.add(finding(code).as_json(), "sha256:1", layer_index)
    kept = found.all()
    assert len(kept) == MOST // 2 + 19 + 1
    assert {item["layer"] for item in kept if item["code"] == "unsafe-path"} == set(range(10))
    assert kept[-1]["detail"] == f"{MOST // 2 + 11:,} more findings of this archive are not listed."


def test_there_are_never_more_than_the_most() -> None:
    found = ArchiveFindings([])
    for layer_index in range(MOST + 5):
        found.add(finding().as_json(), "sha256:1", layer_index)
    assert len(found.all()) == MOST + 1


@pytest.mark.django_db
def test_a_layer_with_findings_that_is_used_hundreds_of_times_keeps_one_for_each_use(
    cast: Cast, tmp_path: Path
) -> None:
    odd = layer([(f"{number // 2}", b"") for number in range(100)])
    archive = bring(tmp_path, docker_save(image([odd] * 300, tags=["app:1"])), cast.team)
    duplicates = [item["layer"] for item in archive.findings if item["code"] == "duplicate-entry"]
    assert set(duplicates) == set(range(300))
    assert len(duplicates) < MOST
    assert archive.findings[-1]["code"] == "findings-left-out"
