"""Names as hostile or careless archives have them, for tests of the pages that show names."""

from tests.archives import Dir, File, Layer, Symlink, layer

NEWLINE = b"new\nline"
TAB = b"tab\ttab"
MARKUP = b"<img src=x onerror=alert(1)>"
QUOTES = b"\"'&quot;"
BAD_UTF8 = b"bad\xffbytes"
HIDDEN = "gnp.\u202etxt".encode()  # turns the direction of what follows
FORMULA = b"=cmd|' /C calc'!A0"
BAD_FOLDER = b"fol\xfeder"


def odd_layer() -> Layer:
    """A layer with all of them, one in a folder whose own name is not UTF-8, and a link to one."""
    return layer(
        [
            *((name, File(data=b"x")) for name in (NEWLINE, TAB, MARKUP, QUOTES, BAD_UTF8, HIDDEN, FORMULA)),
            (BAD_FOLDER, Dir()),
            (BAD_FOLDER + b"/inside", File(data=b"y" * 10)),
            (b"link", Symlink(target=MARKUP)),
        ]
    )
