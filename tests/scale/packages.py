"""Packages: which files one has in which version. A file changes in some versions, at a pace of its own."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import NamedTuple

from analyzer.filetree.entry import Kind
from tests.scale.words import LOCALES, WORDS, ZONES

FILE, SYMLINK = int(Kind.FILE), int(Kind.SYMLINK)
NPM_TIME = 499_162_500_000_000_000  # 1985-10-26, of every file that npm packs
SECOND = 1_000_000_000


class Part(NamedTuple):
    """A package in a layer. Its paths lie below `prefix`, which ends with a slash or is empty."""

    kind: str  # deb, py, npm, jar, code
    name: str  # of what it is a package, such as "bookworm" or "3.11"
    rank: int  # 0 is the most popular
    version: int
    prefix: str = ""


@dataclass(slots=True)
class Files:
    """Parallel columns. `mtime` in nanoseconds; None: whenever it is installed."""

    mtime: int | None
    paths: list[bytes] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    links: list[bytes | None] = field(default_factory=list)
    sha256s: list[bytes | None] = field(default_factory=list)

    def add(self, path: str, key: str, size: int, mode: int = 0o644) -> None:
        self.paths.append(path.encode())
        self.kinds.append(FILE)
        self.modes.append(mode)
        self.sizes.append(size)
        self.links.append(None)
        self.sha256s.append(hashlib.sha256(f"{key}/{size}".encode()).digest())

    def link(self, path: str, to: str) -> None:
        self.paths.append(path.encode())
        self.kinds.append(SYMLINK)
        self.modes.append(0o777)
        self.sizes.append(len(to))
        self.links.append(to.encode())
        self.sha256s.append(None)


class Universe:
    """All packages there are. `density` scales the number of files in each."""

    def __init__(self, seed: int, density: float) -> None:
        self.seed = seed
        self.density = density
        self.files = lru_cache(maxsize=4_000)(self._files)

    def _files(self, part: Part) -> Files:
        """The files of one package in one version."""
        shape = Random(f"{self.seed}/{part.kind}/{part.name.partition('/')[0]}/{part.rank}")
        count = max(2, min(2_500, int(self.density * shape.lognormvariate(3.85, 1.15))))
        return _LAYOUTS[part.kind](part, count, shape)


def title(part: Part) -> str:
    """What the package is called."""
    first, second = WORDS[part.rank % len(WORDS)], WORDS[part.rank * 7 // len(WORDS) % len(WORDS)]
    return first if part.rank < len(WORDS) else f"{first}-{second}{part.rank // (len(WORDS) * 40) or ''}"


class _Sizes:
    """Of each file: its size, and how many times it has changed up to this version."""

    def __init__(self, part: Part, shape: Random) -> None:
        self.part, self.shape = part, shape
        self.of = f"{part.kind}/{part.name.partition('/')[0]}/{part.rank}"

    def next(self, middle: float = 8.0, spread: float = 1.7) -> tuple[str, int]:
        """What tells the content, and its size in bytes."""
        random = self.shape.random
        pace = 0.05 + random() ** 2
        era = int(self.part.version * pace + random())
        size = min(1 << 27, int(self.shape.lognormvariate(middle, spread)))
        return f"{self.of}/{random()}/{era}", size + size * (era % 9) // 60


def _names(shape: Random, count: int, ending: str) -> Iterator[str]:
    seen: set[str] = set()
    folder = ""
    for index in range(count):
        if shape.random() < 0.12:
            folder = "" if shape.random() < 0.3 else f"{shape.choice(WORDS)}/"
        name = f"{folder}{shape.choice(WORDS)}"
        name = name if name not in seen else f"{name}_{shape.choice(WORDS)}"
        name = name if name not in seen else f"{name}{index}"
        seen.add(name)
        yield f"{name}{ending}"


def _deb(part: Part, count: int, shape: Random) -> Files:
    name, sizes = title(part), _Sizes(part, shape)
    arch = "aarch64" if part.name.endswith("/arm64") else "x86_64"
    own = f"/{arch}/{part.version // 2}"  # what is compiled
    files = Files(mtime=(1_690_000_000 + part.rank * 9_973 + part.version * 2_592_000) * SECOND)
    lib = f"usr/lib/{arch}-linux-gnu"
    key, size = sizes.next(11.5, 1.1)
    files.add(f"{lib}/lib{name}.so.{part.rank % 7}.{part.version}", key + own, size)
    files.link(f"{lib}/lib{name}.so.{part.rank % 7}", f"lib{name}.so.{part.rank % 7}.{part.version}")
    for document, middle in (("copyright", 8.2), ("changelog.Debian.gz", 7.5)):
        key, size = sizes.next(middle, 0.7)
        files.add(f"usr/share/doc/{name}/{document}", key, size)
    for ending in ("list", "md5sums"):
        files.add(f"var/lib/dpkg/info/{name}.{ending}", f"{sizes.of}/{ending}/{part.version}", 60 * count)
    kind, left = shape.random(), max(0, count - 6)
    if part.rank % 97 == 0:
        for area, cities in ZONES.items():
            for city in cities.split():
                files.add(f"usr/share/zoneinfo/{area}/{city}", f"zone/{area}/{city}", 900 + 7 * len(city))
    if kind < 0.3:
        for locale in LOCALES[: min(left, len(LOCALES))]:
            key, size = sizes.next(9, 0.8)
            files.add(f"usr/share/locale/{locale}/LC_MESSAGES/{name}.mo", key, size)
        left -= min(left, len(LOCALES))
    for index, path in enumerate(_names(shape, left, "")):
        flat = path.replace("/", "-")
        place = (index + part.rank) % 6
        key, size = sizes.next(10 if place < 2 else 7.6)
        if place == 0:
            files.add(f"usr/bin/{name}-{flat}", key + own, size, 0o755)
        elif place == 1:
            files.add(f"{lib}/{name}/{path}.so", key + own, size)
        elif place == 2:
            files.add(f"usr/share/man/man1/{name}-{flat}.1.gz", key, size // 4)
        elif place == 3:
            files.add(f"usr/include/{name}/{path}.h", key, size)
        else:
            files.add(f"usr/share/{name}/{path}.{'pm' if place == 4 else 'conf'}", key, size)
    return files


def _py(part: Part, count: int, shape: Random) -> Files:
    name, sizes = title(part).replace("-", "_"), _Sizes(part, shape)
    files = Files(mtime=None)
    version = f"{part.rank % 5}.{part.version}"
    info = f"{part.prefix}{name}-{version}.dist-info"
    files.add(f"{info}/INSTALLER", "pip", 4)
    files.add(f"{info}/WHEEL", "wheel-pure" if part.rank % 3 else "wheel-native", 92)
    files.add(f"{info}/top_level.txt", f"{sizes.of}/top", len(name) + 1)
    files.add(f"{info}/LICENSE", f"licence/{part.rank % 6}", 1_000 + 1_900 * (part.rank % 6))
    files.add(f"{info}/METADATA", f"{sizes.of}/metadata/{part.version}", 4_000 + part.rank % 9_000)
    files.add(f"{info}/RECORD", f"{sizes.of}/record/{part.version}", 90 * count)
    if part.rank % 4 == 0:
        files.add(f"{part.prefix}{name}/__init__.py", "empty", 0)
    for index, path in enumerate(_names(shape, max(1, (count - 6) // 2), ".py")):
        key, size = sizes.next(8.1, 1.4)
        if index % 23 == 22:
            files.add(f"{part.prefix}{name}/{path[:-3]}.cpython-311-x86_64-linux-gnu.so", f"{key}.so", size * 20, 0o755)
            continue
        files.add(f"{part.prefix}{name}/{path}", key, size)
        folder, _, file = path.rpartition("/")
        cached = f"{folder}/__pycache__/" if folder else "__pycache__/"
        files.add(f"{part.prefix}{name}/{cached}{file[:-3]}.cpython-311.pyc", f"{key}.pyc", size + size // 8 + 120)
    return files


def _npm(part: Part, count: int, shape: Random) -> Files:
    name, sizes = title(part), _Sizes(part, shape)
    place = f"{part.prefix}node_modules/{'@' + name.partition('-')[0] + '/' if part.rank % 5 == 4 else ''}{name}"
    files = Files(mtime=NPM_TIME)
    files.add(f"{place}/package.json", f"{sizes.of}/package/{part.version}", 1_200 + part.rank % 900)
    files.add(f"{place}/LICENSE", f"licence/{part.rank % 6}", 1_000 + 1_900 * (part.rank % 6))
    key, size = sizes.next(8.2, 0.9)
    files.add(f"{place}/README.md", key, size)
    for index, path in enumerate(_names(shape, max(1, count - 3), "")):
        key, size = sizes.next(7.3, 1.5)
        ending = (".js", ".js", ".d.ts", ".js.map", ".mjs")[index % 5]
        files.add(f"{place}/{'lib' if index % 3 else 'dist'}/{path}{ending}", key, size)
    return files


def _jar(part: Part, count: int, shape: Random) -> Files:
    sizes = _Sizes(part, shape)
    files = Files(mtime=(1_660_000_000 + part.version * 2_592_000) * SECOND)
    for index in range(max(1, count // 12)):
        key, size = sizes.next(12.5, 1.2)
        name = f"{title(part)}{f'-{shape.choice(WORDS)}' if index else ''}-{part.rank % 6}.{part.version}.jar"
        files.add(f"{part.prefix}lib/{name}", key, size)
    return files


def _code(part: Part, count: int, shape: Random) -> Files:
    """A program's own sources: few files change from one version to the next."""
    files = Files(mtime=(1_763_000_000 + part.version * 3_600) * SECOND)
    ending = {"py": ".py", "npm": ".ts", "jar": ".java"}.get(part.name, ".go")
    for index, path in enumerate(_names(shape, count * 4, ending)):
        place = ("src", "src", "src", "tests", "static")[index % 5]
        pace = 0.01 + shape.random() ** 5
        era = int(part.version * pace + shape.random())
        size = int(shape.lognormvariate(7.9, 1.3)) + 31 * (era % 11)
        files.add(f"{part.prefix}{place}/{path}", f"code/{part.rank}/{index}/{era}", size)
    files.add(f"{part.prefix}VERSION", f"version/{part.version}", 6)
    return files


_LAYOUTS: dict[str, Callable[[Part, int, Random], Files]] = {
    "deb": _deb,
    "py": _py,
    "npm": _npm,
    "jar": _jar,
    "code": _code,
}
