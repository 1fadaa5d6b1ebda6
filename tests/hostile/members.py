"""Archives whose own members lead out of them, or are no files."""

from tests.archives import Device, Dir, Entry, Members, Symlink, dumps
from tests.hostile.ordinary import Make, outer


def _layers_are(entry: Entry) -> Make:
    return outer(
        lambda members: {name: entry if name.endswith("layer.tar") else each for name, each in members.items()}
    )


def _manifest(entry: bytes | Entry) -> Make:
    return outer(lambda members: members | {"manifest.json": entry})


def _moved_out(members: Members) -> Members:
    return {f"../../{name}": entry for name, entry in members.items()} | {"/etc/cron.d/x": b"x"}


MEMBERS: dict[str, Make] = {
    "layers-that-link-to-the-servers-files": _layers_are(Symlink(target="../../../../../../../etc/passwd")),
    "layers-that-link-to-themselves": _layers_are(Symlink(target="layer.tar")),
    "layers-that-are-devices": _layers_are(Device()),
    "layers-that-are-folders": _layers_are(Dir()),
    "documents-outside-the-archive": _manifest(
        dumps([{"Config": "../../../etc/passwd", "Layers": ["/dev/zero", "/proc/self/environ"]}])
    ),
    "members-outside-the-archive": outer(_moved_out),
    "manifest-json-that-links-to-itself": _manifest(Symlink(target="manifest.json")),
}
