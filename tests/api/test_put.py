"""Archives sent in one go: `curl -T`, from a file or from a pipe."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from pytest_django import Settings

from analyzer.api import body
from analyzer.api.problems import Problem
from analyzer.archive.budget import LimitReached, Limits
from analyzer.blobstore import staging as staging_module
from analyzer.blobstore.staging import NoSpace
from analyzer.models import Job, Upload
from analyzer.services import uploads
from tests.api.client import Api
from tests.cast import Cast

DATA = os.urandom(3 << 20)


@pytest.fixture
def alice(cast: Cast) -> Api:
    return Api(cast.alice)


def left_in_staging() -> list[str]:
    jobs = set(Job.objects.values_list("path", flat=True))
    return [path.name for path in Path(site.UPLOAD_DIR).iterdir() if path.suffix == ".part" and str(path) not in jobs]


@pytest.fixture(autouse=True)
def empty_staging() -> None:
    for path in Path(site.UPLOAD_DIR).iterdir():
        path.unlink()


def test_a_file_becomes_a_job(alice: Api, cast: Cast) -> None:
    response = alice.call("PUT", "uploads/?name=app.tar", DATA)
    job = Job.objects.get()
    assert response.status_code == 202
    assert response.json()["id"] == str(job.pk) == response["Layersite-Job"]
    assert alice.get(response["Location"]).json()["state"] == "queued"
    assert (job.name, job.team, job.user, job.size) == ("app.tar", cast.team, cast.alice, len(DATA))
    assert Path(job.path).read_bytes() == DATA


@pytest.mark.parametrize(
    ("path", "name"), [("app.tar", "app.tar"), ("app.tar?name=x.tar", "x.tar"), ("", "archive.tar")]
)
def test_the_name_may_stand_in_the_address_as_curl_puts_it_there(alice: Api, path: str, name: str) -> None:
    assert alice.call("PUT", f"uploads/{path}", b"x").status_code == 202
    assert Job.objects.get().name == name


def test_the_team_may_be_named(alice: Api, cast: Cast) -> None:
    assert alice.call("PUT", f"uploads/?name=a.tar&team={cast.team.slug}", b"x").status_code == 202
    refused = alice.call("PUT", f"uploads/?name=a.tar&team={cast.other_team.slug}", b"x")
    assert (refused.status_code, Job.objects.count()) == (404, 1)


def test_who_is_in_no_team_is_told_so(alice: Api, cast: Cast) -> None:
    cast.alice.memberships.all().delete()
    response = alice.call("PUT", "uploads/?name=a.tar", b"x")
    assert response.status_code == 403
    assert "no team" in response.json()["detail"]


def test_nothing_is_refused_with_a_hint_at_the_pipe(alice: Api) -> None:
    response = alice.call("PUT", "uploads/?name=a.tar", b"")
    assert response.status_code == 400
    assert "before the pipe" in response.json()["detail"]
    assert not Upload.objects.exists()
    assert left_in_staging() == []


def test_an_archive_over_the_limit_is_refused_unread(alice: Api, settings: Settings) -> None:
    settings.LIMITS = Limits(max_archive_bytes=1 << 20)
    response = alice.call("PUT", "uploads/?name=a.tar", DATA)
    assert (response.status_code, response.json()["setting"]) == (413, "MAX_ARCHIVE_BYTES")
    assert left_in_staging() == []


def test_a_pipe_is_stopped_where_the_limit_is(cast: Cast, settings: Settings) -> None:
    settings.LIMITS = Limits(max_archive_bytes=1 << 20)
    with pytest.raises(LimitReached):
        uploads.receive_whole(cast.team, cast.alice, "a.tar", None, io.BytesIO(DATA).read)
    assert not Upload.objects.exists()
    assert left_in_staging() == []


def test_a_connection_that_ends_early_leaves_nothing(cast: Cast) -> None:
    with pytest.raises(uploads.Interrupted):
        uploads.receive_whole(cast.team, cast.alice, "a.tar", len(DATA) + 1, io.BytesIO(DATA).read)
    assert not Upload.objects.exists()
    assert not Job.objects.exists()
    assert left_in_staging() == []


def test_a_disk_that_fills_up_is_said_and_leaves_nothing(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, data: Any) -> None:
        raise NoSpace

    monkeypatch.setattr(staging_module, "write_all", full)
    response = alice.call("PUT", "uploads/?name=a.tar", DATA)
    assert response.status_code == 507
    assert "disk is too full" in response.json()["detail"]
    assert left_in_staging() == []


def test_anybody_else_is_refused_before_a_byte_is_read(db: None) -> None:
    response = Api(None).call("PUT", "uploads/?name=a.tar", DATA)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert left_in_staging() == []


class Socket:
    """What gunicorn gives along: the connection."""

    timeout: float | None = None

    def settimeout(self, seconds: float) -> None:
        self.timeout = seconds


def request(**environ: Any) -> WSGIRequest:
    made = RequestFactory().put("/api/v1/uploads/")
    made.META.update(environ)
    return made


def test_a_pipe_is_read_from_the_server_that_undid_its_chunks() -> None:
    socket = Socket()
    pipe = request(**{"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(b"abc"), "gunicorn.socket": socket})
    assert body.length(pipe) is None
    assert body.reader(pipe)(1 << 20) == b"abc"
    assert socket.timeout == body.PATIENCE


def test_a_server_that_leaves_the_chunks_in_says_what_it_needs() -> None:
    with pytest.raises(Problem, match="Content-Length") as refusal:
        body.reader(request(HTTP_TRANSFER_ENCODING="chunked"))
    assert refusal.value.status == 411
