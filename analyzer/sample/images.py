"""What the sample holds: a base, a runtime on it, and two shops on that which could share more than they do.

Versions and seeds are such that the layers of an image differ in colour.
"""

from pathlib import Path

from analyzer.sample.tree import File, Folder, HardLink, Link, Node, Step, Text, save

KIB = 1024
NOP = "/bin/sh -c #(nop) "


def _base() -> list[Step]:
    tree: dict[str, Node] = {
        "bin": Link("usr/bin"),
        "etc/os-release": Text('NAME="Sample Linux"\nVERSION_ID="4"\n'),
        "etc/passwd": Text("root:x:0:0:root:/root:/bin/sh\n"),
        "etc/ssl/certs/ca-certificates.crt": File(208 * KIB, "certificates"),
        "root": Folder(0o700),
        "tmp": Folder(0o1777),
        "usr/bin/busybox": File(780 * KIB, "busybox", 0o755),
        "usr/bin/sh": HardLink("usr/bin/busybox"),
        "usr/bin/ls": HardLink("usr/bin/busybox"),
        "usr/lib/libc.so.6": File(640 * KIB, "libc", 0o755),
        "usr/lib/libcrypto.so.3": File(1200 * KIB, "crypto", 0o755),
        "usr/share/doc/base/copyright": File(18 * KIB, "copyright"),
        "var/cache/packages/index.db": File(420 * KIB, "index"),
        "var/lib/packages/status": File(36 * KIB, "status 1"),
    }
    return [Step(f"{NOP}ADD file:sample-base in / ", tree), Step(f'{NOP} CMD ["/bin/sh"]')]


def _runtime() -> list[Step]:
    tree: dict[str, Node] = {
        "usr/bin/node": File(2600 * KIB, "node", 0o755),
        "usr/lib/libuv.so.1": File(190 * KIB, "uv", 0o755),
        "usr/share/doc/node/README.md": File(24 * KIB, "readme"),
        "var/cache/packages/.wh.index.db": Text(""),
        "var/lib/packages/status": File(41 * KIB, "status 2"),
        **{f"usr/lib/node/internal/module-{number:02}.js": File(9 * KIB, f"module {number}") for number in range(40)},
    }
    return [
        *_base(),
        Step("/bin/sh -c packages add node && packages clean", tree, 12),
        Step(f"{NOP} ENV NODE_ENV=production", None, 12),
    ]


def _dependencies(cache: str, minutes: int) -> Step:
    """The same packages, installed twice: other times, and a cache file that is never the same."""
    tree: dict[str, Node] = {
        "srv/package.json": Text('{"dependencies": {"express": "^4.18.2"}}\n'),
        "root/.npm/_cacache/index": File(14 * KIB, f"cache {cache}"),
        **{
            f"srv/node_modules/package-{number:02}/index.js": File((number * 7 % 23 + 3) * KIB, f"package {number}")
            for number in range(60)
        },
    }
    return Step("/bin/sh -c npm install --omit=dev", tree, minutes)


def _shop() -> list[Step]:
    return [
        *_runtime(),
        Step(f"{NOP} WORKDIR /srv", {"srv": Folder()}, 30),
        _dependencies("shop", 31),
        Step(
            f"{NOP}COPY dir:shop in /srv ",
            {"srv/server.js": Text("listen(8080)\n"), "srv/assets.bin": File(900 * KIB, "assets 9")},
            33,
        ),
        Step(
            "/bin/sh -c chown -R 1000:1000 /srv/assets.bin",
            {"srv/assets.bin": File(900 * KIB, "assets 9", owner=1000)},
            34,
        ),
        Step(f"{NOP} EXPOSE 8080", None, 34),
        Step(f'{NOP} CMD ["node" "server.js"]', None, 34),
    ]


def _billing() -> list[Step]:
    secret = Text("DATABASE_PASSWORD=not-a-real-one\n", 0o600)
    return [
        *_runtime(),
        Step(f"{NOP} WORKDIR /srv", {"srv": Folder()}, 30),
        _dependencies("billing", 52),
        Step(
            f"{NOP}COPY dir:billing in /srv ",
            {
                "srv/server.js": Text("listen(8081)\n"),
                "srv/.env": secret,
                "srv/test/fixtures.json": File(350 * KIB, "fixtures"),
                "srv/test/run.js": File(6 * KIB, "run"),
            },
            53,
        ),
        Step("/bin/sh -c rm -rf .env test", {"srv/.wh..env": Text(""), "srv/.wh.test": Text("")}, 54),
        Step(
            "/bin/sh -c rm -rf /usr/share/doc && mkdir /usr/share/doc",
            {"usr/share/doc": Folder(), "usr/share/doc/.wh..wh..opq": Text("")},
            55,
        ),
        Step(f"{NOP} USER 1000", None, 55),
    ]


def build(path: Path) -> None:
    """Writes the sample archive, about 10 MiB, to `path`."""
    images = {
        "sample/base:1": _base(),
        "sample/runtime:1": _runtime(),
        "sample/shop:1": _shop(),
        "sample/billing:1": _billing(),
    }
    save(path, images, "node server.js")
