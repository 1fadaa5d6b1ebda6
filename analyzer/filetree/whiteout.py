"""All knowledge of whiteout names (OCI image-spec, layer.md "Whiteouts"), and of aufs' names beside them."""

from analyzer.filetree.entry import Kind

PREFIX = b".wh."
OPAQUE_NAME = b".wh..wh..opq"
_RESERVED = b".wh..wh."


def kind_of(path: bytes) -> Kind | None:
    """WHITEOUT, OPAQUE or AUFS for a normalised path that is one by its name, None for an ordinary one.

    The name alone decides, whatever type the member has. Every `.wh..wh.*` but the opaque marker is aufs
    bookkeeping, and so is all that lies below such a name. What lies below a whiteout or below an opaque
    marker is ordinary: engines make a folder of that name for it.
    """
    if PREFIX not in path:
        return None
    folder, _, name = path.rpartition(b"/")
    if _RESERVED in folder and any(map(_is_aufs, folder.split(b"/"))):
        return Kind.AUFS
    if not name.startswith(PREFIX):
        return None
    if name == OPAQUE_NAME:
        return Kind.OPAQUE
    return Kind.AUFS if name.startswith(_RESERVED) else Kind.WHITEOUT


def is_bare(path: bytes) -> bool:
    """Whether the whiteout names nothing that can exist (`.wh.`; also of `.` and `..`): it hides nothing."""
    return path.rpartition(b"/")[2] in (b".wh.", b".wh..", b".wh...")


def target(path: bytes) -> bytes:
    """What a whiteout hides, or the folder that an opaque marker empties (b"" is the root).

    Raises ValueError for a path that is neither, and for a bare whiteout.
    """
    kind = kind_of(path)
    if kind not in (Kind.WHITEOUT, Kind.OPAQUE) or is_bare(path):
        raise ValueError(f"hides nothing: {path!r}")
    folder, slash, name = path.rpartition(b"/")
    return folder if kind is Kind.OPAQUE else folder + slash + name[len(PREFIX) :]


def _is_aufs(name: bytes) -> bool:
    return name.startswith(_RESERVED) and name != OPAQUE_NAME
