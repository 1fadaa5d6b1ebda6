"""Two hosts of workers, with a network and a DATA_DIR of their own each, share the work of a corpus by a bucket."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from analyzer.blobstore.bucket import Bucket, client_of
from tests.acceptance.containers import postgres, redis
from tests.released.site import Site
from tests.service.servers import free_port, server, wait_until
from tests.settings import ROOT

pytestmark = pytest.mark.acceptance

CORPUS = Path(os.environ.get("CORPUS", "/nonexistent"))
NET = "10.213.77"
PATIENCE = 3600.0
NAMES = ("layersite-one", "layersite-two")
CREATE = """
import json, pathlib, shutil, uuid
from django.conf import settings
from analyzer.models import Team
from analyzer.services.jobs import create_job
for name in json.loads({names!r}):
    path = pathlib.Path(settings.UPLOAD_DIR, f"{{uuid.uuid4()}}.archive")
    shutil.copyfile(name, path)
    create_job(team=Team.objects.get(), user=None, name=pathlib.Path(name).name, path=path, size=path.stat().st_size)
print(sum(1 for _ in pathlib.Path(settings.UPLOAD_DIR).iterdir()))
"""
STATES = (
    "import json; from collections import Counter; from analyzer.models import Job;"
    "print(json.dumps(Counter(Job.objects.values_list('state', flat=True))))"
)


def ip(*command: str) -> None:
    subprocess.run(["ip", *command], check=True)


@pytest.fixture(scope="module")
def network() -> Iterator[str]:
    """A bridge, whose address is yielded, and a network namespace for each host on it."""
    tag = uuid.uuid4().hex[:5]
    bridge = f"ls{tag}"
    with ExitStack() as stack:
        ip("link", "add", bridge, "type", "bridge")
        stack.callback(ip, "link", "delete", bridge)
        ip("address", "add", f"{NET}.1/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        for number, name in enumerate(NAMES, 2):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
            ip("link", "add", f"{bridge}{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"{bridge}{number}", "master", bridge, "up")
            ip("-n", name, "address", "add", f"{NET}.{number}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield f"{NET}.1"


@contextmanager
def s3(address: str, place: Path) -> Iterator[Bucket]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", address, "--port", str(port)]
    with server(command, place / "s3.log", lambda: "Running on" in (place / "s3.log").read_text()):
        bucket = Bucket("layers", "", f"http://{address}:{port}", "us-east-1", "key", "secret")
        client_of(bucket).create_bucket(Bucket=bucket.name)
        yield bucket


@contextmanager
def host(name: str, data: Path, settings: dict[str, str]) -> Iterator[Path]:
    """A worker in the namespace, that sees a folder of its own where DATA_DIR is; yields its log."""
    own, log = data.with_name(f"{data.name}-{name}"), data.with_name(f"{data.name}-{name}.log")
    own.mkdir()
    inside = f"mount --bind {own} {data} && exec {sys.executable} -m layersite.run worker"
    command = ["ip", "netns", "exec", name, "unshare", "--mount", "sh", "-c", inside]
    with server(command, log, lambda: True, env=settings):
        yield log


def shared(place: Path, address: str, bucket: Bucket, names: Sequence[str]) -> tuple[float, Any, dict[str, int]]:
    """Seconds for all archives of the corpus, what the site tells then, and how many jobs each host ended."""
    with ExitStack() as stack:
        database, _ = stack.enter_context(postgres(address))
        broker, _ = stack.enter_context(redis(address))
        place.mkdir()
        data = place / "data"
        data.mkdir()
        settings = {
            "DATABASE_URL": database,
            "BROKER_URL": broker,
            "DATA_DIR": str(data),
            "BLOB_STORE_URL": f"s3://{bucket.name}/{place.name}",
            "BLOB_STORE_ENDPOINT": bucket.endpoint,
            "BLOB_STORE_REGION": bucket.region,
            "BLOB_STORE_ACCESS_KEY": bucket.access_key,
            "BLOB_STORE_SECRET_KEY": bucket.secret_key,
            "BLOB_STORE_STAGING": "on",
            "WORKER_PROCESSES": "1",
            "LOG_FORMAT": "json",
            "SECRET_KEY": "only for tests",
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "layersite.settings",
            "PYTHONPATH": str(ROOT),
        }
        site = Site(data, database, settings)
        site.manage("migrate", "--verbosity", "0")
        archives = json.dumps([str(path) for path in sorted(CORPUS.glob("*.oci.tar"))])
        assert site.manage("shell", "-v", "0", "-c", CREATE.format(names=archives)).strip() == "0", "handed over"
        count = len(json.loads(archives))
        logs = {name: stack.enter_context(host(name, data, settings)) for name in names}
        began = time.monotonic()
        beat = [sys.executable, "-m", "layersite.run", "beat"]
        stack.enter_context(server(beat, place / "beat.log", lambda: True, env=settings))

        def states() -> dict[str, int]:
            told: dict[str, int] = json.loads(site.manage("shell", "-v", "0", "-c", STATES))
            return told

        wait_until(lambda: ended(logs) >= count, PATIENCE, why=lambda: str(states()))
        seconds = time.monotonic() - began
        assert states() == {"done": count}
        told = site.told()["report"]
        assert site.manage("check_storage").strip() == "Files and rows tell the same."
        staged = client_of(bucket).list_objects_v2(Bucket=bucket.name, Prefix=f"{place.name}/staged/")
        assert not staged.get("Contents")
    return seconds, told, {name: ended({name: log}) for name, log in logs.items()}


def ended(logs: dict[str, Path]) -> int:
    return sum(log.read_text().count(' is done"') for log in logs.values())


def test_two_hosts_share_the_work_of_a_corpus(network: str, tmp_path: Path) -> None:
    with s3(network, tmp_path) as bucket:
        alone, told, _ = shared(tmp_path / "alone", network, bucket, NAMES[:1])
        together, the_same, jobs = shared(tmp_path / "together", network, bucket, NAMES)
    print(f"one host {alone:.1f} s; two hosts {together:.1f} s, {jobs} jobs ended by each; {os.cpu_count()} processors")
    assert the_same["ladder"] == told["ladder"]
    assert sorted(row["image_id"] for row in the_same["per_image"]) == sorted(
        row["image_id"] for row in told["per_image"]
    )
    assert all(jobs.values()), "each has done its part"
