"""The real web server: pipes of unknown length, connections that break, processes that are killed."""

import http.client
import json
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.servers import wait_until
from tests.service.site import Site, running_site

pytestmark = pytest.mark.service

DATA = random.Random(7).randbytes(5 << 20)  # no archive: what is looked at is that it arrives
ISSUE = (
    "from django.contrib.auth.models import User; from analyzer.services.tokens import issue_token; "
    "print('token', issue_token(User.objects.get(username='admin'), 'tests')[1])"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site") / "data", WEB_PROCESSES="1", UPLOAD_EXPIRY_HOURS="1") as started:
        yield started


@pytest.fixture(scope="module")
def bearer(site: Site) -> dict[str, str]:
    shown = site.manage("shell", "-c", ISSUE)
    token = next(line.split()[1] for line in shown.stdout.splitlines() if line.startswith("token "))
    return {"Authorization": f"Bearer {token}"}


def ask(site: Site, method: str, path: str, **given: Any) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    connection.request(method, path, **given)
    response = connection.getresponse()
    response.body = response.read()  # type: ignore[attr-defined]
    connection.close()
    return response


def document(response: http.client.HTTPResponse) -> Any:
    return json.loads(response.body)  # type: ignore[attr-defined]


def pieces() -> Iterator[bytes]:
    for start in range(0, len(DATA), 70_001):
        yield DATA[start : start + 70_001]


def half_a_request(site: Site, head: str, body: bytes) -> socket.socket:
    """A connection that has sent a request's beginning and goes on no more."""
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=120)
    connection.sendall(f"{head}\r\nHost: localhost\r\n\r\n".encode() + body)
    return connection


def begun(site: Site, bearer: dict[str, str]) -> str:
    response = ask(site, "POST", "/api/v1/uploads/", headers={**bearer, "Upload-Length": str(len(DATA))})
    assert response.status == 201
    return "/api/v1/" + str(response.headers["Location"]).partition("/api/v1/")[2]


def offset_of(site: Site, bearer: dict[str, str], path: str) -> int:
    return int(str(ask(site, "HEAD", path, headers=bearer).headers["Upload-Offset"]))


def resume(site: Site, bearer: dict[str, str], path: str) -> http.client.HTTPResponse:
    offset = offset_of(site, bearer, path)
    headers = {**bearer, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return ask(site, "PATCH", path, body=DATA[offset:], headers=headers)


def arrived_whole(site: Site, bearer: dict[str, str], job: str | None) -> bool:
    """The job ends as one that was no image archive, and its file, kept for another try, is what was sent."""
    path = f"/api/v1/jobs/{job}/"
    wait_until(lambda: document(ask(site, "GET", path, headers=bearer))["state"] == "failed")
    kept = list((site.data / "uploads").glob("*.archive"))
    return bool(kept) and all(archive.read_bytes() == DATA for archive in kept)


def patch_head(bearer: dict[str, str], path: str) -> str:
    return (
        f"PATCH {path} HTTP/1.1\r\nAuthorization: {bearer['Authorization']}\r\nUpload-Offset: 0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(DATA)}"
    )


def test_a_pipe_of_unknown_length_arrives_whole(site: Site, bearer: dict[str, str]) -> None:
    response = ask(site, "PUT", "/api/v1/uploads/?name=pipe.tar", body=pieces(), headers=bearer, encode_chunked=True)
    assert response.status == 202
    assert arrived_whole(site, bearer, response.headers["Layersite-Job"])


def test_a_pipe_that_breaks_leaves_nothing(site: Site, bearer: dict[str, str]) -> None:
    head = f"PUT /api/v1/uploads/?name=cut.tar HTTP/1.1\r\nAuthorization: {bearer['Authorization']}"
    chunk = f"{1 << 20:x}\r\n".encode() + DATA[: 1 << 20] + b"\r\n"
    connection = half_a_request(site, head + "\r\nTransfer-Encoding: chunked", chunk + b"fffff\r\nxyz")
    wait_until(lambda: bool(list((site.data / "uploads").glob("*.part"))))
    connection.close()
    wait_until(lambda: not list((site.data / "uploads").glob("*.part")))
    names = [each["name"] for each in document(ask(site, "GET", "/api/v1/jobs/", headers=bearer))["results"]]
    assert "cut.tar" not in names


def test_a_connection_that_fell_silent_holds_nobody_up(site: Site, bearer: dict[str, str]) -> None:
    path = begun(site, bearer)
    silent = half_a_request(site, patch_head(bearer, path), DATA[: 3 << 20])
    wait_until(lambda: offset_of(site, bearer, path) >= 2 << 20)
    assert resume(site, bearer, path).status == 204  # while the other is still open and says nothing
    silent.sendall(DATA[3 << 20 :])  # it wakes up too late, and spoils nothing
    silent.close()
    assert arrived_whole(site, bearer, ask(site, "HEAD", path, headers=bearer).headers["Layersite-Job"])


def test_a_web_server_that_is_killed_loses_nothing_that_it_had_told(site: Site, bearer: dict[str, str]) -> None:
    path = begun(site, bearer)
    connection = half_a_request(site, patch_head(bearer, path), DATA[: 4 << 20])
    wait_until(lambda: offset_of(site, bearer, path) >= 2 << 20)
    told = offset_of(site, bearer, path)
    site.kill(site.pids("gunicorn"))
    connection.close()
    wait_until(lambda: site_answers(site))
    assert offset_of(site, bearer, path) >= told
    part = next(part for part in (site.data / "uploads").glob("*.part") if part.stem in path)
    assert DATA.startswith(Path(part).read_bytes())
    response = resume(site, bearer, path)
    assert response.status == 204
    assert arrived_whole(site, bearer, response.headers["Layersite-Job"])


def site_answers(site: Site) -> bool:
    try:
        return ask(site, "GET", "/healthz").status == 200
    except OSError:
        return False


def test_a_refusal_says_why(site: Site) -> None:
    response = ask(
        site, "PUT", "/api/v1/uploads/?name=a.tar", body=DATA[:1000], headers={"Authorization": "Bearer lay_wrong"}
    )
    assert response.status == 401
    assert document(response)["detail"].startswith("This token")
