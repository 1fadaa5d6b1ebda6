"""Layers as tar bytes, and images as the documents of `docker save`."""

import hashlib
import io
import json
import random
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class File:
    """`size` bytes that depend on `seed` alone: the same seed and size is the same content."""

    size: int
    seed: str
    mode: int = 0o644
    owner: int = 0

    def content(self) -> bytes:
        return random.Random(self.seed).randbytes(self.size)  # noqa: S311  (filler, not a secret)


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    mode: int = 0o644
    owner: int = 0

    def content(self) -> bytes:
        return self.text.encode()


@dataclass(frozen=True, slots=True)
class Link:
    target: str


@dataclass(frozen=True, slots=True)
class HardLink:
    target: str


@dataclass(frozen=True, slots=True)
class Folder:
    mode: int = 0o755
    owner: int = 0


Node = File | Text | Link | HardLink | Folder


@dataclass(frozen=True, slots=True)
class Step:
    """One history step; `tree` is what its layer holds, None where it makes no layer."""

    created_by: str
    tree: Mapping[str, Node] | None = None
    minutes: int = 0  # after START: also the time of its files


def layer_tar(step: Step) -> bytes:
    """The step's layer as a plain tar. Names starting with `.wh.` are whiteouts, as in any layer."""
    out = io.BytesIO()
    mtime = int((START + timedelta(minutes=step.minutes)).timestamp())
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, node in sorted((step.tree or {}).items()):
            member = tarfile.TarInfo(name)
            member.mtime = mtime
            content = b""
            if isinstance(node, Link | HardLink):
                member.type = tarfile.SYMTYPE if isinstance(node, Link) else tarfile.LNKTYPE
                member.linkname = node.target
                member.mode = 0o777
            else:
                member.mode, member.uid, member.gid = node.mode, node.owner, node.owner
                if isinstance(node, Folder):
                    member.type = tarfile.DIRTYPE
                else:
                    content = node.content()
                    member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def save(path: Path, images: Mapping[str, Sequence[Step]], command: str) -> None:
    """Writes the images, by reference, into one archive as `docker save` lays it out."""
    manifest = []
    written: set[str] = set()
    with tarfile.open(path, mode="w") as archive:

        def add(name: str, data: bytes) -> None:
            if name not in written:
                written.add(name)
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))

        for reference, steps in images.items():
            layers = [layer_tar(step) for step in steps if step.tree is not None]
            digests = [hashlib.sha256(layer).hexdigest() for layer in layers]
            config = json.dumps(_config(steps, digests, command)).encode()
            image_id = hashlib.sha256(config).hexdigest()
            add(f"{image_id}.json", config)
            for digest, layer in zip(digests, layers, strict=True):
                add(f"{digest}/layer.tar", layer)
            manifest.append(
                {
                    "Config": f"{image_id}.json",
                    "RepoTags": [reference],
                    "Layers": [f"{digest}/layer.tar" for digest in digests],
                }
            )
        add("manifest.json", json.dumps(manifest).encode())


def _config(steps: Sequence[Step], digests: Sequence[str], command: str) -> dict[str, object]:
    history = []
    for step in steps:
        entry: dict[str, object] = {
            "created": (START + timedelta(minutes=step.minutes)).isoformat().replace("+00:00", "Z"),
            "created_by": step.created_by,
        }
        if step.tree is None:
            entry["empty_layer"] = True
        history.append(entry)
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": history[-1]["created"],
        "config": {
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Cmd": ["/bin/sh", "-c", command],
            "WorkingDir": "/srv",
        },
        "history": history,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
    }
