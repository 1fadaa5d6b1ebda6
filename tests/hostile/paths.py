"""Layers whose names lead out, links in loops, entries in each other's way, and attributes out of range."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from tests.archives import (
    Device,
    Dir,
    Entry,
    Fifo,
    File,
    Hardlink,
    Opaque,
    Symlink,
    Whiteout,
    docker_save,
    image,
    layer,
    tar,
)
from tests.hostile.ordinary import Make


def _layers(**named: Iterable[tuple[str | bytes, Entry | bytes]] | dict[Any, Any]) -> dict[str, Make]:
    """An archive for each, whose second layer has the entries."""
    return {
        name.replace("_", "-"): partial(_upper, entries if isinstance(entries, dict) else list(entries), f"{name}:1")
        for name, entries in named.items()
    }


def _upper(description: Any, tag: str) -> bytes:
    lower = layer({"etc/passwd": b"root:x:0:0", "a/b/c": b"below"})
    return tar(docker_save(image([lower, layer(description)], tags=[tag])))


PATHS = _layers(
    paths_that_climb_out={"../../../../tmp/escaped": b"1", "a/../../../etc/cron.d/x": b"2", "..": Dir(), "a/..": b"3"},
    paths_that_are_absolute={"/etc/passwd": b"1", "//etc//shadow": b"2", "///": Dir(), "C:\\boot.ini": b"3"},
    links_that_climb_out=[
        ("out", Symlink(target="../../../../../etc/passwd")),
        ("out/through", b"written through the link"),
        ("hard", Hardlink(target="../../../../etc/passwd")),
        ("root", Symlink(target="/")),
        ("root/etc/passwd", b"x"),
    ],
    loops_of_links=[
        ("a1", Symlink(target="a2")),
        ("a2", Symlink(target="a1")),
        ("self", Symlink(target="self")),
        ("self/below", b"1"),
        ("h1", Hardlink(target="h2")),
        ("h2", Hardlink(target="h3")),
        ("h3", Hardlink(target="h1")),
        ("own", Hardlink(target="own")),
        ("dir", Symlink(target="dir/dir/dir")),
    ],
    a_chain_of_5_000_hard_links=[
        ("h0", File(data=b"x")),
        *((f"h{n}", Hardlink(target=f"h{n - 1}")) for n in range(1, 5_000)),
    ],
    one_path_5_000_times=[("same", File(data=b"%d" % n)) for n in range(5_000)],
    types_that_change_in_one_layer=[
        ("x", Dir()),
        ("x/y", b"1"),
        ("x", b"2"),
        ("x/z", b"3"),
        ("x", Symlink(target="y")),
        ("x/y/z", Fifo()),
        ("x", Whiteout()),
    ],
    whiteouts_of_all_kinds=[
        ("", Opaque()),
        ("a", Opaque()),
        ("a/b", Whiteout()),
        (".wh.", b""),
        ("a/.wh..", b""),
        ("a/.wh...", b""),
        (".wh..wh.plnk/1", b""),
        (".wh..wh..opq/inside", b""),
        (".wh..wh.x", Dir()),
        ("a/.wh.b/c", b"below a whiteout"),
        (".wh." + "n" * 250, b""),
    ],
    devices_and_rights={
        "dev/mem": Device(major=1, minor=1),
        "dev/sda": Device(major=8, minor=0, block=True),
        "dev/odd": Device(major=0o7777777, minor=0o7777777),
        "bin/su": File(mode=0o6777, data=b"#!"),
        "pipe": Fifo(),
    },
    attributes_out_of_range=[
        ("late", File(mtime=2**62, data=b"1")),
        ("early", File(mtime=-(2**62), data=b"1")),
        ("owner", File(uid=2**53, gid=2**53)),
        ("mode", File(mode=0o7777777)),
        ("part", File(mtime=1e18 + 0.5)),
    ],
    a_path_of_4_000_bytes={"/".join(["d" * 200] * 19) + "/f": b"x", "n" * 3_900: b"y"},
    a_path_over_the_limit={"/".join(["d" * 200] * 30) + "/f": b"x", "ok": b"y"},
    a_folder_1_500_deep={"/".join(["d"] * 1_500): b"x"},
    attributes_of_a_megabyte={"x": File(xattrs={"user.big": b"v" * (1 << 20), "user." + "k" * 60_000: b"\0\xff"})},
)
