"""What Find says of what it found, and what it offers while nothing is asked for."""

from collections.abc import Sequence

from analyzer.selectors.finding.found import Found, Progress
from analyzer.units import grouped
from analyzer.web.find_rows import Row
from analyzer.web.overview_words import counted

EXAMPLES = (
    ("**/liblzma.so.5*", "a glob: `*` stays within a folder, `**` does not; without a slash it is about the name"),
    ("usr/bin/openssl", "a path, whole, with or without the slash at its beginning"),
    ("openssl.cnf", "a name, wherever it lies"),
    ("contains:site-packages/django", "a part of a path, whatever its case"),
)
FIELDS = (
    ("sha256:…", "a content, a layer (diffID or chainID), a blob, an image or a manifest; seven digits are enough"),
    ("node:argon", "a reference with its tag"),
    ("package:openssl", "an installed package; `package:python3*`, `package:openssl=3.0`"),
    ("label:maintainer", "images with a label, or `label:key=value`"),
    ("env:NODE_VERSION", "images with a variable, or `env:NAME=value`"),
    ("entrypoint:nginx", "images with a word in their entrypoint or command"),
)
HOWS = {
    "folded": "Nothing is called exactly so: this is what matches whatever the case.",
    "contains": "Nothing is called exactly so: these paths contain it.",
}


def title(found: Found, rows: Sequence[Row]) -> str:
    """`3 contents of 2 paths in 14 images`"""
    if not rows:
        return "Nothing found in the time there was" if found.truncated else "Nothing found"
    images = len({pk for row in rows for pk in row.images})
    more = "more than " if found.truncated else ""
    where = f"in {more}{counted(images, 'image')}"
    if found.how == "digest" and len(rows) == 1 and rows[0].kind == "layer":
        return f"A layer, {where}"
    if all(row.kind == "image" for row in rows):
        return f"{more}{counted(len(rows), 'image')}".capitalize()
    if found.how == "package":
        versions = len({row.package for row in rows if row.package})
        names = len({row.package[1] for row in rows if row.package})
        return f"{counted(versions, 'version')} of {counted(names, 'package')} {where}"
    contents = sum(1 for row in rows if row.sha256)
    paths = len({path for row in rows for path in row.paths})
    if contents and paths:
        return f"{counted(contents, 'content')} under {counted(paths, 'path')} {where}"
    return f"{counted(len(rows), 'match').replace('matchs', 'matches')} {where}"


def note(found: Found) -> str:
    return HOWS.get(found.how, "") if found.matches and found.query.kind != "contains" else ""


def chart_title(rows: Sequence[Row]) -> str:
    """`Of 3 contents libz.so.1 is in most images: 12 of 14`"""
    most = rows[0]
    images = len({pk for row in rows for pk in row.images})
    return f"{most.label} {most.sha256[:12]} is in {grouped(most.count)} of {counted(images, 'image')}"


def progress(of: Progress) -> str:
    if not of.waiting:
        return ""
    are = "is" if of.waiting == 1 else "are"
    return f"{grouped(of.waiting)} of {counted(of.layers, 'layer')} {are} being indexed; until then Find is slower."
