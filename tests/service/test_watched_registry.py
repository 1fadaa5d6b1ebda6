"""A registry that a team keeps, with a real one behind a password: tried out, browsed, pulled from, watched."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from analyzer.models import Job, JobState, ReferenceMove, Registry, Watch
from analyzer.registry.context import NetworkRules
from analyzer.services import registry_access, watches, watching
from analyzer.services.registry_pulls import pull_tag
from tests.archives import image, layer
from tests.cast import Cast
from tests.layouts import oci_layout
from tests.service.registries import PASSWORD, USER, docker_registry
from tests.taking import run_steps

pytestmark = pytest.mark.engine

BASE = layer({"etc/motd": b"hello" * 200})
FIRST = image([BASE, layer({"app": b"one" * 300})])
SECOND = image([BASE, layer({"app": b"two" * 300})])


def take_in_all() -> None:
    for job in Job.objects.filter(state=JobState.QUEUED):
        run_steps(job)
        job.refresh_from_db()
        assert job.state == JobState.DONE, job.error


def test_a_push_to_a_watched_tag_is_one_more_point_of_its_history(
    cast: Cast, tmp_path: Path, settings: LazySettings
) -> None:
    here = frozenset({"127.0.0.1"})
    settings.REGISTRY_RULES = NetworkRules(private_hosts=here, plain_http_hosts=here)
    with docker_registry(auth=True) as real:
        real.fill(tmp_path / "first", "team/app:1", oci_layout(FIRST))
        real.fill(tmp_path / "first-again", "team/tool:1", oci_layout(FIRST))
        registry = Registry(team=cast.team, user=cast.alice, name="Ours", host=real.address, username=USER)
        registry.set_password("wrong")
        works, sentence = registry_access.try_out(registry)
        assert not works
        assert "does not accept the name and password" in sentence
        registry.set_password(PASSWORD)
        registry.save()
        works, sentence = registry_access.try_out(registry)
        assert works, sentence
        assert "lists 2 repositories" in sentence
        assert registry_access.repositories(registry).names == ["team/app", "team/tool"]
        assert registry_access.tags(registry, "team/app").names == ["1"]

        pull_tag(registry, cast.bob, "team/tool", "1")
        take_in_all()
        assert cast.team.references.get().repository == f"{real.address}/team/tool"

        watch = watches.begin(registry, cast.bob, repository="team/app", tag="*")
        assert watching.poll(watch.pk) == 1
        take_in_all()
        watches.look_now(watch)
        before = len(real.got("manifests"))
        assert watching.poll(watch.pk) == 0
        assert len(real.got("manifests")) == before  # a HEAD was enough

        real.fill(tmp_path / "second", "team/app:1", oci_layout(SECOND))
        assert watching.tell(registry, [("team/app", "1")]) == 1
        assert watching.poll(watch.pk) == 1
        take_in_all()
    moves = ReferenceMove.objects.filter(reference__repository=f"{real.address}/team/app", reference__tag="1")
    assert list(moves.values_list("image_digest", flat=True)) == [FIRST.id, SECOND.id]
    assert not Watch.objects.get().error
    assert not Job.objects.exclude(sealed_credentials="").exists()
