"""The hostile corpus through the whole path: workers live, within time and memory, and every job ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from analyzer.models import ENDED, Job, JobState, LayerIndex
from tests import hostile
from tests.cast import Cast
from tests.hostile.worker import MEMORY, SECONDS
from tests.settings import ROOT

pytestmark = pytest.mark.django_db(transaction=True)


def taken_in(cast: Cast, folder: Path, corpus: dict[str, hostile.Make]) -> list[dict[str, int]]:
    """What workers say of each archive; see tests/hostile/worker.py."""
    files = []
    for name, made in corpus.items():
        files.append(folder / f"{name}.tar")
        files[-1].write_bytes(made())
    command = [sys.executable, "-m", "tests.hostile.worker", cast.team.slug, "alice", *map(str, files)]
    done = subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def environment() -> dict[str, str]:
    """Of another process on the database of this test."""
    name = str(connection.settings_dict["NAME"])
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = os.environ["TEST_DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "layersite.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "PYTHONPATH": str(ROOT),
        "ENV_FILE": os.devnull,
    }


def test_no_archive_crashes_a_worker_or_leaves_a_job_hanging(cast: Cast, tmp_path: Path) -> None:
    corpus = hostile.STORED if connection.vendor == "postgresql" else hostile.CORPUS
    all_end_well(taken_in(cast, tmp_path, corpus), len(corpus))
    assert len(hostile.CORPUS) >= 60


@pytest.mark.acceptance
def test_nor_do_millions_of_entries(cast: Cast, tmp_path: Path) -> None:
    all_end_well(taken_in(cast, tmp_path, hostile.MILLIONS), len(hostile.MILLIONS))


def all_end_well(told: list[dict[str, int]], archives: int) -> None:
    assert len(told) == archives
    assert [each for each in told if each["status"]] == []
    assert [each for each in told if each["cpu"] > SECONDS] == []
    assert [each for each in told if each["bytes"] > MEMORY] == []
    assert [job.name for job in Job.objects.exclude(state__in=ENDED)] == []
    assert [job.name for job in Job.objects.filter(state=JobState.FAILED) if not sentence(job.error)] == []
    assert list(LayerIndex.objects.exclude(failed="").values_list("layer__diff_id", "failed")) == []


def sentence(text: str) -> bool:
    """Whether it is one for a person: no words of Python, and short."""
    return 10 < len(text) < 1_000 and "Traceback" not in text and "Error(" not in text and "\n" not in text
