"""Near misses in sentences: what a family is, why its layers are not one, and what would make them one."""

from collections.abc import Mapping, Sequence

from analyzer.selectors.near_misses import Family
from analyzer.units import binary_text, grouped, share
from analyzer.web.overview_words import counted

PATHS = {
    "owner": "owner",
    "mode": "mode",
    "mtime": "time",
    "links": "link target",
    "xattrs": "extended attributes",
}
SIDES = {
    "files": ("file", "files"),
    "moved": ("moved file", "moved files"),
    "entries": ("other entry", "other entries"),
}
WHOLE = {"order": "order of the members", "framing": "framing of the tar"}
REMEDIES = {
    "files": "leave out of the layer what no two builds write the same",
    "moved": "copy the same files to the same place",
    "entries": "make the same folders and links in each build",
    "owner": "set the owner where files are copied (COPY --chown), not with chown in a step of its own",
    "mode": "set the mode where files are copied (COPY --chmod), not with chmod in a step of its own",
    "mtime": "fix the times (SOURCE_DATE_EPOCH, and rewrite-timestamp=true of BuildKit)",
    "links": "let links point to the same place in each build",
    "xattrs": "set the same extended attributes in each build",
    "order": "build with the same builder, so that files are written in the same order",
    "framing": "build with the same builder and version, so that the same files make the same tar",
}
# What people do about the rest follows from these, so they are told alone where they hold.
FIRST = ("owner", "mode", "files", "moved", "mtime")
MOST_NAMES = 3
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def heading(families: Sequence[Family], waiting: int = 0) -> str:
    """`waiting` layers are not compared yet: none that is nearly another one is no answer then."""
    if not families:
        return "Looking for layers that are nearly the same" if waiting else "No two layers are nearly the same"
    lost = binary_text(sum(family.lost for family in families))
    layers = sum(len(family.layers) for family in families)
    named = "One family" if len(families) == 1 else f"{grouped(len(families))} families"
    return f"{named} of {grouped(layers)} near-miss layers {'costs' if len(families) == 1 else 'cost'} {lost}"


def names_of(names: Sequence[str]) -> str:
    """`python:3 and python:rebuilt`: each once."""
    return listing(list(dict.fromkeys(names)), MOST_NAMES)


def family_title(names: Sequence[str], family: Family) -> str:
    """`fatapp: 3 layers, 160.0 MiB stored again`; `names` are of the images of its layers."""
    return f"{names_of(names)}: {counted(len(family.layers), 'layer')}, {binary_text(family.lost)} stored again"


def listing(names: Sequence[str], most: int) -> str:
    """`a, b and c`; of more than `most` names the first ones and how many are left."""
    shown = list(names[:most])
    left = len(names) - len(shown)
    if left:
        return f"{', '.join(shown)} and {grouped(left)} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def remedy(family: Family, images: int, paths: Sequence[str] = ()) -> str:
    """What would make its layers one, in a sentence; `images` have them, `paths` are files that keep them apart."""
    told = [reason for reason in family.reasons if reason in FIRST] or list(family.reasons)
    parts = [REMEDIES[reason] for reason in told]
    if "files" in told and paths:
        parts[told.index("files")] += f", such as {listing(list(paths), 2)}"
    text = "; ".join(parts)
    once = ". Or build it once, and let all of these images stand on that layer" if images > 1 else ""
    return f"{text[:1].upper()}{text[1:]}{once}."


def differs_in(differs: Mapping[str, int]) -> str:
    """`6 files, time of 2,169 paths`; what is the only difference is said to be it: `owner only, of 2 paths`."""
    alone = len(differs) == 1
    parts = []
    for reason, count in differs.items():
        if reason in SIDES:
            parts.append(f"{grouped(count)} {SIDES[reason][count != 1]}{' only' if alone else ''}")
        elif reason in PATHS:
            paths = counted(count, "path")
            parts.append(f"{PATHS[reason]} only, of {paths}" if alone else f"{PATHS[reason]} of {paths}")
        else:
            parts.append(f"{WHOLE[reason]}{' only' if alone else ''}")
    return ", ".join(parts)


def aside_note(common: int, larger: int, rest: int, paths: Sequence[str], weight: int) -> str:
    """The finding of a pair that is near only with some files aside."""
    files = "One file" if len(paths) == 1 else f"{NUMBERS[len(paths)]} files"
    verb = "weighs" if len(paths) == 1 else "weigh"
    return (
        f"They have {share(common, larger)} in common. {files} {verb} {binary_text(weight)}: without "
        f"{'it' if len(paths) == 1 else 'them'} they would have {share(common, rest)} in common."
    )
