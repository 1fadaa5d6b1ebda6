"""What stands in for an engine: a server on a socket that gives the answers it is told to."""

import base64
import json
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from analyzer.registry.engine import EngineContext

IMAGE_ID = f"sha256:{'1' * 64}"
CONTAINER = "c" * 64


class FakeEngine:
    """`answers`: path → a JSON value, raw bytes, or a status with a value; `sizes`: path in the container → bytes."""

    def __init__(self, socket: Path) -> None:
        self.host = f"unix://{socket}"
        self.sizes: dict[str, int | None] = {}
        self.asked: list[str] = []
        self.cut = False  # after half of an answer, the connection ends
        self.pause = 0.0
        self.answers: dict[str, Any] = {
            "/version": {"Version": "20.10.24"},
            "/images/json": [{"Id": IMAGE_ID, "RepoTags": ["app:1", "app:latest"], "Size": 1234, "Created": 1}],
            "/containers/json": [container()],
            f"/containers/{CONTAINER}/json": inspected(),
            f"/containers/{CONTAINER}/changes": [
                {"Path": "/etc", "Kind": 0},
                {"Path": "/etc/motd", "Kind": 0},
                {"Path": "/new", "Kind": 1},
                {"Path": "/old", "Kind": 2},
            ],
        }
        self.sizes |= {"/etc": None, "/etc/motd": 20, "/new": 300}

    def context(self, **changes: Any) -> EngineContext:
        return EngineContext(self.host, **{"timeout": 5.0, **changes})


def container() -> dict[str, Any]:
    return {
        "Id": CONTAINER,
        "Names": ["/writer"],
        "Image": "app:1",
        "ImageID": IMAGE_ID,
        "State": "exited",
        "SizeRw": 320,
    }


def inspected() -> dict[str, Any]:
    return {
        "Id": CONTAINER,
        "Name": "/writer",
        "Image": IMAGE_ID,
        "Config": {"Image": "app:1", "Env": ["SECRET=1"]},
        "State": {"Status": "exited"},
        "SizeRw": 320,
    }


@contextmanager
def fake_engine(certs: Path | None = None) -> Iterator[FakeEngine]:
    """On a socket; with a folder of certificates over TLS, to clients alone that have one of them."""
    with tempfile.TemporaryDirectory(prefix="ls-") as folder:
        path = Path(folder, "socket")
        engine = FakeEngine(path)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def address_string(self) -> str:
                return "socket"

            def log_message(self, *_: Any) -> None:
                pass

            def do_HEAD(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)["path"][0]
                self.send_response(200 if asked in engine.sizes else 404)
                if asked in engine.sizes:
                    size = engine.sizes[asked]
                    state = {"name": "x", "size": size or 4096, "mode": (1 << 31) if size is None else 0o644}
                    self.send_header(
                        "X-Docker-Container-Path-Stat", base64.b64encode(json.dumps(state).encode()).decode()
                    )
                self.end_headers()

            def do_GET(self) -> None:
                engine.asked.append(self.path)
                time.sleep(engine.pause)
                answer = engine.answers.get(urlsplit(self.path).path, (404, {"message": "no such thing"}))
                status, value = answer if isinstance(answer, tuple) else (200, answer)
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2] if engine.cut else data)
                self.close_connection = engine.cut

        class OnSocket(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        class OnTcp(socketserver.ThreadingMixIn, socketserver.TCPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """A client that is not let in is no error of the tests."""

        with OnTcp(("127.0.0.1", 0), Handler) if certs else OnSocket(str(path), Handler) as server:
            if certs:
                tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certs / "ca.pem")
                tls.load_cert_chain(certs / "cert.pem", certs / "key.pem")
                tls.verify_mode = ssl.CERT_REQUIRED
                server.socket = tls.wrap_socket(server.socket, server_side=True)
                engine.host = f"tcp://127.0.0.1:{server.socket.getsockname()[1]}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield engine
            finally:
                server.shutdown()
                thread.join()
