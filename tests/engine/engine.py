"""A real Docker Engine: images built in it, and what it says of them."""

import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.truth import Entry, Inode, Row, inodes

APPLETS = (
    "sh",
    "cat",
    "ls",
    "mkdir",
    "rm",
    "cp",
    "mv",
    "ln",
    "chmod",
    "chown",
    "dd",
    "echo",
    "true",
    "mkfifo",
    "printf",
)
KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.DIRTYPE: "dir",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.CHRTYPE: "char",
    tarfile.BLKTYPE: "block",
    tarfile.FIFOTYPE: "fifo",
}


class _Socket(http.client.HTTPConnection):
    """HTTP over the engine's socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


class Engine:
    def __init__(self, host: str, folder: Path) -> None:
        self.host = host
        self.folder = folder

    def docker(self, *arguments: str) -> bytes:
        env = os.environ | {"DOCKER_HOST": self.host, "DOCKER_BUILDKIT": "0"}
        done = subprocess.run(["docker", *arguments], env=env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def get(self, path: str) -> Any:
        with closing(_Socket(self.host.removeprefix("unix://"))) as connection:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())

    def build(self, name: str, dockerfile: str, files: Iterable[tuple[str, bytes]] = ()) -> None:
        context = self.folder / name.replace(":", "_")
        context.mkdir()
        (context / "Dockerfile").write_text(dockerfile)
        for path, data in files:
            (context / path).parent.mkdir(parents=True, exist_ok=True)
            (context / path).write_bytes(data)
            os.utime(context / path, (0, 0))  # the same file is the same layer, in whichever image it is copied
        self.docker("build", "--network=host", "--quiet", "-t", name, str(context))

    def build_base(self) -> None:
        """`base:1`: a static busybox, from nothing."""
        busybox = shutil.which("busybox")
        assert busybox, "busybox-static is one of the tests' packages"
        root = self.folder / "base" / "root"
        for name in ("bin", "etc"):
            (root / name).mkdir(parents=True)
        (root / "tmp").mkdir(mode=0o1777)
        (root / "tmp").chmod(0o1777)
        shutil.copy(busybox, root / "bin" / "busybox")
        for applet in APPLETS:
            (root / "bin" / applet).symlink_to("busybox")
        (root / "etc" / "passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
        (root.parent / "Dockerfile").write_text('FROM scratch\nCOPY root/ /\nCMD ["/bin/sh"]\n')
        self.docker("build", "--quiet", "-t", "base:1", str(root.parent))

    def save(self, *names: str, compression: str | None = None) -> Path:
        """`docker save`, or with a compression what skopeo makes of it as an OCI archive."""
        saved = self.folder / f"{'-'.join(names).replace(':', '_')}.docker.tar"
        if not saved.exists():
            self.docker("save", "-o", str(saved), *names)
        if compression is None:
            return saved
        copy = saved.with_suffix(f".{compression}.oci.tar")
        command = ["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-compress-format", compression]
        done = subprocess.run(
            [*command, f"docker-archive:{saved}", f"oci-archive:{copy}:{names[0]}"], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return copy

    def history(self, name: str) -> list[Row]:
        """CREATED, CREATED BY, SIZE, COMMENT, newest first."""
        rows = self.get(f"/images/{name}/history")
        return [(row["Created"], row["CreatedBy"], row["Size"], row["Comment"]) for row in rows]

    def merged(self, name: str) -> set[Inode]:
        """What a container of the image sees."""
        container = self.docker("create", name, "/bin/true").decode().strip()
        exported = self.docker("export", container)
        self.docker("rm", container)
        return inodes(_exported(exported))


def _exported(data: bytes) -> Iterator[Entry]:
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as tar:
        for member in tar:
            path, link = (os.fsencode(text) for text in (member.name, member.linkname))
            mode = f"{member.mode & 0o7777:04o}"
            yield KINDS[member.type], mode, member.uid, member.gid, member.size, path, link
