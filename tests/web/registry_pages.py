"""A registry that Alice's team keeps, served by a fake in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import LazySettings

from analyzer.models import Registry
from tests.cast import Cast
from tests.fake_registry import LOOPBACK, FakeRegistry, fake_registry


@contextmanager
def kept_and_served(cast: Cast, settings: LazySettings) -> Iterator[tuple[Registry, FakeRegistry]]:
    settings.REGISTRY_RULES = LOOPBACK
    with fake_registry() as fake:
        for tag in ("1", "2", "latest"):
            fake.push("team/app", tag, tag)
        fake.push("team/db", "1", "db")
        registry = Registry(team=cast.team, user=cast.alice, name="Ours", host=fake.host, username="robot")
        registry.set_password("hunter2-hunter2")
        registry.save()
        yield registry, fake
