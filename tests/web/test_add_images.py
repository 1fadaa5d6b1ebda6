"""Add images: the page, the form that needs no script, the sample, and uploads that stopped."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from analyzer.archive.budget import Limits
from analyzer.blobstore import staging as staging_module
from analyzer.blobstore.staging import NoSpace
from analyzer.models import Job, JobState, Membership, Role, Team, Upload
from analyzer.services import uploads
from tests.cast import Cast
from tests.rows import add_job
from tests.web.budget import get_within_budget

DATA = bytes(range(256)) * 10_000  # more than one block


@pytest.fixture(autouse=True)
def empty_staging() -> None:
    for path in Path(site.UPLOAD_DIR).iterdir():
        path.unlink()


@pytest.fixture
def alice(cast: Cast) -> Client:
    return cast.client(cast.alice)


def file(name: str = "app.tar", data: bytes = DATA) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def staged() -> list[Path]:
    return list(Path(site.UPLOAD_DIR).iterdir())


def second_team(cast: Cast) -> Team:
    team = Team.objects.create(name="Web", slug="web")
    Membership.objects.create(team=team, user=cast.alice, role=Role.UPLOADER)
    return team


def stopped(cast: Cast, name: str = "half.tar", length: int = 2000) -> Upload:
    upload = uploads.begin(cast.team, cast.alice, name, length)
    uploads.receive(upload, 0, io.BytesIO(DATA[:500]).read)
    return upload


def test_the_page_offers_all_ways_in(alice: Client) -> None:
    text = alice.get("/add/").content.decode()
    assert 'enctype="multipart/form-data"' in text
    assert "http://testserver/api/v1/uploads/?name=" in text
    assert "Authorization: Bearer $TOKEN" in text
    assert 'href="/tokens/"' in text
    assert 'action="/add/sample/"' in text


def test_the_curl_line_has_the_public_address_and_the_team_where_there_are_several(
    alice: Client, cast: Cast, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://layers.example"
    line = "https://layers.example/api/v1/uploads/?name=my-image.tar"
    assert f"{line}&quot;" in alice.get("/add/").content.decode()
    second_team(cast)
    assert f"{line}&amp;team={cast.team.slug}&quot;" in alice.get("/add/").content.decode()


def test_who_is_in_no_team_is_told_so(alice: Client, cast: Cast) -> None:
    cast.alice.memberships.all().delete()
    text = alice.get("/add/").content.decode()
    assert "You may add images to no team yet" in text
    assert '<form class="drop"' not in text
    assert alice.post("/add/sample/").status_code == 200
    assert not Job.objects.exists()


def test_the_form_brings_several_archives_at_once(alice: Client, cast: Cast) -> None:
    response = alice.post("/add/form/", {"team": cast.team.slug, "files": [file(), file("../b.tar", b"short")]})
    assert response["Location"] == "/jobs/"
    jobs = {job.name: Path(job.path).read_bytes() for job in Job.objects.all()}
    assert jobs == {"app.tar": DATA, "b.tar": b"short"}
    assert {job.user for job in Job.objects.all()} == {cast.alice}
    assert {job.team for job in Job.objects.all()} == {cast.team}


def test_one_archive_leads_to_its_job(alice: Client, cast: Cast) -> None:
    response = alice.post("/add/form/", {"team": cast.team.slug, "files": file()})
    assert response["Location"] == f"/jobs/{Job.objects.get().pk}/"


def test_a_form_without_an_archive_says_so(alice: Client, cast: Cast) -> None:
    response = alice.post("/add/form/", {"team": cast.team.slug})
    assert (response.status_code, "No archive was chosen" in response.content.decode()) == (400, True)
    response = alice.post("/add/form/", {"team": cast.team.slug, "files": file(data=b"")})
    assert (response.status_code, "empty file" in response.content.decode()) == (400, True)
    assert staged() == []


def test_the_forms_csrf_token_is_checked_though_its_files_are_staged(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/add/")
    good = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    refused = client.post("/add/form/", {"team": cast.team.slug, "files": file()})
    assert refused.status_code == 403
    assert (staged(), Job.objects.count()) == ([], 0)
    assert client.post("/add/form/", {**good, "team": cast.team.slug, "files": file()}).status_code == 302


def test_nothing_is_staged_for_who_is_not_logged_in(db: None) -> None:
    assert Client().post("/add/form/", {"files": file()})["Location"].startswith("/accounts/login/")
    assert staged() == []


def test_an_archive_over_the_limit_is_refused_by_name(alice: Client, cast: Cast, settings: Settings) -> None:
    settings.LIMITS = Limits(max_archive_bytes=1 << 20)
    response = alice.post("/add/form/", {"team": cast.team.slug, "files": file()})
    assert (response.status_code, "MAX_ARCHIVE_BYTES" in response.content.decode()) == (413, True)
    assert staged() == []


def test_a_form_that_does_not_fit_the_disk_is_refused(alice: Client, cast: Cast, settings: Settings) -> None:
    settings.MIN_FREE_DISK_BYTES = 1 << 60
    response = alice.post("/add/form/", {"team": cast.team.slug, "files": file()})
    assert (response.status_code, "MIN_FREE_DISK_BYTES" in response.content.decode()) == (507, True)
    assert staged() == []


def test_a_disk_that_fills_up_below_the_form_leaves_nothing(
    alice: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: bytes) -> None:
        raise NoSpace

    monkeypatch.setattr(staging_module, "write_all", full)
    response = alice.post("/add/form/", {"team": cast.team.slug, "files": file()})
    assert (response.status_code, "disk is too full" in response.content.decode()) == (507, True)
    assert staged() == []


def test_the_sample_becomes_a_job(alice: Client, cast: Cast) -> None:
    team = second_team(cast)
    assert alice.post("/add/sample/", {"team": team.slug})["Location"] == f"/jobs/{Job.objects.get().pk}/"
    assert Job.objects.get().team == team
    assert alice.get("/add/sample/").status_code == 405


def test_an_upload_that_stopped_is_shown_and_can_be_given_up(alice: Client, cast: Cast) -> None:
    upload = stopped(cast)
    text = alice.get("/add/").content.decode()
    assert f'data-upload="/api/v1/uploads/{upload.pk}/"' in text
    assert "stopped at 25.0 %" in text
    response = alice.post(f"/add/uploads/{upload.pk}/cancel/", follow=True)
    assert "half.tar was given up" in response.content.decode()
    assert 'data-upload="' not in response.content.decode()
    assert not Upload.objects.exists()
    assert staged() == []


def test_an_upload_that_has_arrived_is_not_shown_as_stopped(alice: Client, cast: Cast) -> None:
    stopped(cast, length=500)
    assert "stopped at" not in alice.get("/add/").content.decode()


def test_jobs_of_the_moment_are_shown_and_stay_live(alice: Client, cast: Cast) -> None:
    job = add_job(cast.team, "app.tar", state=JobState.RUNNING, layers={"base": "reading"})
    old = add_job(cast.team, "old.tar", state=JobState.DONE)
    Job.objects.update(user=cast.alice)
    Job.objects.filter(pk=old.pk).update(finished=timezone.now() - timedelta(hours=2))
    text = alice.get("/add/").content.decode()
    assert f'hx-get="/add/jobs/{job.pk}/"' in text
    assert "old.tar" not in text
    row = alice.get(f"/add/jobs/{job.pk}/").content.decode()
    assert "<html" not in row
    assert "reading layer 1 of 1" in row
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert "hx-get" not in alice.get(f"/add/jobs/{job.pk}/").content.decode()


def test_a_name_is_data(alice: Client, cast: Cast) -> None:
    stopped(cast, name='<img src=x onerror="alert(1)">.tar')
    assert "<img" not in alice.get("/add/").content.decode()


def test_the_page_keeps_to_its_budget(alice: Client, cast: Cast) -> None:
    for number in range(3):
        stopped(cast, f"{number}.tar")
        add_job(cast.team, f"{number}.tar", state=JobState.RUNNING, layers={"base": "reading"})
    Job.objects.update(user=cast.alice)
    assert get_within_budget(alice, "/add/").status_code == 200
    assert get_within_budget(alice, f"/add/jobs/{Job.objects.all()[0].pk}/").status_code == 200


def test_team_access_works(cast: Cast) -> None:
    job = add_job(cast.team, "app.tar", state=JobState.RUNNING)
    assert cast.client(cast.bob).get(f"/add/jobs/{job.pk}/").status_code == 200
    assert cast.client(cast.bob).post("/add/form/", {"team": cast.team.slug, "files": file()}).status_code == 302


def test_a_bad_id_gives_404(alice: Client) -> None:
    assert alice.get(f"/add/jobs/{uuid4()}/").status_code == 404
    assert alice.post(f"/add/uploads/{uuid4()}/cancel/").status_code == 404
    assert alice.post("/add/form/", {"team": "nobody", "files": file()}).status_code == 404
    assert alice.post("/add/sample/", {"team": "nobody"}).status_code == 404
    assert staged() == []


def test_ownership_is_checked(cast: Cast) -> None:
    upload = stopped(cast)
    job = add_job(cast.team, "app.tar", state=JobState.RUNNING)
    charlie = cast.client(cast.charlie)
    assert "half.tar" not in charlie.get("/add/").content.decode()
    assert charlie.post(f"/add/uploads/{upload.pk}/cancel/").status_code == 404
    assert charlie.get(f"/add/jobs/{job.pk}/").status_code == 404
    assert charlie.post("/add/form/", {"team": cast.team.slug, "files": file()}).status_code == 404
    assert charlie.post("/add/sample/", {"team": cast.team.slug}).status_code == 404
    assert list(Upload.objects.all()) == [upload]
    assert cast.client(cast.bob).post(f"/add/uploads/{upload.pk}/cancel/").status_code == 404
