"""What an engine's data root says of its layers and containers (`image/<driver>/layerdb`, moby's layer store)."""

import re
from dataclasses import dataclass, field

from analyzer.archive.budget import Limits
from analyzer.archive.source import ArchiveError
from analyzer.oci.wording import shown
from analyzer.storage.rooted import Rooted

DRIVERS = ("overlay2", "aufs")
"""Storage drivers that keep what each layer changes in a folder of its own."""

_SMALL = 1 << 16  # bytes: the files of the layer store hold one digest, id or number
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HEX = re.compile(r"[0-9a-f]{64}")
_CACHE_ID = re.compile(r"[0-9a-zA-Z_.-]{1,128}")


@dataclass(frozen=True, slots=True)
class DiskLayer:
    """A layer as the engine keeps it: once for each chain."""

    chain_id: str
    diff_id: str
    parent: str | None  # chainID below it
    cache_id: str  # names its folder
    size: int  # bytes, as the engine counts them: of its files


@dataclass(frozen=True, slots=True)
class Mount:
    """A container's writable layer."""

    container: str
    mount_id: str  # names its folder
    init_id: str  # names the folder between it and the image, with what the engine makes for each container
    parent: str | None  # chainID of its image


@dataclass(slots=True)
class LayerStore:
    driver: str
    layers: dict[str, DiskLayer] = field(default_factory=dict)  # by chainID
    mounts: list[Mount] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # names of layers and containers that say too little

    @property
    def base(self) -> bytes:
        return f"image/{self.driver}".encode()

    def record(self, chain_id: str) -> bytes:
        """The folder of the layer store about a layer."""
        return self.base + f"/layerdb/sha256/{chain_id[7:]}".encode()

    def folder(self, cache_id: str) -> bytes:
        """The folder with what a layer changes; of a mount with what its container changed."""
        return (f"aufs/diff/{cache_id}" if self.driver == "aufs" else f"{self.driver}/{cache_id}/diff").encode()

    def whole_folder(self, cache_id: str) -> bytes:
        """The folder with all that the driver keeps of it."""
        return (f"aufs/diff/{cache_id}" if self.driver == "aufs" else f"{self.driver}/{cache_id}").encode()

    def chain(self, chain_id: str | None) -> list[DiskLayer]:
        """The layer and those below it, bottom first, as far down as they are there."""
        found: list[DiskLayer] = []
        while chain_id in self.layers and len(found) < len(self.layers):
            found.append(self.layers[chain_id])
            chain_id = found[-1].parent
        return found[::-1]

    def folders(self, root: Rooted) -> list[str]:
        """Names of all folders that the driver has, whoever they belong to."""
        names = root.names(b"aufs/diff" if self.driver == "aufs" else self.driver.encode())
        return [name.decode(errors="replace") for name in names if name != b"l"]  # `l`: overlay2's short names


def read_layers(root: Rooted, limits: Limits) -> LayerStore:
    """Raises ArchiveError where there is no data root that can be read, OSError, LimitReached."""
    store = LayerStore(_driver(root))
    names = root.names(store.base + b"/layerdb/sha256")
    limits.check("max_archive_layers", len(names), "The number of layers of the data root")
    for name in names:
        layer = _layer(root, store, name.decode(errors="replace"))
        if layer is None:
            store.broken.append(f"layer {shown(name.decode(errors='replace'))}")
        else:
            store.layers[layer.chain_id] = layer
    for name in root.names(store.base + b"/layerdb/mounts"):
        mount = _mount(root, store, name.decode(errors="replace"))
        if mount is None:
            store.broken.append(f"container {shown(name.decode(errors='replace'))}")
        else:
            store.mounts.append(mount)
    return store


def _driver(root: Rooted) -> str:
    found = [name.decode(errors="replace") for name in root.names(b"image")]
    for driver in DRIVERS:
        if driver in found and root.names(f"image/{driver}/imagedb".encode()):
            return driver
    if found:
        raise ArchiveError(
            f"The storage driver {shown(found[0])} keeps no folder for each layer: overlay2 and aufs can be read."
        )
    raise ArchiveError("This is no data root of a Docker Engine: it has no folder image/overlay2 or image/aufs.")


def _layer(root: Rooted, store: LayerStore, name: str) -> DiskLayer | None:
    if not _HEX.fullmatch(name):
        return None
    chain_id = f"sha256:{name}"
    diff_id, cache_id, size, parent = (_text(root, store.record(chain_id), file) for file in _LAYER_FILES)
    if not _DIGEST.fullmatch(diff_id) or not _CACHE_ID.fullmatch(cache_id) or not size.isdecimal():
        return None
    return DiskLayer(chain_id, diff_id, parent if _DIGEST.fullmatch(parent) else None, cache_id, int(size))


_LAYER_FILES = ("diff", "cache-id", "size", "parent")


def _mount(root: Rooted, store: LayerStore, name: str) -> Mount | None:
    record = store.base + b"/layerdb/mounts/" + name.encode(errors="replace")
    mount_id, init_id, parent = (_text(root, record, file) for file in ("mount-id", "init-id", "parent"))
    if not _HEX.fullmatch(name) or not _CACHE_ID.fullmatch(mount_id):
        return None
    return Mount(name, mount_id, init_id, parent if _DIGEST.fullmatch(parent) else None)


def _text(root: Rooted, folder: bytes, name: str) -> str:
    """Empty where there is no such file."""
    try:
        return root.read(folder + b"/" + name.encode(), _SMALL).decode(errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
