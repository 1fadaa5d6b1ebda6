"""Watches: each new digest becomes a job, once; limits are kept to; webhooks make a look come at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from analyzer.models import Job, JobSource, Quota, Registry, Watch
from analyzer.oci.digest import digest_of
from analyzer.services import registry_access, watches, watching
from analyzer.services.leases import Taken
from analyzer.services.registries import BadRegistry
from tests.cast import Cast
from tests.fake_registry import LOOPBACK, FakeRegistry, digest, fake_registry
from tests.rows import add_image
from tests.taking import run_steps


@pytest.fixture
def fake(settings: LazySettings) -> Iterator[FakeRegistry]:
    settings.REGISTRY_RULES = LOOPBACK
    with fake_registry() as made:
        made.push("team/app", "1", "one")
        made.push("team/app", "2", "two")
        made.push("team/db", "1", "db")
        yield made


@pytest.fixture
def registry(cast: Cast, fake: FakeRegistry) -> Registry:
    return Registry.objects.create(team=cast.team, user=cast.alice, name="Ours", host=fake.host)


def begun(registry: Registry, repository: str = "team/app", tag: str = "*", **more: bool) -> Watch:
    return watches.begin(registry, registry.user, repository=repository, tag=tag, **more)


def again(watch: Watch) -> int:
    """The next look, now."""
    watches.look_now(watch)
    return watching.poll(watch.pk)


def names() -> list[str]:
    return sorted(Job.objects.values_list("reference", flat=True))


def test_the_first_look_brings_what_is_there_and_the_next_only_what_moved(registry: Registry, fake: FakeRegistry):
    watch = begun(registry)
    assert watching.poll(watch.pk) == 2
    assert names() == [f"{fake.host}/team/app:1", f"{fake.host}/team/app:2"]
    assert set(Job.objects.values_list("source", "team")) == {(JobSource.REGISTRY, registry.team_id)}
    fake.push("team/app", "2", "two, built anew")
    fake.push("team/app", "3", "three")
    assert again(watch) == 2
    assert again(watch) == 0
    row = watch.tags.get(tag="2")
    assert row.digest == digest("two, built anew")
    assert row.job is not None
    assert row.job.reference.endswith("team/app:2")


def test_a_tag_that_did_not_move_costs_one_head(registry: Registry, fake: FakeRegistry):
    watch = begun(registry, tag="1")
    watching.poll(watch.pk)
    fake.asked.clear()
    again(watch)
    assert fake.asked == ["HEAD /v2/team/app/manifests/1"]


def test_from_now_on_leaves_out_what_is_there_at_the_first_look(registry: Registry, fake: FakeRegistry):
    watch = begun(registry, from_now_on=True)
    assert watching.poll(watch.pk) == 0
    fake.push("team/app", "1", "one, built anew")
    fake.push("team/app", "3", "three")
    assert again(watch) == 2


def test_a_pattern_of_repositories_goes_through_the_catalog(registry: Registry):
    watch = begun(registry, "team/*", "1")
    watching.poll(watch.pk)
    assert [name.partition("/")[2] for name in names()] == ["team/app:1", "team/db:1"]


def test_the_same_watch_is_looked_at_once(registry: Registry, fake: FakeRegistry):
    watch = begun(registry)
    Watch.objects.filter(pk=watch.pk).update(lease_until=timezone.now() + timedelta(seconds=30), lease_token="other")
    with pytest.raises(Taken):
        watching.poll(watch.pk)
    Watch.objects.filter(pk=watch.pk).update(lease_until=timezone.now() - timedelta(seconds=1))  # that worker is gone
    assert watching.poll(watch.pk) == 2
    with pytest.raises(Taken):  # its message came twice
        watching.poll(watch.pk)
    assert Job.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_workers_that_come_at_the_same_moment_make_each_job_once(settings: LazySettings):
    settings.REGISTRY_RULES = LOOPBACK
    ready = threading.Barrier(4)

    def work(pk: int) -> int:
        try:
            ready.wait()
            return watching.poll(pk)
        except Taken:
            return 0
        finally:
            connection.close()

    with fake_registry() as fake, ThreadPoolExecutor(4) as workers:
        for tag in range(5):
            fake.push("team/app", str(tag), f"first {tag}")
        cast = Cast.create()
        registry = Registry.objects.create(team=cast.team, user=cast.alice, name="Ours", host=fake.host)
        watch = begun(registry)
        for made in (5, 1):
            assert sum(workers.map(work, [watch.pk] * 4)) == made
            fake.push("team/app", "3", "second")
            watches.look_now(watch)
    assert Job.objects.count() == 6


def test_a_limit_is_kept_to_by_all_that_goes_to_the_registry(registry: Registry, fake: FakeRegistry):
    watch, other = begun(registry), begun(registry, "team/db")
    fake.refuse = (429, {"Retry-After": "120"})
    watching.poll(watch.pk)
    watch.refresh_from_db()
    registry.refresh_from_db()
    assert "limits how often" in watch.error
    assert registry.quiet_until is not None
    assert timedelta(seconds=110) < registry.quiet_until - timezone.now() <= timedelta(seconds=120)
    assert watch.next_poll >= registry.quiet_until
    fake.asked.clear()
    with pytest.raises(Taken):
        watching.poll(other.pk)
    assert watching.ring_due() == 0
    assert not fake.asked


def test_what_the_registry_says_of_its_limit_is_kept_and_used_up_means_rest(registry: Registry, fake: FakeRegistry):
    watch = begun(registry, tag="1")
    fake.headers = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "76;w=21600"}
    watching.poll(watch.pk)
    registry.refresh_from_db()
    assert (registry.rate_limit, registry.rate_remaining, registry.rate_window) == (100, 76, 21600)
    assert registry.quiet_until is None
    fake.headers["RateLimit-Remaining"] = "0;w=21600"
    again(watch)
    registry.refresh_from_db()
    assert registry.quiet_until is not None


def test_a_look_that_failed_says_why_and_comes_later_each_time(registry: Registry, fake: FakeRegistry):
    watch = begun(registry)
    fake.refuse = (401, {})
    waits = []
    for _ in range(3):
        again(watch)
        watch.refresh_from_db()
        waits.append(watch.next_poll - timezone.now())
    assert watch.error
    assert waits[0] < waits[1] < waits[2]
    fake.refuse = None
    assert again(watch) == 2
    watch.refresh_from_db()
    assert not watch.error
    assert watch.attempt == 0


def test_a_tag_that_is_gone_is_no_failure_and_back_under_its_digest_no_news(registry: Registry, fake: FakeRegistry):
    watch = begun(registry, tag="1")
    watching.poll(watch.pk)
    before = fake.tags.pop(("team/app", "1"))
    assert again(watch) == 0
    fake.tags["team/app", "1"] = before
    assert again(watch) == 0
    watch.refresh_from_db()
    assert not watch.error


def test_a_watch_that_rests_is_not_looked_at(registry: Registry, fake: FakeRegistry):
    watch = begun(registry)
    watches.pause(watch)
    with pytest.raises(Taken):
        watching.poll(watch.pk)
    assert watching.tell(registry, [("team/app", "1")]) == 0
    watches.go_on(watch)
    assert watching.poll(watch.pk) == 2


def test_a_webhook_makes_one_tag_be_looked_at_and_its_digest_be_asked_for(registry: Registry, fake: FakeRegistry):
    watch = begun(registry)
    watching.poll(watch.pk)
    fake.asked.clear()
    assert watching.tell(registry, [("team/app", "2"), ("team/other", "1")]) == 1
    assert watching.poll(watch.pk) == 0  # told of, and the registry says it did not move
    fake.push("team/app", "2", "two, built anew")
    watching.tell(registry, [("team/app", "2")])
    assert watching.poll(watch.pk) == 1
    assert fake.asked == ["HEAD /v2/team/app/manifests/2"] * 2


def test_the_reconciler_rings_for_what_is_due_and_not_again_at_once(registry: Registry):
    watch = begun(registry)
    Watch.objects.update(rung=None)
    assert watching.ring_due() == 1
    assert watching.ring_due() == 0
    watching.poll(watch.pk)
    Watch.objects.update(rung=None)
    assert watching.ring_due() == 0  # its next look is in an hour


def test_too_many_tags_are_refused_by_the_setting_that_allows_them(registry: Registry, settings: LazySettings):
    settings.WATCH_MAX_TAGS = 1
    watch = begun(registry)
    watching.poll(watch.pk)
    watch.refresh_from_db()
    assert "WATCH_MAX_TAGS=1" in watch.error
    assert not Job.objects.exists()


def test_the_password_goes_to_the_registry_and_sealed_into_the_job(registry: Registry, fake: FakeRegistry):
    registry.username = "robot"
    registry.set_password("hunter2")
    registry.save()
    watch = begun(registry, tag="1")
    watching.poll(watch.pk)
    job = Job.objects.get()
    assert job.sealed_credentials
    assert "hunter2" not in job.sealed_credentials


def test_a_team_that_is_full_is_told_so_and_gets_what_it_missed_once_there_is_room(
    registry: Registry, fake: FakeRegistry
):
    watch = begun(registry, tag="1")
    assert watching.poll(watch.pk) == 1
    add_image(registry.team, ["full:1"], layers={"full": 100})
    quota = Quota.objects.create(team=registry.team, stored=100)
    run_steps(Job.objects.get())  # it was begun before, and is refused now
    fake.asked.clear()
    assert again(watch) == 0
    watch.refresh_from_db()
    assert "can raise the quota" in watch.error
    assert not fake.asked
    quota.delete()
    assert again(watch) == 1
    watch.refresh_from_db()
    assert (watch.error, Job.objects.filter(state="failed").count()) == ("", 1)


def test_a_host_that_turns_private_is_not_reached(registry: Registry, fake: FakeRegistry, settings: LazySettings):
    from analyzer.registry.context import NetworkRules

    settings.REGISTRY_RULES = NetworkRules(plain_http_hosts=frozenset({"127.0.0.1"}))
    watch = begun(registry)
    watching.poll(watch.pk)
    watch.refresh_from_db()
    assert "REGISTRY_PRIVATE_HOSTS" in watch.error
    assert not fake.asked


@pytest.mark.parametrize("pattern", ["", "UPPER", "a b", "http://x", "../x", "app@sha256"])
def test_what_is_no_repository_is_refused(registry: Registry, pattern: str):
    with pytest.raises(BadRegistry):
        begun(registry, pattern)


def test_the_same_pattern_is_not_watched_twice(registry: Registry):
    begun(registry)
    with pytest.raises(BadRegistry, match="watched already"):
        begun(registry)


def test_what_a_registry_makes_up_stops_no_watch(registry: Registry, fake: FakeRegistry):
    """Tags that none can have, digests that are none, limits beyond all bounds: the others are brought all the same."""
    watch = begun(registry)
    fake.tags |= {("team/app", "../x"): digest("x"), ("team/app", "y" * 500): digest("y"), ("team/app", "1"): "z" * 500}
    fake.headers = {"RateLimit-Limit": "9" * 5_000, "RateLimit-Remaining": "9" * 40}
    assert watching.poll(watch.pk) == 2
    assert names() == [f"{fake.host}/team/app:1", f"{fake.host}/team/app:2"]
    assert watch.tags.get(tag="1").digest == digest_of(b"{}")  # of what the registry gave for a manifest
    registry.refresh_from_db()
    assert registry.rate_limit is None
    fake.refuse = (429, {"Retry-After": "9" * 400})
    again(watch)
    watch.refresh_from_db()
    assert timedelta(0) < watch.next_poll - timezone.now() <= timedelta(days=31)


def test_a_registry_that_never_ends_its_answers_is_left_in_time(
    registry: Registry, fake: FakeRegistry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(registry_access, "PATIENCE", 0.0)
    works, sentence = registry_access.try_out(registry)
    assert (works, "takes longer than" in sentence) == (False, True)
    assert "takes longer than" in registry_access.tags(registry, "team/app").why
