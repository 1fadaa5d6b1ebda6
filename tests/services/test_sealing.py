"""Secrets at rest: what the database holds tells nothing, and keys can be changed."""

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from analyzer.models import Job, NoticeChoice, Registry
from analyzer.models.sealing import SealBroken, seal, unseal
from analyzer.services import webhooks
from tests.cast import Cast


@given(st.text())
def test_what_was_sealed_is_read_again(secret: str) -> None:
    assert unseal(seal(secret)) == secret


def test_the_stored_text_does_not_hold_the_secret_and_differs_each_time() -> None:
    sealed = seal("hunter2 hunter2")
    assert "hunter2" not in sealed
    assert sealed != seal("hunter2 hunter2")


def test_a_changed_key_is_told_and_the_key_of_before_still_reads(settings: LazySettings) -> None:
    sealed = seal("hunter2")
    settings.SECRET_KEY, before = "another key", settings.SECRET_KEY
    with pytest.raises(SealBroken, match="SECRET_KEY has changed"):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert unseal(sealed) == "hunter2"


def test_a_changed_row_is_not_read(settings: LazySettings) -> None:
    sealed = seal("hunter2")
    with pytest.raises(SealBroken):
        unseal(sealed[:-6] + "AAAAA=")


def test_rotating_seals_with_the_new_key(
    cast: Cast, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = Registry(team=cast.team, name="Ours", host="registry.example.org", username="robot")
    registry.set_password("hunter2")
    registry.save()
    job = Job.objects.create(team=cast.team, name="app:1", path="", sealed_credentials=seal("of the job"))
    choice = NoticeChoice.objects.create(user=cast.bob, hook_url="https://a.b", sealed_hook_secret=seal("his"))
    hook, secret = webhooks.add(cast.team, cast.alice, "https://a.example.org/", ["quota.fills"])
    lost = Registry.objects.create(team=cast.team, name="Lost", host="a.example.org", sealed_password="nonsense")
    settings.SECRET_KEY, before = "another key", settings.SECRET_KEY
    settings.SECRET_KEY_FALLBACKS = [before]
    call_command("rotate_secrets")
    told = capsys.readouterr()
    assert told.out.startswith("4 sealed")
    assert told.err.startswith(f"{lost.name} of")
    settings.SECRET_KEY_FALLBACKS = []
    registry.refresh_from_db()
    assert registry.password() == "hunter2"
    job.refresh_from_db()
    assert unseal(job.sealed_credentials) == "of the job"
    choice.refresh_from_db()
    hook.refresh_from_db()
    assert (unseal(choice.sealed_hook_secret), hook.secret()) == ("his", secret)
