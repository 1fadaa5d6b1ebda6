"""The panel over stored layers: found, verified, and deleted once all that goes is listed and confirmed."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from analyzer.models import Blob, Image, Layer, Upkeep, UpkeepKind, UpkeepState
from analyzer.services import upkeep_steps
from analyzer.services.indexing import ensure_indexed
from tests.archives import docker_save, image, layer
from tests.cast import PASSWORD, Cast
from tests.taking import run_job
from tests.web.budget import get_within_budget

pytestmark = pytest.mark.usefixtures("own_blobs")

ADDRESS = "/admin/analyzer/layer/"
BASE = layer({"etc/motd": b"hello" * 100, "usr/lib/libcrypto.so.3": b"lib"})
APP = layer({"srv/app/main.py": b"print()"})


@pytest.fixture
def stored(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(image([BASE], tags=["corp/base:1"])), cast.team)
    run_job(tmp_path, docker_save(image([BASE, APP], tags=["corp/shop:1"])), cast.other_team)
    ensure_indexed()


@pytest.fixture
def root(cast: Cast) -> Client:
    return cast.client(User.objects.create_superuser("root", password=PASSWORD))


def staff(cast: Cast, *permissions: str) -> Client:
    """Somebody on the staff who may do these things and no other."""
    user = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return cast.client(user)


def pk_of(built) -> int:
    return Layer.objects.get(diff_id=built.diff_id).pk


def shown(client: Client, **query: str) -> set[str]:
    """The beginnings of the diffIDs that the list shows."""
    response = client.get(ADDRESS, query)
    assert response.status_code == 200
    return set(re.findall(r"</i>([0-9a-f]{12})</span>", response.content.decode()))


def begins(*built) -> set[str]:
    return {item.diff_id[7:19] for item in built}


def seal_of(response) -> str:
    found = re.search(r'name="seal" value="(\w+)"', response.content.decode())
    assert found, response.content.decode()
    return found[1]


def test_layers_are_found_by_digest_path_and_what_images_are_called(root: Client, stored: None):
    for query, found in (
        ("", begins(BASE, APP)),
        (APP.diff_id, begins(APP)),
        (APP.diff_id[7:19], begins(APP)),
        ("srv/app/main.py", begins(APP)),
        ("libcrypto*", begins(BASE)),
        ("corp/shop", begins(BASE, APP)),
        ("corp/shop:1", begins(BASE, APP)),
        (Image.objects.get(references__repository__endswith="corp/base").image_id, begins(BASE)),
        ("no/such/path", set()),
        ("'; DROP TABLE --", set()),
    ):
        assert shown(root, q=query) == found, query


def test_layers_are_filtered_by_state_team_and_compression(root: Client, stored: None, cast: Cast):
    Blob.objects.filter(digest=APP.digest).update(fault="The bytes are those of another.")
    Layer.objects.create(diff_id="sha256:" + "7" * 64, size=1, tar_size=1, entries=1)
    unused = {"7" * 12}
    for query, found in (
        ({"state": "kept"}, begins(BASE, APP)),
        ({"state": "listing"}, unused),
        ({"state": "fault"}, begins(APP)),
        ({"state": "unchecked"}, begins(BASE, APP)),
        ({"state": "unused"}, unused),
        ({"team": "alices-team"}, begins(BASE)),
        ({"team": "charlies-team"}, begins(BASE, APP)),
        ({"blobs__compression": "none"}, begins(BASE, APP)),
    ):
        assert shown(root, **query) == found, query


def test_the_list_tells_size_images_teams_blobs_use_and_state(root: Client, stored: None):
    text = root.get(ADDRESS, {"q": BASE.diff_id}).content.decode()
    assert 'field-images_count">2<' in text
    assert "Alice&#x27;s team, Charlie&#x27;s team" in text
    assert 'field-state">kept<' in text
    assert f'data value="{len(BASE.tar)}"' in text


def test_the_list_stays_within_its_budget(root: Client, stored: None):
    assert get_within_budget(root, ADDRESS).status_code == 200


def test_digests_are_verified_by_a_worker_and_told_blob_by_blob(root: Client, stored: None):
    response = root.post(ADDRESS, {"action": "verify", "_selected_action": [pk_of(BASE), pk_of(APP)]})
    row = Upkeep.objects.get()
    assert (row.kind, row.state, row.subject) == (UpkeepKind.VERIFY, UpkeepState.QUEUED, "2 layers")
    assert response["Location"].endswith(f"/upkeep/{row.pk}/change/")
    waiting = root.get(response["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    upkeep_steps.run(row.pk)
    page = root.get(response["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' not in page
    assert BASE.digest in page
    assert "verified" in root.get(ADDRESS).content.decode()
    assert "right" in root.get(f"{ADDRESS}{pk_of(BASE)}/change/").content.decode()


def test_deleting_lists_what_goes_and_asks_for_a_word(root: Client, stored: None):
    form = {"action": "remove", "_selected_action": [pk_of(APP)]}
    question = root.post(ADDRESS, form)
    text = question.content.decode()
    for told in ("corp/shop:1", "Charlie&#x27;s team", APP.diff_id[7:19], f"type <code>{APP.diff_id[7:19]}</code>"):
        assert told in text
    assert "corp/base" not in text
    form |= {"post": "yes", "seal": seal_of(question)}
    for wrong in ({"typed": ""}, {"typed": "yes"}, {"typed": APP.diff_id[7:19], "seal": "0" * 32}):
        again = root.post(ADDRESS, form | wrong)
        assert again.status_code == 200
        assert not Upkeep.objects.exists()
    response = root.post(ADDRESS, form | {"typed": APP.diff_id[7:19]})
    row = Upkeep.objects.get()
    assert row.promised == len(APP.tar)
    upkeep_steps.run(row.pk)
    assert "layer " + APP.diff_id[7:19] in root.get(response["Location"]).content.decode()
    assert list(Layer.objects.values_list("diff_id", flat=True)) == [BASE.diff_id]


def test_a_list_that_has_changed_is_shown_anew(root: Client, stored: None, cast: Cast, tmp_path: Path):
    form = {"action": "remove", "_selected_action": [pk_of(APP)]}
    seal = seal_of(root.post(ADDRESS, form))
    run_job(tmp_path, docker_save(image([APP], tags=["corp/late:1"])), cast.team)
    answer = root.post(ADDRESS, form | {"post": "yes", "seal": seal, "typed": APP.diff_id[7:19]})
    assert "came or went since this was listed" in answer.content.decode()
    assert "corp/late:1" in answer.content.decode()
    assert not Upkeep.objects.exists()


def test_staff_may_do_what_they_were_given_and_no_more(cast: Cast, stored: None):
    looks = staff(cast, "view_layer")
    page = looks.get(ADDRESS).content.decode()
    assert 'value="verify"' not in page
    assert 'value="remove"' not in page
    assert "row-actions" not in looks.get(f"{ADDRESS}{pk_of(APP)}/change/").content.decode()
    for action in ("verify", "remove"):
        looks.post(ADDRESS, {"action": action, "_selected_action": [pk_of(APP)], "post": "yes"})
        assert not Upkeep.objects.exists(), action
    User.objects.filter(username="clerk").delete()
    deletes = staff(cast, "view_layer", "delete_layer")  # not images, which go with them
    deletes.post(ADDRESS, {"action": "remove", "_selected_action": [pk_of(APP)], "post": "yes"})
    assert not Upkeep.objects.exists()


def test_a_forged_request_is_refused(cast: Cast, stored: None):
    browser = Client(enforce_csrf_checks=True)
    User.objects.create_superuser("root", password=PASSWORD)
    browser.force_login(User.objects.get(username="root"), backend="django.contrib.auth.backends.ModelBackend")
    form = {"action": "verify", "_selected_action": [pk_of(APP)]}
    assert browser.post(ADDRESS, form).status_code == 403
    assert not Upkeep.objects.exists()


def test_ownership_is_checked(cast: Cast, stored: None):
    for person in (cast.alice, cast.charlie):
        client = cast.client(person)
        assert client.get(ADDRESS).status_code == 302
        assert client.post(ADDRESS, {"action": "verify", "_selected_action": [pk_of(APP)]}).status_code == 302
    assert not Upkeep.objects.exists()
