"""Archives of one layer, from the bytes that carry it."""

from analyzer.oci.digest import digest_of
from tests.archives import Layer, docker_save, dumps, image, tar


def one_layer(tarred: bytes, name: str) -> bytes:
    """An archive whose one layer is the tar as it stands."""
    return tar(docker_save(image([Layer(tarred, "none")], tags=[f"{name}:1"])))


def blob_archive(*blobs: bytes, name: str, diff_ids: tuple[str, ...] = ()) -> bytes:
    """An archive whose layers are carried as `blobs`, whatever they unfold to and whatever is said of them."""
    known = diff_ids or [digest_of(b"unknown")] * len(blobs)
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": known}}
    members = {f"blob-{number}": blob for number, blob in enumerate(blobs)}
    manifest = [{"Config": "config.json", "RepoTags": [f"{name}:1"], "Layers": list(members)}]
    return tar({"config.json": dumps(config), **members, "manifest.json": dumps(manifest)})
