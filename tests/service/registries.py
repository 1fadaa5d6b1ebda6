"""Registries of the tests' own: a real one with passwords, TLS and an access log, and what fills it."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.archives import Members, write_folder
from tests.service.servers import folder, free_port, listens, server

USER, PASSWORD = "alice", "registry-pass"
# bcrypt of PASSWORD, the one form of htpasswd that the registry takes.
HTPASSWD = "alice:$2b$05$Mxtu/YzrNkhuHSNE8KTvT.Cvqby92bNg.qDNOHD7h8OCZAvd/evi."
_GET = re.compile(r'"GET (\S+) HTTP/1\.1" (\d+) (\d+)')


@dataclass(frozen=True)
class Registry:
    """`address` is `host:port`; `ca` the certificate to trust, where it speaks TLS."""

    address: str
    log: Path
    ca: Path | None = None
    login: str = ""

    def got(self, what: str) -> list[str]:
        """The paths with `/what/` in them that were answered with a body, in order."""
        return [path for path, _ in self.sent() if f"/{what}/" in path]

    def sent(self) -> list[tuple[str, int]]:
        """The path and the bytes of each GET that was answered with a body, in order."""
        found = _GET.findall(self.log.read_text())
        return [(path, int(size)) for path, status, size in found if status < "300"]

    def fill(self, place: Path, name: str, members: Members) -> None:
        """Pushes the one image, or with an index all images, of an OCI layout under `name`."""
        self.push(f"oci:{write_folder(place, members)}", name)

    def push(self, source: str, name: str, form: str = "") -> None:
        """Copies what skopeo calls `source`, in the `form` of a manifest; where it can, blob by blob as it is."""
        command = ["skopeo", "--insecure-policy", "copy", "--quiet", *(["--format", form] if form else ["--all"])]
        command += [] if form or source.startswith("docker-archive:") else ["--preserve-digests"]
        options = ["--dest-tls-verify=false", *(["--dest-creds", self.login] if self.login else [])]
        done = subprocess.run(
            [*command, *options, source, f"docker://{self.address}/{name}"], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()


@contextlib.contextmanager
def docker_registry(*, auth: bool = False, tls: bool = False, schema1: bool = False) -> Iterator[Registry]:
    """A docker-registry on a free port of the loopback, with its access log; `schema1`: it takes old manifests, too."""
    port = free_port()
    with folder() as place:
        more = ""
        if auth:
            (place / "htpasswd").write_text(HTPASSWD)
            more += f"auth: {{htpasswd: {{realm: tests, path: '{place}/htpasswd'}}}}\n"
        if schema1:
            more += "compatibility: {schema1: {enabled: true}}\n"
        ca = make_certificate(place) if tls else None
        keys = f", tls: {{certificate: '{place}/cert.pem', key: '{place}/key.pem'}}" if tls else ""
        config = place / "config.yml"
        config.write_text(
            "version: 0.1\nlog: {level: warn, accesslog: {disabled: false}}\n"
            f"http: {{addr: '127.0.0.1:{port}'{keys}}}\n"
            f"storage: {{filesystem: {{rootdirectory: '{place}/data'}}, delete: {{enabled: true}}}}\n{more}"
        )
        with server(["docker-registry", "serve", str(config)], place / "log", lambda: listens(port)):
            login = f"{USER}:{PASSWORD}" if auth else ""
            yield Registry(f"127.0.0.1:{port}", place / "log", ca, login)


def make_certificate(place: Path) -> Path:
    """A certificate for 127.0.0.1, signed by an authority of its own; returns that authority's."""
    openssl = shutil.which("openssl")
    assert openssl
    base = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    ca: list[str | Path] = ["-keyout", place / "ca.key", "-out", place / "ca.pem", "-subj", "/CN=tests"]
    own: list[str | Path] = ["-keyout", place / "key.pem", "-out", place / "cert.pem", "-subj", "/CN=127.0.0.1"]
    signed: list[str | Path] = [
        "-CA",
        place / "ca.pem",
        "-CAkey",
        place / "ca.key",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    for more in (ca, [*own, *signed]):
        subprocess.run([*base, *more], check=True, capture_output=True)
    return place / "ca.pem"
