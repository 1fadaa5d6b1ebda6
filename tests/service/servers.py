"""Servers of the tests' own: private instances on free ports, in folders that go with them.

Each is a context manager. Nothing of the machine's own servers is touched, and nothing is left running: also a killed
test run takes them along.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

START_SECONDS = 600.0  # a busy machine is slow, and what can start no more is known at once


def free_port() -> int:
    """A port to listen on, from below those that Linux gives to outgoing connections: none takes it in the meantime."""
    for port in random.SystemRandom().sample(range(15_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def folder(owner: str | None = None) -> Iterator[Path]:
    """A temporary folder with a short name, since sockets lie in it."""
    path = Path(tempfile.mkdtemp(prefix="ls-"))
    if owner:
        shutil.chown(path, owner)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def server(
    command: Sequence[str | Path],
    log: Path,
    ready: Callable[[], bool],
    *,
    user: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
    env: dict[str, str] | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs `command` until the end of the block; enters the block once `ready`."""
    setpriv = shutil.which("setpriv")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*([setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            env=os.environ | (env or {}),
        )
    try:
        wait_until(
            ready,
            possible=lambda: process.poll() is None,
            why=lambda: f"{command[0]} did not start:\n{log.read_text()}",
        )
        yield process
    finally:
        process.send_signal(stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(
    ready: Callable[[], bool],
    seconds: float = START_SECONDS,
    *,
    possible: Callable[[], bool] = lambda: True,
    why: Callable[[], str] = lambda: "it never came to be",
) -> None:
    """Returns once `ready`; raises TimeoutError, saying `why`, when it is not `possible` any more or takes too long."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end or not possible():
            raise TimeoutError(why())
        time.sleep(0.05)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server; yields the URL of an empty database in it."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    port = free_port()
    url = f"postgres://tests@127.0.0.1:{port}/tests"
    with folder(user) as place:
        data = place / "data"
        options = ["--username=tests", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            [binaries / "initdb", "-D", data, *options], check=True, user=user, cwd=place, stdout=subprocess.DEVNULL
        )
        quick = [
            f"-c{setting}=off"
            # autovacuum: looking between tests, which roll back, it would find nothing, and plan for a row where a test
            # then has thousands. Left alone, the planner guesses by the pages, each time the same.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
        ]
        command: list[str | Path] = [
            binaries / "postgres",
            "-D",
            data,
            f"-p{port}",
            "-k",
            place,
            "-clisten_addresses=127.0.0.1",
            *quick,
        ]
        with server(command, place / "log", lambda: answers(port), user=user, stop=signal.SIGINT):
            new_database(url)
            yield url


def answers(port: int) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=port, user="tests", dbname="postgres").close()
        return True
    return False


def new_database(url: str) -> None:
    """Makes the database that `url` names."""
    server_url, _, name = url.rpartition("/")
    with psycopg.connect(
        f"{server_url}/postgres".replace("postgres://", "postgresql://"), autocommit=True
    ) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis server; yields its URL."""
    port = free_port()
    with folder() as place:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(place)]
        with server(command, place / "log", lambda: listens(port)):
            yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def docker_engine() -> Iterator[str]:
    """A Docker Engine without a network; yields what DOCKER_HOST should be. Root only."""
    with folder() as place:
        host = f"unix://{place}/socket"
        command = [
            "dockerd",
            f"--host={host}",
            f"--data-root={place}/data",
            f"--exec-root={place}/exec",
            f"--pidfile={place}/pid",
            f"--storage-driver={storage_driver(place)}",
            "--iptables=false",
            "--ip6tables=false",
            "--bridge=none",
        ]
        env = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}

        def ready() -> bool:
            return subprocess.run(["docker", "-H", host, "version"], capture_output=True, check=False).returncode == 0

        with server(command, place / "log", ready, env=env):
            yield host


@dataclass(frozen=True)
class Podman:
    """What speaks Docker's API at `host`, and its command line with the same images."""

    host: str
    options: Sequence[str]
    env: dict[str, str]

    def __call__(self, *arguments: str | Path) -> str:
        command = ["podman", *self.options, *arguments]
        done = subprocess.run(command, env=os.environ | self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextlib.contextmanager
def podman() -> Iterator[Podman]:
    """Podman's service without images or network. Root only."""
    with folder() as place:
        (place / "containers.conf").write_text(
            # What a container may have is not more than what the tests have; no daemon of the machine is asked.
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
            '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\nruntime = "runc"\n'
        )
        socket_path = place / "socket"
        made = Podman(
            f"unix://{socket_path}",
            ["--root", f"{place}/root", "--runroot", f"{place}/run", "--storage-driver", "vfs"],
            {"CONTAINERS_CONF": f"{place}/containers.conf", "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
        )
        command = ["podman", *made.options, "system", "service", "--time", "0", made.host]
        with server(command, place / "log", socket_path.exists, env=made.env):
            yield made


def storage_driver(place: Path) -> str:
    """overlay2, or vfs in a container whose own root is an overlay: overlays can't be stacked."""
    kind = subprocess.run(["stat", "-f", "-c", "%T", place], capture_output=True, text=True, check=True)
    return "vfs" if "overlay" in kind.stdout else "overlay2"


@contextlib.contextmanager
def registry() -> Iterator[str]:
    """A registry that speaks plain HTTP; yields its `host:port`."""
    port = free_port()
    with folder() as place:
        config = place / "config.yml"
        config.write_text(
            f"version: 0.1\nlog: {{level: warn}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n"
            f"storage: {{filesystem: {{rootdirectory: '{place}/data'}}, delete: {{enabled: true}}}}\n"
        )
        with server(["docker-registry", "serve", str(config)], place / "log", lambda: listens(port)):
            yield f"127.0.0.1:{port}"
