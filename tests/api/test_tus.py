"""Uploads by the tus protocol: what arrives is what was sent, whoever is cut off when."""

import os
import uuid
from pathlib import Path

import pytest
from django.conf import settings as site
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import Settings

from analyzer.archive.budget import Limits
from analyzer.models import Job, Upload
from analyzer.services import uploads
from tests.api.client import Api
from tests.cast import Cast

DATA = bytes(range(256)) * 40


@pytest.fixture
def alice(cast: Cast) -> Api:
    return Api(cast.alice)


def begun(api: Api, length: int | None = len(DATA)) -> str:
    response = api.create(length)
    assert response.status_code == 201
    return str(response["Location"])


def test_the_server_tells_what_it_can_do_to_anybody(db: None) -> None:
    response = Api(None).call("OPTIONS", "uploads/")
    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"
    assert set(response["Tus-Extension"].split(",")) >= {"creation", "termination", "expiration"}
    assert response["Tus-Max-Size"] == str(site.LIMITS.max_archive_bytes)


def test_an_upload_in_two_pieces_becomes_a_job(alice: Api, cast: Cast) -> None:
    url = begun(alice)
    first = alice.patch(url, 0, DATA[:5000])
    assert (first.status_code, first["Upload-Offset"]) == (204, "5000")
    assert "Layersite-Job" not in first
    assert "Upload-Expires" in first

    state = alice.head(url)
    assert (state["Upload-Offset"], state["Upload-Length"]) == ("5000", str(len(DATA)))
    assert state["Cache-Control"] == "no-store"

    last = alice.patch(url, 5000, DATA[5000:])
    job = Job.objects.get()
    assert (last.status_code, last["Layersite-Job"]) == (204, str(job.pk))
    assert (job.name, job.team, job.user, job.size) == ("app.tar", cast.team, cast.alice, len(DATA))
    assert Path(job.path).read_bytes() == DATA
    assert alice.head(url)["Layersite-Job"] == str(job.pk)


def test_the_last_piece_gives_the_job_itself_to_who_asks_for_json(alice: Api) -> None:
    response = alice.patch(begun(alice), 0, DATA, Accept="application/json")
    assert response.status_code == 200
    assert response.json()["id"] == str(Job.objects.get().pk)


def test_a_piece_at_the_wrong_offset_is_refused_and_told_the_right_one(alice: Api) -> None:
    url = begun(alice)
    alice.patch(url, 0, DATA[:10])
    for offset in (0, 9, 11):
        response = alice.patch(url, offset, b"x")
        assert response.status_code == 409
        assert response["Upload-Offset"] == "10"
        assert response.json()["offset"] == 10
    assert alice.head(url)["Upload-Offset"] == "10"


def test_the_last_piece_again_is_the_same_job(alice: Api) -> None:
    url = begun(alice)
    first = alice.patch(url, 0, DATA)
    assert alice.patch(url, len(DATA), b"")["Layersite-Job"] == first["Layersite-Job"]
    assert alice.patch(url, 0, DATA).status_code == 409
    assert Job.objects.count() == 1


def test_an_upload_that_was_cut_off_before_its_job_gets_it_by_an_empty_piece(alice: Api) -> None:
    url = begun(alice)
    upload = Upload.objects.get()
    uploads.staging().part(upload.pk).write_bytes(DATA)
    assert alice.head(url)["Upload-Offset"] == str(len(DATA))
    assert "Layersite-Job" in alice.patch(url, len(DATA), b"")


def test_more_than_was_announced_is_refused(alice: Api) -> None:
    url = begun(alice, 10)
    assert alice.patch(url, 0, b"x" * 11).status_code == 400
    assert alice.head(url)["Upload-Offset"] == "0"


def test_a_length_may_be_told_later(alice: Api) -> None:
    url = begun(alice, None)
    alice.patch(url, 0, DATA[:100])
    assert alice.head(url)["Upload-Defer-Length"] == "1"
    response = alice.patch(url, 100, DATA[100:], Upload_Length=str(len(DATA)))
    assert "Layersite-Job" in response
    assert Path(Job.objects.get().path).read_bytes() == DATA


