"""Image archives of every form, built in code.

    app = image([layer({"etc/motd": b"hello"})], tags=["app:1"])
    write(tmp_path / "app.tar", docker_save(app))

Each form is a dictionary of the outer tar's members, so that a test can take a blob away, break a
document or add a member before `write` (or `write_folder`) puts it on the disk.
"""

from pathlib import Path

from tests.dockersaves import docker_save, jib_save, kaniko_save, podman_save, v1_save
from tests.images import Image, Layer, Members, compress, content, descriptor, dumps, image, layer, put
from tests.layouts import attestation, containerd_save, docker25_save, oci_layout
from tests.tars import MTIME, Device, Dir, Entry, Fifo, File, Hardlink, Opaque, Symlink, Whiteout, tar

__all__ = [
    "MTIME",
    "Device",
    "Dir",
    "Entry",
    "Fifo",
    "File",
    "Hardlink",
    "Image",
    "Layer",
    "Members",
    "Opaque",
    "Symlink",
    "Whiteout",
    "attestation",
    "compress",
    "containerd_save",
    "content",
    "descriptor",
    "docker25_save",
    "docker_save",
    "dumps",
    "image",
    "jib_save",
    "kaniko_save",
    "layer",
    "oci_layout",
    "podman_save",
    "put",
    "tar",
    "v1_save",
    "write",
    "write_folder",
]


def write(path: Path, members: Members, *, compression: str = "none") -> Path:
    """Writes the members as a tar, as a whole compressed or not. Returns `path`."""
    path.write_bytes(compress(tar(members), compression))
    return path


def write_folder(path: Path, members: Members) -> Path:
    """Writes the members as files, folders and symbolic links under `path`. Returns `path`."""
    path.mkdir(parents=True, exist_ok=True)
    for name, entry in members.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        match entry:
            case bytes():
                target.write_bytes(entry)
            case File(data=data):
                target.write_bytes(data)
            case Symlink(target=link):
                target.symlink_to(link.decode() if isinstance(link, bytes) else link)
            case Dir():
                target.mkdir(exist_ok=True)
            case _:
                raise TypeError(f"no {type(entry).__name__} in a folder")
    return path
