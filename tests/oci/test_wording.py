import pytest

from analyzer.oci.wording import counted, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app:1", "app:1"),
        ("größe 字", "größe 字"),
        ("a\nb\x00\x1b[31m", "a\ufffdb\ufffd\ufffd[31m"),
        ("\udcff\ud800", "\ufffd\ufffd"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_a_foreign_text_fits_a_line(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_one_thing_is_not_many() -> None:
    assert [counted(count, "blob") for count in (0, 1, 2, 12_345)] == ["0 blobs", "1 blob", "2 blobs", "12,345 blobs"]
