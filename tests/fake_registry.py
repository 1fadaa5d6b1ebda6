"""A registry of the tests' own in this process: its tags point where a test says, and it can limit, fail and hide."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from analyzer.oci.digest import digest_of
from analyzer.registry.context import NetworkRules

LOOPBACK = NetworkRules(
    private_hosts=frozenset({"127.0.0.1"}), plain_http_hosts=frozenset({"127.0.0.1"}), pause=0.01, timeout=5.0
)
"""Settings under which a client may go there."""


def digest(word: str) -> str:
    return digest_of(word.encode())


class FakeRegistry:
    """`tags` maps repository and tag to a digest; `asked` are the requests that came, as `HEAD /v2/…`."""

    def __init__(self) -> None:
        self.tags: dict[tuple[str, str], str] = {}
        self.asked: list[str] = []
        self.sent: list[str | None] = []  # the Authorization headers
        self.has_catalog = True
        self.emptied: list[str] = []  # repositories that are listed and have no tags any more
        self.headers: dict[str, str] = {}
        self.refuse: tuple[int, dict[str, str]] | None = None  # status and headers of every answer
        self.host = ""

    def push(self, repository: str, tag: str, word: str) -> None:
        self.tags[(repository, tag)] = digest(word)

    def heads(self) -> list[str]:
        return [line.rpartition("/v2/")[2] for line in self.asked if line.startswith("HEAD")]

    def answer(self, path: str) -> tuple[int, dict[str, str], object]:
        path = path.partition("?")[0]
        if self.refuse:
            return *self.refuse, {}
        if path == "/v2/":
            return 200, {}, {}
        if path == "/v2/_catalog":
            names = sorted({repository for repository, _ in self.tags} | set(self.emptied))
            return (200, {}, {"repositories": names}) if self.has_catalog else (401, {}, {})
        repository, _, rest = path.removeprefix("/v2/").rpartition("/tags/")
        if repository and rest == "list":
            names = sorted(tag for name, tag in self.tags if name == repository)
            return (200, {}, {"name": repository, "tags": names}) if names else (404, {}, {})
        repository, _, tag = path.removeprefix("/v2/").rpartition("/manifests/")
        if (repository, tag) in self.tags:
            return 200, {"Docker-Content-Digest": self.tags[(repository, tag)]}, {}
        return 404, {}, {}


@contextmanager
def fake_registry() -> Iterator[FakeRegistry]:
    fake = FakeRegistry()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the body's turn

        def do_GET(self) -> None:
            fake.asked.append(f"{self.command} {self.path}")
            fake.sent.append(self.headers.get("Authorization"))
            status, headers, document = fake.answer(self.path)
            body = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**fake.headers, **headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the server's name for it

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    fake.host = f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
