"""Whether a layer on top hides a path, told from its listing alone: for names that share their bytes with others,
which die one by one though their bytes live on."""

from analyzer.filetree import postings
from analyzer.filetree.entry import Kind
from analyzer.filetree.listing import Listing
from analyzer.filetree.whiteout import OPAQUE_NAME, PREFIX


def hides(listing: Listing, path: bytes) -> bool:
    """Whether applying the layer takes an entry of a lower layer, no folder, out of the view at `path`."""
    there = listing.ordinal(path)
    if there is not None and listing.kinds[there] < Kind.WHITEOUT and there not in listing.conflicts.idle:
        return True
    folder = b""
    for part in path.split(b"/"):
        hiders = ((_in(folder, PREFIX + part), Kind.WHITEOUT), (_in(folder, OPAQUE_NAME), Kind.OPAQUE))
        if any(_is(listing, hider, kind) for hider, kind in hiders):
            return True
        folder = _in(folder, part)
        above = listing.ordinal(folder) if folder != path else None
        if above is not None and listing.kinds[above] != Kind.DIR and listing.kinds[above] < Kind.WHITEOUT:
            return True
    return False


def may_hide(names: bytes, path: bytes) -> bool:
    """Whether that can be, by the layer's posting of names: false is certain."""
    *folders, name = path.split(b"/")
    tokens = [postings.token(name), postings.folder_token(name), postings.token(OPAQUE_NAME)]
    tokens += map(postings.token, folders)
    tokens += (postings.token(PREFIX + part) for part in (*folders, name))
    return postings.has_any(names, tokens)


def _is(listing: Listing, path: bytes, kind: Kind) -> bool:
    """Whether there is an entry of that kind: what lies below a whiteout makes a folder of its name."""
    row = listing.ordinal(path)
    return row is not None and listing.kinds[row] == kind


def _in(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
