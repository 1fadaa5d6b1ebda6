"""The servers of `servers.py` and a running site as fixtures. A server lives for a whole test run."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.service import servers
from tests.service.site import Site, running_site

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with servers.postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty database, new for each test."""
    url = f"{postgres_server}_{next(numbers)}"
    servers.new_database(url)
    return url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a Redis database; each of the first 15 tests has one of its own."""
    return f"{redis_server.removesuffix('/0')}/{next(numbers) % 15 + 1}"


@pytest.fixture(scope="session")
def docker_host() -> Iterator[str]:
    """What DOCKER_HOST should be to reach an engine without images or network. Build with DOCKER_BUILDKIT=0."""
    with servers.docker_engine() as host:
        yield host


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    """`host:port` of an empty registry that speaks plain HTTP."""
    with servers.registry() as address:
        yield address


@pytest.fixture
def start_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Starts a site as `make run` does, with the settings that are given: `start_site(BROKER_URL=redis_url)`."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running_site(tmp_path / "data", **settings))