def test_an_upload_that_was_given_up_is_gone(alice: Api) -> None:
    url = begun(alice)
    alice.patch(url, 0, DATA[:100])
    part = uploads.staging().part(Upload.objects.get().pk)
    assert part.exists()
    assert alice.delete(url).status_code == 204
    assert not part.exists()
    assert alice.head(url).status_code == 404


def test_an_upload_that_has_its_job_is_not_given_up(alice: Api) -> None:
    url = begun(alice)
    alice.patch(url, 0, DATA)
    assert alice.delete(url).status_code == 409
    assert Path(Job.objects.get().path).exists()


def test_an_upload_whose_file_is_gone_says_so(alice: Api) -> None:
    url = begun(alice)
    uploads.staging().discard(Upload.objects.get().pk)
    assert alice.patch(url, 0, DATA).status_code == 410
    assert alice.head(url).status_code == 410


def test_a_method_may_be_overridden_where_a_proxy_knows_no_patch(alice: Api) -> None:
    url = begun(alice)
    response = alice.call(
        "POST",
        url,
        DATA,
        type="application/offset+octet-stream",
        Upload_Offset="0",
        X_HTTP_Method_Override="PATCH",
    )
    assert "Layersite-Job" in response
    assert alice.call("POST", url, X_HTTP_Method_Override="PUT").status_code == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Offset": "0", "type": "application/octet-stream"}, 415),
        ({"type": "application/offset+octet-stream"}, 400),
        ({"Upload_Offset": "-1", "type": "application/offset+octet-stream"}, 400),
        ({"Upload_Offset": "٣", "type": "application/offset+octet-stream"}, 400),
        ({"Upload_Offset": "0", "type": "application/offset+octet-stream", "Tus_Resumable": "0.2.2"}, 412),
    ],
)
def test_a_piece_that_is_not_as_the_protocol_has_it_is_refused(
    alice: Api, headers: dict[str, str], status: int
) -> None:
    url = begun(alice)
    assert alice.call("PATCH", url, b"x", **headers).status_code == status
    assert alice.head(url)["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload_Length": "many"}, 400),
        ({"Upload_Length": "0"}, 400),
        ({"Upload_Length": "1", "Upload_Metadata": "filename %%%"}, 400),
        ({"Upload_Length": "1", "Upload_Metadata": "team bm9uZQ=="}, 404),
        ({"Upload_Length": "1", "Tus_Resumable": "2.0.0"}, 412),
    ],
)
def test_a_creation_that_is_not_as_the_protocol_has_it_is_refused(
    alice: Api, headers: dict[str, str], status: int
) -> None:
    assert alice.call("POST", "uploads/", **headers).status_code == status
    assert not Upload.objects.exists()


def test_an_archive_over_the_limit_is_refused_before_its_first_byte(alice: Api, settings: Settings) -> None:
    settings.LIMITS = Limits(max_archive_bytes=1000)
    response = alice.create(1001)
    assert response.status_code == 413
    assert response.json()["setting"] == "MAX_ARCHIVE_BYTES"
    assert "MAX_ARCHIVE_BYTES" in response.json()["detail"]
    assert alice.create(1000).status_code == 201


def test_an_archive_that_does_not_fit_the_disk_is_refused_before_its_first_byte(alice: Api, settings: Settings) -> None:
    settings.MIN_FREE_DISK_BYTES = 1 << 60
    response = alice.create(10)
    assert response.status_code == 507
    assert "MIN_FREE_DISK_BYTES" in response.json()["detail"]


