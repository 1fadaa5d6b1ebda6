"""Pulling from a kept registry, as whom the team has there."""

from collections.abc import Iterable

from analyzer.models import Job, Registry
from analyzer.selectors.access import Bearer
from analyzer.services.pulls import create_pull
from analyzer.services.registries import BadRegistry
from analyzer.services.registry_access import credentials_of
from analyzer.services.watches import checked, is_pattern


def pull_tag(registry: Registry, user: Bearer | None, repository: str, tag: str) -> Job:
    """A job for one tag. Raises BadRegistry, and RegistryError where the stored password can't be read."""
    repository, tag = checked(registry.host, repository, tag)
    if is_pattern(repository) or is_pattern(tag):
        raise BadRegistry("repository", "One tag is pulled here; a pattern has a page of its own.")
    return pull_pairs(registry, user, [(repository, tag)])[0]


def pull_pairs(registry: Registry, user: Bearer | None, pairs: Iterable[tuple[str, str]]) -> list[Job]:
    """A job for each repository and tag. Raises RegistryError where the stored password can't be read."""
    credentials = credentials_of(registry)
    return [
        create_pull(team=registry.team, user=user, reference=f"{registry.host}/{name}:{tag}", credentials=credentials)
        for name, tag in pairs
    ]
