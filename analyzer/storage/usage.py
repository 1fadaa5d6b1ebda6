"""Which layer of a data root takes which disk, and what belongs to whom: the engine's figures beside the disk's own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.archive.source import ImageSource
from analyzer.filetree.dockerdiff import Change
from analyzer.oci.digest import chain_ids
from analyzer.oci.jsondoc import DocumentError, as_object, parse
from analyzer.storage.changes import changes_of
from analyzer.storage.contents import DataRoot
from analyzer.storage.disk import Disk, Inodes, disk_of
from analyzer.storage.layerdb import DiskLayer, Mount

_NOT_ITS_OWN = frozenset({b"merged", b"work"})
"""In a folder of overlay2: where a running container sees all its layers at once, and what the kernel needs."""


@dataclass(frozen=True, slots=True)
class LayerUsage:
    layer: DiskLayer
    disk: Disk
    images: tuple[str, ...]  # IDs of listed images that have it in their chain
    containers: int  # that stand on it


@dataclass(frozen=True, slots=True)
class ImageUsage:
    """As `docker system df -v` counts: bytes of files, each chain once."""

    image_id: str
    references: tuple[str, ...]
    size: int
    shared: int  # of chains that another listed image has too
    containers: int

    @property
    def unique(self) -> int:
        return self.size - self.shared


@dataclass(frozen=True, slots=True)
class ContainerUsage:
    container: str
    name: str
    image_id: str
    disk: Disk  # of its writable layer; `apparent` is the engine's SIZE
    init: Disk  # of the folder below it, that the engine makes for each container
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class OrphanUsage:
    """A folder of the driver that the layer store does not know: of a build cache, or left behind."""

    folder: str
    disk: Disk


@dataclass(slots=True)
class Usage:
    driver: str
    layers: list[LayerUsage]
    images: list[ImageUsage]
    containers: list[ContainerUsage]
    orphans: list[OrphanUsage]
    broken: list[str]

    @property
    def engine_size(self) -> int:
        """Bytes of all layers as the engine counts them (`LayersSize` of its API)."""
        return sum(usage.layer.size for usage in self.layers)

    @property
    def disk(self) -> Disk:
        every = [usage.disk for usage in self.layers] + [usage.disk for usage in self.orphans]
        return sum((every + [disk for one in self.containers for disk in (one.disk, one.init)]), Disk())


def usage_of(data: DataRoot, images: Sequence[ImageSource]) -> Usage:
    """Walks every folder of the driver once. `images`: those of the data root. Raises LimitReached, OSError."""
    store = data.store
    seen: Inodes = set()
    chains = {image.image_id: _chain(image) for image in images}
    holders: dict[str, list[str]] = {}
    for image_id, chain in chains.items():
        for chain_id in chain:
            holders.setdefault(chain_id, []).append(image_id)
    standing = Counter(layer.chain_id for mount in store.mounts for layer in store.chain(mount.parent))
    layers = [
        LayerUsage(layer, _disk(data, layer.cache_id, seen), tuple(holders.get(chain_id, ())), standing[chain_id])
        for chain_id, layer in store.layers.items()
    ]
    containers = [_container(data, mount, seen) for mount in store.mounts]
    known = {layer.cache_id for layer in store.layers.values()}
    known |= {name for mount in store.mounts for name in (mount.mount_id, mount.init_id)}
    orphans = [OrphanUsage(name, _disk(data, name, seen)) for name in store.folders(data.root) if name not in known]
    of_image = Counter(container.image_id for container in containers)
    return Usage(
        store.driver,
        layers,
        [_image(data, image, chains[image.image_id], holders, of_image[image.image_id]) for image in images],
        containers,
        orphans,
        store.broken,
    )


def _chain(image: ImageSource) -> list[str]:
    return chain_ids(layer.diff_id for layer in image.layers if layer.diff_id)


def _disk(data: DataRoot, cache_id: str, seen: Inodes) -> Disk:
    return disk_of(data.root, data.store.whole_folder(cache_id), seen, _NOT_ITS_OWN)


def _image(
    data: DataRoot, image: ImageSource, chain: Sequence[str], holders: dict[str, list[str]], containers: int
) -> ImageUsage:
    sizes = {chain_id: layer.size for chain_id, layer in data.store.layers.items()}
    size = sum(sizes.get(chain_id, 0) for chain_id in chain)
    shared = sum(sizes.get(chain_id, 0) for chain_id in chain if len(holders[chain_id]) > 1)
    return ImageUsage(image.image_id, tuple(image.references), size, shared, containers)


def _container(data: DataRoot, mount: Mount, seen: Inodes) -> ContainerUsage:
    store = data.store
    upper = store.folder(mount.mount_id)
    lowers = [store.folder(mount.init_id)] if mount.init_id else []
    lowers += [store.folder(layer.cache_id) for layer in reversed(store.chain(mount.parent))]
    name, image_id = _described(data, mount.container)
    return ContainerUsage(
        mount.container,
        name,
        image_id,
        disk_of(data.root, upper, seen),
        _disk(data, mount.init_id, seen) if mount.init_id else Disk(),
        changes_of(data.root, upper, lowers, data.marks, data.limits),
    )


def _described(data: DataRoot, container: str) -> tuple[str, str]:
    """Name and image ID of a container; all else that its description says, such as its environment, is left alone."""
    try:
        raw = data.root.read(f"containers/{container}/config.v2.json".encode(), data.limits.max_json_bytes)
        document = as_object(parse(raw, data.limits.max_json_depth), "it")
    except (OSError, DocumentError):
        return "", ""
    return str(document.get("Name") or "").lstrip("/"), str(document.get("Image") or "")