def test_a_disk_that_fills_up_on_the_way_loses_nothing(alice: Api, settings: Settings) -> None:
    url = begun(alice)
    alice.patch(url, 0, DATA[:100])
    settings.MIN_FREE_DISK_BYTES = 1 << 60
    assert alice.patch(url, 100, DATA[100:]).status_code == 507
    assert alice.head(url)["Upload-Offset"] == "100"
    settings.MIN_FREE_DISK_BYTES = 0
    assert "Layersite-Job" in alice.patch(url, 100, DATA[100:])


def test_the_name_is_data_and_never_a_path(alice: Api) -> None:
    alice.create(5, name="../../etc/\x00pass\nwd.tar")
    upload = Upload.objects.get()
    assert upload.name == "passwd.tar"
    assert uploads.staging().part(upload.pk).parent == Path(site.UPLOAD_DIR)


def test_unfinished_uploads_are_listed_for_their_sender(alice: Api, cast: Cast) -> None:
    url = begun(alice)
    alice.patch(url, 0, DATA[:100])
    listed = alice.get("uploads/").json()
    assert [(each["name"], each["offset"], each["length"]) for each in listed] == [("app.tar", 100, len(DATA))]
    assert url.endswith(listed[0]["url"])
    assert Api(cast.bob).get("uploads/").json() == []
    alice.patch(url, 100, DATA[100:])
    assert alice.get("uploads/").json() == []


def test_ownership_is_checked(alice: Api, cast: Cast) -> None:
    url = begun(alice)
    for other in (Api(cast.bob), Api(cast.charlie)):
        assert other.head(url).status_code == 404
        assert other.patch(url, 0, DATA).status_code == 404
        assert other.delete(url).status_code == 404
    assert Api(cast.charlie).create(5, team=cast.team.slug).status_code == 404
    assert Api(cast.bob).create(5, team=cast.team.slug).status_code == 201
    anybody = Api(None)
    assert (
        anybody.create(5).status_code == anybody.head(url).status_code == anybody.patch(url, 0, b"").status_code == 401
    )


def test_who_left_the_team_sends_nothing_more(alice: Api, cast: Cast) -> None:
    url = begun(alice)
    cast.alice.memberships.all().delete()
    assert alice.patch(url, 0, DATA).status_code == 404
    assert alice.create(5).status_code == 403


def test_a_bad_id_gives_404(alice: Api) -> None:
    assert alice.head(f"uploads/{uuid.uuid4()}/").status_code == 404
    assert alice.patch("uploads/nothing/", 0, b"").status_code == 404


class AnyChunks(TestCase):
    @hypothesis_settings(deadline=None, max_examples=60)
    @given(
        data=st.binary(min_size=1, max_size=400),
        steps=st.lists(st.tuples(st.integers(1, 90), st.sampled_from(["whole", "cut off", "killed"])), max_size=12),
    )
    def test_any_pieces_and_any_crashes_end_in_the_same_bytes(self, data: bytes, steps: list[tuple[int, str]]) -> None:
        api = Api(Cast.create().alice)
        url = str(api.create(len(data))["Location"])
        part = uploads.staging().part(Upload.objects.get().pk)
        for count, fate in [*steps, (len(data), "whole")]:
            offset = int(api.head(url)["Upload-Offset"])
            if offset == len(data):
                break
            assert part.read_bytes() == data[:offset]
            piece = data[offset : offset + count]
            if fate == "whole":
                api.patch(url, offset, piece)
            elif fate == "cut off":  # the connection ends within the piece
                with pytest.raises(uploads.Interrupted):
                    uploads.receive(Upload.objects.get(), offset, broken_after(piece[: count // 2]))
            else:  # the process dies with a part of the piece on the disk and nothing noted
                with open(part, "ab") as file:
                    file.write(piece[: count // 2])
        if "Layersite-Job" not in api.head(url):
            api.patch(url, len(data), b"")
        path = Path(Job.objects.get().path)
        assert path.read_bytes() == data
        os.unlink(path)


def broken_after(data: bytes) -> uploads.Read:
    pieces = [data] if data else []

    def read(size: int) -> bytes:
        if pieces:
            return pieces.pop()
        raise ConnectionResetError

    return read
