"""`python -m tests.bench.load`: readers and uploaders on a site of their own, for minutes; percentiles and errors.

A site on PostgreSQL and Redis is started as `make run` does. READERS people read pages of their images, one after the
other without a pause to think; UPLOADERS bring images that nobody brought before. All over HTTP on the loopback.
"""

import argparse
import http.client
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.archives import docker_save, image, layer, write
from tests.service import servers
from tests.service.site import Site, running_site

READERS, UPLOADERS, SECONDS = 50, 5, 180
LIMITED = 429
PAGES = (
    "/",
    "/images/",
    "/images/{image}/",
    "/images/{image}/waste/",
    "/reuse/",
    "/images/{image}/files/",
    "/find/?q=motd",
    "/api/v1/images/?page_size=20",
    "/api/v1/images/{image}/",
    "/api/v1/reports/sharing/",
)
PEOPLE = """
import json
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from analyzer.models import Membership, Role, Team
from analyzer.services.tokens import issue_token
store = import_module(settings.SESSION_ENGINE).SessionStore
told = []
for number in range(%d):
    user = User.objects.create_user(f"person-{number}")
    Membership.objects.create(team=Team.objects.get(), user=user, role=Role.UPLOADER)
    session = store()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session.create()
    told.append([session.session_key, issue_token(user, "load")[1], settings.SESSION_COOKIE_NAME])
print(json.dumps(told))
"""


@dataclass(slots=True)
class Tally:
    """Seconds and what went wrong, by what was asked for. Shared by threads: appending is all they do."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    limited: int = 0

    def note(self, what: str, status: int, seconds: float) -> None:
        if status == LIMITED:
            self.limited += 1
        elif status >= 400:
            self.errors[f"{what}: {status}"] += 1
        else:
            self.seconds[what].append(seconds)

    def table(self) -> Iterator[str]:
        """Milliseconds."""
        yield f"{'':34}{'requests':>10}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}  ms"
        for what, seconds in [*sorted(self.seconds.items()), ("all pages", self._pages())]:
            cuts = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
            figures = "".join(f"{value * 1000:8.0f}" for value in (cuts[49], cuts[94], cuts[98], max(seconds)))
            yield f"{what:34}{len(seconds):10,}{figures}"

    def _pages(self) -> list[float]:
        return [one for what, seconds in self.seconds.items() if what in PAGES for one in seconds] or [0.0]


class Person(threading.Thread):
    def __init__(self, site: Site, tally: Tally, until: float, cookie: str, number: int) -> None:
        super().__init__(name=f"person {number}")
        self.site, self.tally, self.until, self.number = site, tally, until, number
        self.headers = {"Cookie": cookie}
        self.connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)

    def ask(self, what: str, method: str, path: str, body: bytes | None = None) -> bytes:
        began = time.perf_counter()
        try:
            self.connection.request(method, path, body, self.headers)
            response = self.connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.tally.errors[f"{what}: {type(error).__name__}"] += 1
            return b""
        self.tally.note(what, response.status, time.perf_counter() - began)
        return data


class Reader(Person):
    images: Sequence[str] = ()

    def run(self) -> None:
        chosen = random.Random(self.number)
        while time.monotonic() < self.until:
            page = chosen.choice(PAGES)
            self.ask(page, "GET", page.format(image=chosen.choice(self.images)))


class Uploader(Person):
    jobs: list[str]

    def run(self) -> None:
        self.jobs = []
        chosen = random.Random(1_000 + self.number)
        for push in itertools.count():
            if time.monotonic() > self.until:
                return
            files = {f"srv/{at}": chosen.randbytes(2_000) for at in range(500)}
            with tempfile.TemporaryDirectory() as place:
                tags = [f"load-{self.number}:{push}"]
                body = write(Path(place, "a.tar"), docker_save(image([layer(files)], tags=tags))).read_bytes()
            told = self.ask("PUT of an image of 1 MB", "PUT", f"/api/v1/uploads/?name=load-{push}.tar", body)
            if told.startswith(b"{") and "id" in (job := json.loads(told)):
                self.jobs.append(job["id"])
            time.sleep(1)


def images_of(site: Site, token: str) -> list[str]:
    asking = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    asking.request("GET", "/api/v1/images/?page_size=1000", headers={"Authorization": f"Bearer {token}"})
    document = json.loads(asking.getresponse().read())
    return [item["image_id"] for item in document.get("items", document.get("results", []))]


def load(site: Site, archives: Sequence[Path], readers: int, uploaders: int, seconds: float) -> Tally:
    """What so many people saw in so many seconds."""
    for archive in archives:
        done = site.manage("analyze", str(archive))
        assert done.returncode in (0, 1), done.stderr
    made = site.manage("shell", "-v", "0", "-c", PEOPLE % (readers + uploaders))
    assert made.returncode == 0, made.stderr
    people = json.loads(made.stdout)
    tally, until = Tally(), time.monotonic() + seconds
    Reader.images = images_of(site, people[0][1])
    crowd: list[Person] = []
    for number, (session, token, cookie) in enumerate(people):
        kind: type[Person] = Reader if number < readers else Uploader
        person = kind(site, tally, until, f"{cookie}={session}", number)
        if kind is Uploader:
            person.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        crowd.append(person)
    for person in crowd:
        person.start()
    for person in crowd:
        person.join()
    jobs = [job for person in crowd if isinstance(person, Uploader) for job in person.jobs]
    _wait_for(site, people[-1][1], jobs, tally)
    return tally


def _wait_for(site: Site, token: str, jobs: Sequence[str], tally: Tally) -> None:
    """Every upload that was taken is an image in the end."""
    began = time.monotonic()
    asking = Person(site, Tally(), 0, "", 0)
    asking.headers = {"Authorization": f"Bearer {token}"}
    left = list(jobs)
    while left and time.monotonic() < began + 600:
        told = json.loads(asking.ask("job", "GET", f"/api/v1/jobs/{left[-1]}/") or b"{}")
        match told.get("state"):
            case "done":
                left.pop()
            case "failed" | "partial" | "cancelled":
                tally.errors[f"a job: {told['state']}"] += 1
                left.pop()
            case _:
                time.sleep(0.5)
    tally.errors["jobs that never ended"] += len(left)
    print(f"{len(jobs)} uploads are images {time.monotonic() - began:.1f} s after the last one")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("archives", nargs="+", type=Path, help="what is stored before")
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--uploaders", type=int, default=UPLOADERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as place,
        servers.postgres() as database,
        servers.redis() as broker,
        running_site(Path(place, "data"), DATABASE_URL=database, BROKER_URL=broker) as site,
    ):
        tally = load(site, asked.archives, asked.readers, asked.uploaders, asked.seconds)
    crowd = f"{asked.readers} readers, {asked.uploaders} uploaders, {asked.seconds:.0f} s"
    print(f"{crowd}, {os.cpu_count()} processors, load average at the end {os.getloadavg()[0]:.0f}")
    print("\n".join(tally.table()))
    wrong = {what: count for what, count in tally.errors.items() if count}
    print(f"errors: {sum(wrong.values())} {wrong or ''}; told to wait (429): {tally.limited}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
