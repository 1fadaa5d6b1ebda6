"""A data root as an archive: the images that its engine lists, and their layers where they lie."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.gathering import Gathering, LayerClaim
from analyzer.archive.outer import Outer
from analyzer.archive.source import ArchiveContents, ArchiveError, ArchiveFormat, BlobRef
from analyzer.archive.unreadable import Damaged
from analyzer.oci.digest import chain_ids, digest_of
from analyzer.oci.findings import Severity
from analyzer.oci.jsondoc import DocumentError, as_object, as_text, parse
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.oci.wording import shown
from analyzer.storage.foldertar import folder_tar
from analyzer.storage.layerdb import LayerStore, read_layers
from analyzer.storage.overlaymarks import Marks
from analyzer.storage.rooted import Rooted
from analyzer.storage.tarsplit import tar_split

NOT_ROOT = "The data root of an engine can be read by root alone: run this as root."


@dataclass(frozen=True, slots=True)
class DataRoot:
    """An open data root. Descriptors are held as long as its context lasts."""

    path: Path
    root: Rooted
    store: LayerStore
    limits: Limits

    @property
    def marks(self) -> Marks:
        return Marks(by_name=self.store.driver == "aufs")


@contextmanager
def open_data_root(path: Path, limits: Limits) -> Iterator[DataRoot]:
    """Raises ArchiveError with one sentence for a person, LimitReached, OSError."""
    try:
        with Rooted(path) as root:
            yield DataRoot(path, root, read_layers(root, limits), limits)
    except PermissionError as error:
        raise ArchiveError(NOT_ROOT) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        if error.filename != path and error.filename != str(path):
            raise
        raise ArchiveError(f"There is no folder {shown(str(path))}.") from error


def contents_of(data: DataRoot, name: str) -> ArchiveContents:
    """The images that `docker image ls` would show, if any. Raises ArchiveError where none can be read, LimitReached,
    OSError.
    """
    outer = _Layers(data)
    found = Gathering(name, outer, data.limits)
    for image_id in _listed(data, found):
        _image(data, found, image_id)
    for chain_id in outer.unrecorded:
        detail = f"The engine kept no whole record of the tar of the layer with chainID {chain_id}: it was made anew."
        found.report("tar-not-recorded", Severity.WARNING, detail)
    if not found.images and found.refusals:
        raise found.refusals[0]
    return ArchiveContents(ArchiveFormat.DOCKER_STORAGE, outer.size, found.images, [], found.findings())


class _Layers(Outer):
    """Layers by chainID and configs by their place, as an archive has members by name."""

    def __init__(self, data: DataRoot) -> None:
        super().__init__()
        self._data = data
        self._known: dict[str, BlobRef | None] = {}
        self.size = sum(layer.size for layer in data.store.layers.values())
        self.unrecorded: list[str] = []

    def find(self, name: str) -> BlobRef | None:
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> BlobRef | None:
        root, store, limits = self._data.root, self._data.store, self._data.limits
        layer = store.layers.get(name)
        if layer is None:
            self._why_not[name] = "is not in the engine's layer store"
            return None
        folder, record = store.folder(layer.cache_id), store.record(layer.chain_id)
        try:
            root.stat(folder)
        except (FileNotFoundError, NotADirectoryError):
            self._why_not[name] = f"has no folder {folder.decode()} on the disk"
            return None
        try:
            split = tar_split(root, record, folder, limits)
        except Damaged:
            split = None
        if split is not None:
            return split
        self.unrecorded.append(name)
        return folder_tar(root, folder, self._data.marks, limits)

    def files(self) -> Iterator[tuple[str, BlobRef]]:
        return iter(())

    def top(self) -> set[str]:
        return set()


@dataclass(frozen=True, slots=True)
class _Rooted(BlobRef):
    """A file of the data root."""

    root: Rooted
    name: bytes

    def open(self) -> FileIO:
        return FileIO(self.root.open(self.name))


def _listed(data: DataRoot, found: Gathering) -> list[str]:
    """IDs of images with a name, and of those that no other was built on: steps of a build are not listed."""
    base = data.store.base + b"/imagedb"
    names = root_names(data)
    every = [f"sha256:{name.decode(errors='replace')}" for name in data.root.names(base + b"/content/sha256")]
    parents = set()
    for image_id in every:
        try:
            parents.add(data.root.read(base + b"/metadata/sha256/" + image_id[7:].encode() + b"/parent", 200).decode())
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            continue
    for image_id, references in names.items():
        if image_id not in every:
            absent = ArchiveError(f"The image {shown(', '.join(references))} is named, and its config is not there.")
            found.refuse(shown(references[0]), absent)
    return [image_id for image_id in every if image_id in names or image_id not in parents]


def root_names(data: DataRoot) -> dict[str, list[str]]:
    """Image ID → names with a tag, as `repositories.json` has them. Raises ArchiveError."""
    path = data.store.base + b"/repositories.json"
    named: dict[str, list[str]] = {}
    try:
        raw = data.root.read(path, data.limits.max_json_bytes + 1)
        data.limits.check("max_json_bytes", len(raw), "The size of repositories.json")
        document = as_object(parse(raw, data.limits.max_json_depth), "it")
        for repository in as_object(document.get("Repositories"), "Repositories").values():
            for name, image_id in as_object(repository, "a repository").items():
                if "@" not in name:
                    named.setdefault(as_text(image_id, "an image ID"), []).append(name)
    except FileNotFoundError:
        return {}
    except DocumentError as error:
        raise ArchiveError(f"repositories.json cannot be read: {error}.") from error
    return named


def _image(data: DataRoot, found: Gathering, image_id: str) -> None:
    place = data.store.base + b"/imagedb/content/sha256/" + image_id[7:].encode()
    what = f"The image {image_id[7:19]}"
    try:
        config = _Rooted(data.path / place.decode(), 0, data.root.stat(place).st_size, data.root, place)
        raw = found.documents.raw(config, what)
        if digest_of(raw) != image_id:
            raise ArchiveError(f"{what} is damaged: its config has another digest.")
        diff_ids = found.documents.config(raw, what).diff_ids
        image = found.image(raw, what, [LayerClaim(chain_id) for chain_id in chain_ids(diff_ids)])
    except (DocumentError, LimitReached, ArchiveError) as error:
        found.refuse(what, error)
        return
    for name in root_names(data).get(image_id, []):
        try:
            found.refer([image], parse_reference(name))
        except InvalidReference as error:
            found.invalid_reference(error)
