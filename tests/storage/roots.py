"""Data roots made in code, as an engine with aufs leaves them: whiteouts by name, headers in tar-split's records."""

import base64
import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path

from analyzer.oci.digest import chain_ids, digest_of

Member = tuple[str, bytes | None]
"""Path and bytes of a file; a folder has none. A name with `.wh.` is a whiteout."""


def tar_of(members: Sequence[Member]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for path, content in members:
            info = tarfile.TarInfo(path)
            info.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            info.mode, info.size = 0o755, len(content or b"")
            tar.addfile(info, io.BytesIO(content or b""))
    return data.getvalue()


def record_of(tar: bytes) -> bytes:
    """What tar-split keeps of a tar: everything but the bytes of its files."""
    entries: list[dict[str, object]] = []
    at = 0
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        for member in opened:
            entries.append({"type": 2, "payload": base64.b64encode(tar[at : member.offset_data]).decode()})
            entries.append({"type": 1, "name": member.name, "size": member.size, "payload": "AAAAAAAAAAA="})
            at = member.offset_data + member.size
    entries.append({"type": 2, "payload": base64.b64encode(tar[at:]).decode()})
    lines = (json.dumps(entry | {"position": position}) for position, entry in enumerate(entries))
    return gzip.compress("\n".join(lines).encode())


class AufsRoot:
    """`diff/` has each layer's folder, `layers/` the names of those below it, `mnt/` where containers see all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.base = path / "image" / "aufs"
        for folder in ("imagedb/content/sha256", "imagedb/metadata/sha256", "layerdb/sha256", "layerdb/mounts"):
            (self.base / folder).mkdir(parents=True)
        for folder in ("diff", "layers", "mnt"):
            (path / "aufs" / folder).mkdir(parents=True)
        self._names: dict[str, str] = {}

    def add(self, name: str, layers: Sequence[Sequence[Member]]) -> str:
        """An image; returns its ID."""
        tars = [tar_of(members) for members in layers]
        diff_ids = [digest_of(tar) for tar in tars]
        chains = chain_ids(diff_ids)
        for index, (members, tar, chain_id) in enumerate(zip(layers, tars, chains, strict=True)):
            self._layer(chain_id, diff_ids[index], chains[index - 1] if index else "", members, tar)
        history = [{"created_by": f"step {index}"} for index in range(len(layers))]
        config = {"os": "linux", "architecture": "amd64", "history": history}
        raw = json.dumps({**config, "rootfs": {"type": "layers", "diff_ids": diff_ids}}).encode()
        image_id = digest_of(raw)
        (self.base / "imagedb/content/sha256" / image_id[7:]).write_bytes(raw)
        self._names[name] = image_id
        (self.base / "repositories.json").write_text(json.dumps({"Repositories": {"made": self._names}}))
        return image_id

    def folder(self, chain_id: str) -> Path:
        return self.path / "aufs" / "diff" / (self.base / "layerdb/sha256" / chain_id[7:] / "cache-id").read_text()

    def container(self, image_id: str, members: Sequence[Member]) -> str:
        """A container's writable layer; returns its ID."""
        raw = (self.base / "imagedb/content/sha256" / image_id[7:]).read_bytes()
        top = chain_ids(json.loads(raw)["rootfs"]["diff_ids"])[-1]
        container = hashlib.sha256(image_id.encode()).hexdigest()
        record = self.base / "layerdb/mounts" / container
        record.mkdir()
        (record / "mount-id").write_text("mount")
        (record / "init-id").write_text("mount-init")
        (record / "parent").write_text(top)
        (self.path / "aufs/diff/mount-init").mkdir()
        self._fill(self.path / "aufs/diff/mount", members)
        (self.path / "containers" / container).mkdir(parents=True)
        described = {"ID": container, "Name": "/made", "Image": image_id, "Config": {"Env": ["SECRET=1"]}}
        (self.path / "containers" / container / "config.v2.json").write_text(json.dumps(described))
        return container

    def _layer(self, chain_id: str, diff_id: str, parent: str, members: Sequence[Member], tar: bytes) -> None:
        record = self.base / "layerdb/sha256" / chain_id[7:]
        if record.exists():
            return
        record.mkdir()
        cache_id = f"cache-{chain_id[7:19]}"
        (record / "diff").write_text(diff_id)
        (record / "cache-id").write_text(cache_id)
        (record / "size").write_text(str(sum(len(content or b"") for _, content in members)))
        if parent:
            (record / "parent").write_text(parent)
        (record / "tar-split.json.gz").write_bytes(record_of(tar))
        (self.path / "aufs/layers" / cache_id).write_text(f"cache-{parent[7:19]}\n" if parent else "")
        self._fill(self.path / "aufs/diff" / cache_id, members)

    def _fill(self, folder: Path, members: Sequence[Member]) -> None:
        folder.mkdir()
        for path, content in members:
            if content is None:
                (folder / path).mkdir(parents=True, exist_ok=True)
                os.utime(folder / path, (0, 0))
            else:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
