"""The program in containers of a real engine, beside a PostgreSQL and a Redis that can be killed and started again."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.service.servers import answers, folder, free_port, listens, new_database, wait_until
from tests.settings import ROOT

PARTS = ("web", "worker", "beat")
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/lib/apt/lists/*", "var/cache/apt/*")
PATIENCE = 300.0


class Docker:
    def __init__(self, host: str) -> None:
        self._env = os.environ | {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "0"}

    def __call__(self, *command: str, **more: Any) -> str:
        done = subprocess.run(["docker", *command], env=self._env, capture_output=True, text=True, check=False, **more)
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return str(done.stdout).strip()

    def import_base(self, tag: str, place: Path) -> None:
        """A Debian with Python, made by debootstrap; BASE_ROOT names a folder that has one already."""
        root = Path(os.environ.get("BASE_ROOT", place / "root"))
        if not root.exists():
            packages = "--include=python3,python3-venv"
            command = ["debootstrap", "--variant=minbase", packages, "bookworm", str(root), MIRROR]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        tar = ["tar", "-C", str(root), *(f"--exclude=./{name}" for name in LEFT_OUT), "-c", "."]
        with subprocess.Popen(tar, stdout=subprocess.PIPE) as sender:
            self("import", "-", tag, stdin=sender.stdout)

    def build(self, tag: str, base: str, place: Path) -> None:
        """Builds the Dockerfile from what git has, as a checkout would be."""
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in names.decode().split("\0"):
            if (ROOT / name).is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place / name)
        self("build", "--network=host", "--build-arg", f"BASE={base}", "-t", tag, str(place))


class Server:
    """A process that can be killed, and started again with what it has on its disk."""

    def __init__(self, command: Sequence[str | Path], log: Path, ready: Callable[[], bool], user: str | None) -> None:
        self._command, self._log, self._ready, self._user = command, log, ready, user
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, user=self._user
            )
        wait_until(self._ready, why=self._log.read_text)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def postgres(address: str = "127.0.0.1") -> Iterator[tuple[str, Server]]:
    """A PostgreSQL that keeps what it has committed, whatever happens; with the URL of an empty database.

    `address`: a further one of this machine to listen on, for whoever has one of the same /24.
    """
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    port = free_port()
    with folder("postgres") as place:
        data = place / "data"
        options = ["--username=tests", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        made: list[str | Path] = [binaries / "initdb", "-D", data, *options]
        subprocess.run(made, check=True, user="postgres", cwd=place, stdout=subprocess.DEVNULL)
        command: list[str | Path] = [
            binaries / "postgres",
            "-D",
            data,
            f"-p{port}",
            "-k",
            place,
            f"-clisten_addresses=127.0.0.1,{address}",
        ]
        with (data / "pg_hba.conf").open("a") as trusted:
            trusted.write(f"host all all {address}/24 trust\n")
        server = Server(command, place / "log", lambda: answers(port), "postgres")
        new_database(f"postgres://tests@127.0.0.1:{port}/tests")
        try:
            yield f"postgres://tests@{address}:{port}/tests", server
        finally:
            server.kill()


@contextlib.contextmanager
def redis(address: str = "127.0.0.1") -> Iterator[tuple[str, Server]]:
    """A Redis that keeps nothing, as in compose.yaml."""
    port = free_port()
    with folder() as place:
        command: list[str | Path] = ["redis-server", "--port", str(port), "--save", "", "--dir", place]
        command += ["--protected-mode", "no", "--bind", "127.0.0.1", address]
        server = Server(command, place / "log", lambda: listens(port), None)
        try:
            yield f"redis://{address}:{port}/0", server
        finally:
            server.kill()


class Containers:
    """web, worker and beat of one image, as compose.yaml runs them."""

    def __init__(self, docker: Docker, image: str, **settings: str) -> None:
        self.docker = docker
        self.port = free_port()
        self.token = ""
        settings = {"PORT": str(self.port), "SECRET_KEY": "only for tests", "LOG_FORMAT": "json", **settings}
        options = ["--network=host", "--restart=always", "--init", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL"]
        options += ["--security-opt=no-new-privileges:true", "--volume=layersite-data:/data"]
        options += [item for name, value in settings.items() for item in ("--env", f"{name}={value}")]
        for part in PARTS:
            health = ["--health-interval=2s"] if part == "web" else ["--no-healthcheck"]
            docker("run", "--detach", "--name", part, *options, *health, image, "python", "-m", "layersite.run", part)
            if part == "web":
                self.healthy()

    def healthy(self) -> None:
        state = ("inspect", "--format", "{{.State.Health.Status}}", "web")
        wait_until(lambda: self.docker(*state) == "healthy", PATIENCE, why=lambda: self.docker("logs", "web"))

    def manage(self, *command: str) -> str:
        return self.docker("exec", "web", "python", "manage.py", *command)

    def kill(self, part: str) -> None:
        """SIGKILL from outside: to the engine it is a program that died, and is started again."""
        os.kill(int(self.docker("inspect", "--format", "{{.State.Pid}}", part)), signal.SIGKILL)

    def log_in(self) -> None:
        """A token of the administrator's."""
        code = (
            "from django.contrib.auth.models import User; from analyzer.services.tokens import issue_token;"
            "print(issue_token(User.objects.get(username='admin'), 'tests')[1])"
        )
        self.token = self.manage("shell", "-v", "0", "-c", code).splitlines()[-1]

    def ask(self, path: str, *, data: Any = None, method: str = "GET", size: int | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/octet-stream"}
        if size is not None:
            headers["Content-Length"] = str(size)
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.loads(response.read())

    def upload(self, archive: Path) -> str:
        """The id of its job."""
        with archive.open("rb") as file:
            path = f"/api/v1/uploads/?name={archive.name}"
            told = self.ask(path, data=file, method="PUT", size=archive.stat().st_size)
        return str(told["id"])

    def ended(self, job: str, seconds: float = PATIENCE) -> Any:
        """The job once it has ended; a site that is away meanwhile is waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError, urllib.error.URLError):
                told = self.ask(f"/api/v1/jobs/{job}/")
                if told["state"] not in ("queued", "running"):
                    return told
            time.sleep(0.5)
        raise TimeoutError(self.docker("logs", "--tail=40", "worker"))
