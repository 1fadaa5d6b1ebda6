"""A recipe of a layer, and the layer as reading its tar would have left it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import NamedTuple

from analyzer.archive.budget import Limits
from analyzer.filetree.entry import Kind, Members
from analyzer.filetree.listing import Listing
from analyzer.oci.digest import digest_of
from analyzer.services.layers import NewLayer
from tests.scale.packages import SECOND, Part, Universe


class Extra(NamedTuple):
    """One more entry: a log, a cache, a file of accounts, a whiteout or a marker."""

    path: str
    key: str = ""  # what tells its content
    size: int = 0
    kind: int = int(Kind.FILE)


@dataclass(frozen=True)
class Recipe:
    """Equal recipes make the same tar, and so the same diffID."""

    parts: tuple[Part, ...] = ()
    extras: tuple[Extra, ...] = ()
    moment: int = 0  # seconds since 1970: when what has no time of its own was written
    owner: int = 0
    mode: int | None = None  # of all files, where a step changed it
    compiled: bool = False  # *.pyc hold the time of their source, and so of the installation

    @cached_property
    def diff_id(self) -> str:
        return digest_of(repr(self).encode())

    def blob(self, tar_size: int) -> tuple[str, int]:
        """Digest and size of the gzip form."""
        ratio = min(0.95, Random(self.diff_id).lognormvariate(-1.05, 0.25))
        return digest_of(f"gzip {self.diff_id}".encode()), 120 + int(tar_size * ratio)


def build(recipe: Recipe, universe: Universe) -> NewLayer:
    """The layer, ready to be stored."""
    members = _members(recipe, universe)
    tar_size = _lay_out(members)
    listing, findings = Listing.build(members, Limits())
    return NewLayer(recipe.diff_id, tar_size, members.count, listing, findings)


def _members(recipe: Recipe, universe: Universe) -> Members:
    members = Members()
    for part in recipe.parts:
        files = universe.files(part)
        members.paths += files.paths
        members.kinds += files.kinds
        members.modes += files.modes if recipe.mode is None else [recipe.mode] * len(files.paths)
        members.sizes += files.sizes
        members.links += files.links
        members.sha256s += files.sha256s
        mtime = recipe.moment * SECOND if files.mtime is None else files.mtime
        members.mtimes += [mtime] * len(files.paths)
    if recipe.compiled:
        _compile(members, recipe.moment)
    _no_path_twice(members)
    folders = _folders([*members.paths, *(extra.path.encode() for extra in recipe.extras)])
    for extra in recipe.extras:
        is_file = extra.kind == Kind.FILE
        sha256 = hashlib.sha256(f"{extra.key}/{extra.size}".encode()).digest() if is_file else None
        _add(members, extra.path.encode(), extra.kind, 0o644, extra.size, recipe.moment, sha256)
    for folder in folders:
        _add(members, folder, int(Kind.DIR), 0o755, 0, recipe.moment, None)
    count = members.count = len(members.paths)
    members.uids = members.gids = [recipe.owner] * count
    members.xattrs = [None] * count
    return members


def _add(members: Members, path: bytes, kind: int, mode: int, size: int, moment: int, sha256: bytes | None) -> None:
    members.paths.append(path)
    members.kinds.append(kind)
    members.modes.append(mode)
    members.sizes.append(size)
    members.mtimes.append(moment * SECOND)
    members.links.append(None)
    members.sha256s.append(sha256)


def _compile(members: Members, moment: int) -> None:
    salt = moment.to_bytes(8, "big")
    for row, path in enumerate(members.paths):
        sha256 = members.sha256s[row]
        if sha256 and path.endswith(b".pyc"):
            members.sha256s[row] = hashlib.sha256(salt + sha256).digest()


def _no_path_twice(members: Members) -> None:
    """Two packages of one layer that bring the same path: the later one's stays, as an installer would have it."""
    if len(set(members.paths)) == len(members.paths):
        return
    kept = sorted(dict(zip(members.paths, range(len(members.paths)), strict=True)).values())
    for name in ("paths", "kinds", "modes", "sizes", "links", "sha256s", "mtimes"):
        column = getattr(members, name)
        setattr(members, name, [column[row] for row in kept])


def _folders(paths: Sequence[bytes]) -> list[bytes]:
    """All folders above these paths; none of them is one of the paths."""
    folders: set[bytes] = set()
    for folder in {path.rpartition(b"/")[0] for path in paths}:
        name = folder
        while name and name not in folders:
            folders.add(name)
            name = name.rpartition(b"/")[0]
    return sorted(folders - set(paths))


def _lay_out(members: Members) -> int:
    """Gives each member the place of its bytes in the tar; returns the tar's length."""
    at = 0
    for size, kind in zip(members.sizes, members.kinds, strict=True):
        at += 512
        members.offsets.append(at)
        if kind == Kind.FILE:
            at += -(-size // 512) * 512
    return -(-(at + 1024) // 10_240) * 10_240
