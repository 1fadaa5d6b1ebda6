"""A registry on the loopback that misbehaves on demand: what a fault proxy in front of an honest one would do."""

import contextlib
import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analyzer.oci.digest import digest_of
from analyzer.registry.context import Credentials, NetworkRules, RegistryContext
from tests.archives import Layer, Members, content
from tests.images import OCI_INDEX
from tests.oldmanifests import SCHEMA1, signed

NAME = "org.opencontainers.image.ref.name"
HOSTS = frozenset({"127.0.0.1"})


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None  # bytes of the body after which the connection breaks
    pause: float = 0.0  # seconds before the first byte
    drip: float = 0.0  # seconds between the bytes


Fault = Callable[[Answer], Answer]


class FakeRegistry:
    """`faults` holds what befalls the next answers whose path has the key in it, one each; "always" ones stay."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[bytes, str]] = {}
        self.digests: dict[bytes, str] = {}  # of manifests whose digest is not that of all their bytes
        self.faults: dict[str, list[Fault]] = {}
        self.always: dict[str, Fault] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.address = ""
        self.token: str | None = None  # asked for by a challenge, if there is one
        self.knows_referrers = False  # by the API of the specification's version 1.1

    def add(self, members: Members, *tags: str) -> str:
        """Takes over a layout's blobs; its one entry gets the tags. Returns that entry's digest."""
        for name in members:
            if name.startswith("blobs/sha256/") and not name.endswith("/"):
                self.blobs[f"sha256:{name[13:]}"] = content(members, name)
        (entry, *_) = json.loads(content(members, "index.json"))["manifests"]
        for tag in tags:
            self.manifests[tag] = self.blobs[entry["digest"]], entry["mediaType"]
        return str(entry["digest"])

    def add_folder(self, layout: Path, *tags: str) -> None:
        """Takes over a layout on the disk; the tags are those of its entries, in order, else the names they have."""
        for path in (layout / "blobs" / "sha256").iterdir():
            self.blobs[f"sha256:{path.name}"] = path.read_bytes()
        for number, entry in enumerate(json.loads((layout / "index.json").read_bytes())["manifests"]):
            name = tags[number] if number < len(tags) else entry.get("annotations", {}).get(NAME, "")
            self.manifests[name] = self.blobs[entry["digest"]], entry["mediaType"]

    def tag(self, tag: str, raw: bytes, media_type: str) -> str:
        self.blobs[digest_of(raw)] = raw
        self.manifests[tag] = raw, media_type
        return digest_of(raw)

    def tag_old(self, tag: str, payload: bytes, *layers: Layer) -> str:
        """A signed manifest of schema 1, with the blobs of these layers. Returns its digest."""
        raw = signed(payload)
        self.digests[raw] = digest_of(payload)
        self.blobs |= {layer.digest: layer.blob for layer in layers} | {digest_of(payload): raw}
        self.manifests[tag] = raw, SCHEMA1
        return digest_of(payload)

    def got(self, what: str) -> list[str]:
        return [path for method, path, _ in self.asked if method == "GET" and f"/{what}/" in path]

    def context(self, credentials: Credentials | None = None, **rules: Any) -> RegistryContext:
        network = {"private_hosts": HOSTS, "plain_http_hosts": HOSTS, "timeout": 1.0, "pause": 0.01, "attempts": 3}
        return RegistryContext(self.address, credentials, NetworkRules(**{**network, **rules}))

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        found = self._found(urlsplit(path).path, headers)
        for key, fault in self.always.items():
            found = fault(found) if key in path else found
        for key, waiting in self.faults.items():
            if key in path and waiting:
                found = waiting.pop(0)(found)
        return found

    def _found(self, path: str, headers: dict[str, str]) -> Answer:
        if path == "/token":
            return Answer(body=json.dumps({"token": self.token, "expires_in": 300}).encode())
        if self.token is not None and headers.get("authorization") != f"Bearer {self.token}":
            challenge = f'Bearer realm="http://{self.address}/token",service="fake",scope="repository:app:pull"'
            return Answer(401, b"{}", {"WWW-Authenticate": challenge})
        if path == "/v2/":
            return Answer(body=b"{}")
        if match := re.fullmatch(r"/v2/.+/manifests/(.+)", path):
            name = match[1]
            raw, media_type = self.manifests.get(name) or (self.blobs.get(name, b""), "application/json")
            if not raw:
                return Answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
            digest = self.digests.get(raw) or digest_of(raw)
            return Answer(body=raw, headers={"Content-Type": media_type, "Docker-Content-Digest": digest})
        if (match := re.fullmatch(r"/v2/.+/referrers/(.+)", path)) and self.knows_referrers:
            entries = list(self._referrers(match[1]))
            document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
            return Answer(body=json.dumps(document).encode(), headers={"Content-Type": OCI_INDEX})
        if (match := re.fullmatch(r"/v2/.+/blobs/(.+)", path)) and match[1] in self.blobs:
            return self._blob(self.blobs[match[1]], headers.get("range", ""))
        return Answer(404, b"{}")

    def _referrers(self, digest: str) -> Iterator[dict[str, Any]]:
        for name, raw in self.blobs.items():
            with contextlib.suppress(ValueError, AttributeError):
                document = json.loads(raw)
                if (document.get("subject") or {}).get("digest") == digest:
                    yield {"mediaType": document["mediaType"], "digest": name, "size": len(raw)}

    def _blob(self, data: bytes, wanted: str) -> Answer:
        if match := re.fullmatch(r"bytes=(\d+)-", wanted):
            start = int(match[1])
            if start >= len(data):
                return Answer(416)
            return Answer(206, data[start:], {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})
        return Answer(body=data)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the body's turn
    fake: FakeRegistry

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.fake.asked.append((self.command, self.path, headers))
        answer = self.fake.answer(self.path, headers)
        time.sleep(answer.pause)
        with contextlib.suppress(ConnectionError):
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            body = answer.body if answer.cut is None else answer.body[: answer.cut]
            if answer.drip:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(answer.drip)
            else:
                self.wfile.write(body)
        if answer.cut is not None:
            self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 - the name is http.server's

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no news."""


@contextlib.contextmanager
def fake_registry() -> Iterator[FakeRegistry]:
    fake = FakeRegistry()
    handler = type("Handler", (_Handler,), {"fake": fake})
    with _Server(("127.0.0.1", 0), handler) as server:
        fake.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


def cut(count: int) -> Fault:
    """The connection breaks after `count` bytes of the body."""

    def fault(answer: Answer) -> Answer:
        answer.cut = count
        return answer

    return fault


def truncated(answer: Answer) -> Answer:
    """Half of the body, as if it were all."""
    answer.body = answer.body[: len(answer.body) // 2]
    return answer


def longer(answer: Answer) -> Answer:
    answer.body += b"more"
    return answer


def corrupted(answer: Answer) -> Answer:
    """A byte in the middle is another one."""
    at = len(answer.body) // 2
    answer.body = answer.body[:at] + bytes([answer.body[at] ^ 1]) + answer.body[at + 1 :] if answer.body else b"x"
    return answer


def hanging(answer: Answer) -> Answer:
    answer.pause = 3.0
    return answer


def dripping(answer: Answer) -> Answer:
    answer.drip = 0.05
    return answer


def status(number: int, **headers: str) -> Fault:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer: Answer(number, b"{}", shown)
