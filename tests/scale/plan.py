"""A year of builds: distributions push their bases, runtimes are made on them, teams build their programs on those.

Whoever builds takes the newest base; what lies above a changed layer is made anew, as a build cache would have it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from analyzer.filetree.entry import Kind
from tests.scale.layers import Extra, Recipe
from tests.scale.packages import Part
from tests.scale.words import DISTRO_NAMES, DISTROS, RUNTIMES, SMALL_DISTROS, TEAMS, WORDS

START = datetime(2025, 11, 20, 6, 0, tzinfo=UTC)
DAYS = 365
PACKAGES = 6_000  # that there are of a kind
ENTRYPOINT = Part("code", "sh", 1_000_000, 1, "usr/local/share/entrypoint/")


@dataclass(frozen=True)
class Step:
    """A step of a history; without a recipe it makes no layer."""

    created_by: str
    recipe: Recipe | None = None


@dataclass(frozen=True)
class Build:
    """An archive that a team brings: one image, under these names."""

    moment: datetime  # when it comes in
    built: datetime  # as its config says
    team: str
    name: str
    references: tuple[str, ...]
    steps: tuple[Step, ...]
    labels: tuple[tuple[str, str], ...] = ()
    base: tuple[str, tuple[Step, ...]] | None = None  # what it claims to be built on: name and steps
    architecture: str = "amd64"
    lacks_layer: bool = False


@dataclass
class _Base:
    """What others build on, as it is pushed now."""

    repository: str
    tag: str
    distro: str
    steps: tuple[Step, ...]
    language: str = ""


@dataclass
class _Family:
    """A program of a team and its builds."""

    number: int
    team: str
    repository: str
    runtime: int
    language: str
    draw: Random
    packages: list[Part] = field(default_factory=list)
    locked: int = 0  # second at which the packages were chosen
    version: int = 0
    below: tuple[Step, ...] = ()  # what the last build stood on
    claimed: tuple[Step, ...] = ()  # what the builder writes down as the base
    steps: tuple[Step, ...] = ()
    last: Build | None = None


class Plan:
    """The builds of so many images, in the order of their time."""

    def __init__(self, images: int, seed: int) -> None:
        self.draw = Random(f"plan/{seed}")
        self.images = images
        self.distros = DISTROS[: max(2, min(len(DISTROS), images // 40))]
        self.runtimes = RUNTIMES[: max(2, min(len(RUNTIMES), images // 25))]
        self.bases: dict[str, _Base] = {}
        self.built: dict[int, _Base] = {}
        self.families = self._families(max(3, int(images * 0.065)))

    def builds(self) -> Iterator[Build]:
        """As many images as were asked for; some come once more, under another name or to another team."""
        distros, runtimes = int(self.images * 0.025), int(self.images * 0.13)
        events = [(0.0, "distro", number) for number in range(len(self.distros))]
        events += [(0.2, "runtime", number) for number in range(len(self.runtimes))]
        events += self._events("distro", len(self.distros), distros)
        events += self._events("runtime", len(self.runtimes), runtimes)
        events += self._events("family", len(self.families), self.images * 2)
        made = 0
        for day, kind, number in sorted(events, key=lambda event: (event[0], event[1], event[2])):
            moment = START + timedelta(seconds=int(day * 86_400))
            if kind == "distro":
                yield self._push_distro(self.distros[number], moment)
            elif kind == "runtime":
                yield self._push_runtime(number, moment)
            elif self.draw.random() < self._share_of_programs(len(events)):
                family = self.families[number]
                lacks = made % 331 == 330
                yield replace(self._build(family, moment), lacks_layer=lacks)
                if family.last and not lacks and self.draw.random() < 0.12:
                    yield self._promote(family.last, moment + timedelta(hours=2))
            else:
                continue
            made += 1
            if made == self.images:
                return

    def _share_of_programs(self, events: int) -> float:
        """How many of the planned builds of programs take place, so that the year is full when the images are."""
        programs = self.images * 2
        return (self.images - (events - programs)) / programs

    def _events(self, kind: str, many: int, count: int) -> list[tuple[float, str, int]]:
        """Some have many, most have few."""
        weights = list(accumulate(1 / (number + 2) for number in range(many)))
        numbers = self.draw.choices(range(many), cum_weights=weights, k=count)
        return [(self.draw.uniform(0.5, DAYS), kind, number) for number in numbers]

    def _families(self, count: int) -> list[_Family]:
        families = []
        for number in range(count):
            draw = Random(f"family/{number}/{self.images}")
            runtime = min(int(draw.paretovariate(0.9)) - 1, len(self.runtimes) - 1)
            team = TEAMS[min(int(draw.paretovariate(0.7)) - 1, len(TEAMS) - 1)]
            program = f"{draw.choice(WORDS)}-{('api', 'worker', 'web', 'jobs', 'gateway', 'cli')[number % 6]}"
            repository = f"registry.example.com/{team}/{program}"
            language = _language(self.runtimes[runtime][0])
            families.append(_Family(number, team, repository, runtime, language, draw))
        return families

    # --- bases -----------------------------------------------------------------------------------------------------

    def _push_distro(self, distro: str, moment: datetime) -> Build:
        repository, tag = DISTRO_NAMES[distro]
        few = distro in SMALL_DISTROS
        ranks = [rank for rank in range(30 if few else 110) if few or rank % 10 != DISTROS.index(distro)]
        parts = tuple(Part("deb", distro, rank, _version(rank, moment)) for rank in ranks)
        second = _second(moment)
        extras = (
            Extra("etc/passwd", f"passwd/{distro}", 839),
            Extra("etc/group", f"group/{distro}", 434),
            Extra("etc/shadow", f"shadow/{distro}", 501),
            Extra("etc/os-release", f"release/{distro}", 267),
            Extra("var/lib/dpkg/status", f"status/{distro}/{second}", 900 * len(parts)),
        )
        layer = Step(f"# debian.sh --arch 'amd64' out/ '{distro}' '@{second}'", Recipe(parts, extras, second - 7_200))
        base = _Base(repository, tag, distro, (layer, Step('CMD ["bash"]')))
        self.bases[distro] = base
        stamp = f"{distro}-{moment:%Y%m%d}"
        return self._pushed(base, moment, (tag, stamp))

    def _push_runtime(self, number: int, moment: datetime) -> Build:
        name, version = self.runtimes[number]
        distro = self.distros[min(number * 5 % 7, len(self.distros) - 1) if number % 3 else 0]
        draw, second, base = Random(f"runtime/{number}"), _second(moment), self.bases[distro]
        packages = _chosen(draw, draw.randint(18, 60), 110, 900)
        apt = tuple(Part("deb", distro, rank, _version(rank, moment)) for rank in packages)
        own = tuple(
            Part("deb", f"{name}-{version}", rank, _version(rank, moment, 120), "")
            for rank in range(draw.randint(6, 30))
        )
        minor = _version(number, moment, 60)
        kind = {"python": "py", "node": "npm"}.get(name)
        prefix = {"py": f"usr/local/lib/python{version}/site-packages/", "npm": "usr/local/lib/"}.get(kind or "", "")
        tools = (
            tuple(Part(kind, version, rank, _version(rank, moment, 90), prefix) for rank in range(3)) if kind else ()
        )
        steps = [
            *base.steps,
            Step("ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"),
            Step(
                "RUN /bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends ca-certificates"
                " netbase tzdata; rm -rf /var/lib/apt/lists/* # buildkit",
                Recipe(apt, _apt_extras(distro, second, len(apt), clean=number % 2 == 0), second),
            ),
            Step(f"ENV {name.upper().replace('-', '_')}_VERSION={version}.{minor}"),
            Step(
                f"RUN /bin/sh -c set -eux; wget -O {name}.tar.xz https://example.com/{version}.{minor}/{name}.tar.xz;"
                " make -j; make install # buildkit",
                Recipe(own, (), second + 60),
            ),
        ]
        if tools:
            steps.append(Step("RUN /bin/sh -c pip --version # buildkit", Recipe(tools, (), second + 90)))
        steps.append(Step(f'CMD ["{name}"]'))
        pushed = _Base(f"docker.io/library/{name}", version, distro, tuple(steps), _language(name))
        self.built[number] = pushed
        return self._pushed(pushed, moment, (version, f"{version}.{minor}-{distro}"))

    def _pushed(self, base: _Base, moment: datetime, tags: Sequence[str]) -> Build:
        references = tuple(f"{base.repository}:{tag}" for tag in tags)
        name = f"{base.repository.rpartition('/')[2]}-{tags[-1]}.tar"
        built = moment - timedelta(hours=self.draw.randint(2, 60))
        return Build(moment, built, "platform", name, references, base.steps)

    # --- programs --------------------------------------------------------------------------------------------------

    def _build(self, family: _Family, moment: datetime) -> Build:
        base, draw, second = self.built[family.runtime], family.draw, _second(moment)
        moved = family.below != base.steps
        relocked = not family.packages or draw.random() < 0.22
        if relocked:
            self._lock(family, moment)
        if not (moved and draw.random() < 0.15):
            family.version += 1
        family.steps = (*base.steps, *self._own_steps(family, base, second, moved=moved, relocked=relocked))
        family.below = base.steps
        if not family.claimed or family.number % 8 != 7:  # one in eight never writes it anew
            family.claimed = base.steps
        program = family.repository.rpartition("/")[2]
        family.last = Build(
            moment=moment,
            built=moment - timedelta(minutes=draw.randint(3, 90)),
            team=family.team,
            name=f"{program}-1.{family.version}.tar",
            references=(f"{family.repository}:1.{family.version}.{draw.randint(0, 3)}", f"{family.repository}:latest"),
            steps=family.steps,
            labels=(("org.opencontainers.image.version", f"1.{family.version}.0"),),
            base=(f"{base.repository}:{base.tag}", family.claimed) if family.number % 2 else None,
            architecture="arm64" if family.number % 13 == 12 else "amd64",
        )
        return family.last

    def _lock(self, family: _Family, moment: datetime) -> None:
        """Chooses the packages, or later versions of some of them."""
        draw, kind = family.draw, family.language
        prefix = {"py": "usr/local/lib/python3.11/site-packages/", "npm": "app/", "jar": "app/"}.get(
            kind, "app/vendor/"
        )
        kind = kind if kind in ("py", "npm", "jar") else "npm"
        if not family.packages:
            count = min(400, int(draw.lognormvariate(3.6, 0.8)) + 3)
            family.packages = [
                Part(kind, kind, rank, _version(rank, moment, 45), prefix) for rank in _chosen(draw, count, 0, PACKAGES)
            ]
        else:
            family.packages = [
                part._replace(version=_version(part.rank, moment, 45)) if draw.random() < 0.3 else part
                for part in family.packages
            ]
        family.locked = _second(moment) - 4_000

    def _own_steps(self, family: _Family, base: _Base, second: int, *, moved: bool, relocked: bool) -> Iterator[Step]:
        number, old = family.number, {step.created_by: step for step in family.steps}

        def cached(created_by: str, make: Recipe, anew: bool) -> Step:
            return Step(created_by, make) if anew or created_by not in old else old[created_by]

        yield Step("WORKDIR /app", Recipe((), (), 1_700_000_000, mode=0o755) if number % 4 == 0 else None)
        if number % 5 < 3:
            chosen = _chosen(Random(f"apt/{number % 17}"), 4 + number % 17, 200, 2_500)
            apt = tuple(Part("deb", base.distro, rank, _version(rank, START + _days(second))) for rank in chosen)
            extras = _apt_extras(base.distro, second, len(apt), clean=number % 3 == 0)
            packages = "libpq5 curl git" if number % 2 else "libxml2 imagemagick"
            yield cached(f"RUN apt-get update && apt-get install -y {packages}", Recipe(apt, extras, second), moved)
        if number % 7 < 4:
            extras = (
                Extra("etc/passwd", f"passwd/{base.distro}/{number}", 871),
                Extra("etc/group", f"group/{base.distro}/{number}", 446),
                Extra("etc/shadow", f"shadow/{base.distro}/{number}", 522),
            )
            yield cached("RUN useradd --create-home app", Recipe((), extras, second), moved)
        lock = {"py": "requirements.txt", "npm": "package-lock.json"}.get(family.language, "go.sum")
        locked = Extra(f"app/{lock}", f"lock/{number}/{family.locked}", 120 * len(family.packages))
        yield Step(f"COPY {lock} /app/ # buildkit", Recipe((), (locked,), family.locked))
        compiled = family.language == "py" and number % 5 < 2
        dependencies = Recipe(tuple(family.packages), (), second, compiled=compiled)
        yield cached("RUN /bin/sh -c make dependencies # buildkit", dependencies, moved or relocked)
        code = Part("code", family.language, number, family.version, "app/")
        yield Step("COPY . /app # buildkit", Recipe((code,), (), 1_763_000_000 + family.version * 3_600))
        if number % 2:
            yield Step(
                "RUN /bin/sh -c make build # buildkit",
                Recipe((Part("code", "out", number + 10_000, family.version, "app/dist/"),), (), second),
            )
        if number % 5 == 1:
            yield Step("RUN chown -R app:app /app # buildkit", Recipe((code,), (), second, owner=1_000))
        if number % 5 == 3:
            yield Step("RUN chmod -R 755 /app # buildkit", Recipe((code,), (), second, mode=0o755))
        if number % 4 == 1:
            hidden = (
                Extra("var/lib/apt/.wh.lists", kind=int(Kind.WHITEOUT)),
                Extra("usr/share/doc/.wh..wh..opq", kind=int(Kind.OPAQUE)),
                Extra("app/.wh.tests", kind=int(Kind.WHITEOUT)),
            )
            yield Step("RUN rm -rf /var/lib/apt/lists /usr/share/doc/* tests", Recipe((), hidden, second))
        if number % 3 == 0:
            yield Step("COPY entrypoint.sh /usr/local/share/ # buildkit", Recipe((ENTRYPOINT,), (), 1_690_000_000))
        yield Step('ENTRYPOINT ["/app/start"]')

    def _promote(self, build: Build, moment: datetime) -> Build:
        """The same image under another name, or for the team that runs it."""
        repository = build.references[0].rpartition(":")[0]
        team = "platform" if self.draw.random() < 0.4 else build.team
        return replace(build, moment=moment, team=team, references=(f"{repository}:production",))


def _language(runtime: str) -> str:
    return {"python": "py", "node": "npm", "eclipse-temurin": "jar"}.get(runtime, "go")


def _second(moment: datetime) -> int:
    return int(moment.timestamp())


def _days(second: int) -> timedelta:
    return timedelta(seconds=second - _second(START))


def _version(rank: int, moment: datetime, least: int = 60) -> int:
    """Which version of a package is the newest then: some come out every few weeks, most seldom."""
    pace = least + rank * 37 % 400
    return 1 + int(((moment - START).days + rank * 13 % pace) / pace)


def _chosen(draw: Random, count: int, first: int, last: int) -> list[int]:
    """Some packages, popular ones more often (Zipf)."""
    weights = list(accumulate(1 / (rank + 8) for rank in range(last - first)))
    return sorted({first + rank for rank in draw.choices(range(last - first), cum_weights=weights, k=count)})


def _apt_extras(distro: str, second: int, packages: int, *, clean: bool) -> tuple[Extra, ...]:
    """What apt and dpkg write beside the packages; differs each time."""
    extras = (
        Extra("var/lib/dpkg/status", f"status/{distro}/{second}", 90_000 + 900 * packages),
        Extra("var/log/dpkg.log", f"dpkg.log/{second}", 700 * packages),
        Extra("var/log/apt/history.log", f"history.log/{second}", 60 * packages),
        Extra("var/cache/ldconfig/aux-cache", f"aux-cache/{second}", 9_000),
        Extra("etc/ld.so.cache", f"ld.so.cache/{distro}/{packages}", 14_000),
    )
    if clean:
        return extras
    month = second // 2_592_000
    return (
        *extras,
        Extra("var/cache/apt/pkgcache.bin", f"pkgcache/{second}", 3_400_000),
        Extra("var/cache/apt/srcpkgcache.bin", f"srcpkgcache/{second}", 3_300_000),
        *(
            Extra(f"var/lib/apt/lists/deb.debian.org_debian_dists_{distro}_{name}", f"{name}/{distro}/{month}", size)
            for name, size in (("InRelease", 151_000), ("main_binary-amd64_Packages.lz4", 17_300_000))
        ),
    )
