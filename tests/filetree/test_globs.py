import re

import pytest

from analyzer.filetree.globs import is_glob, to_regex


@pytest.mark.parametrize(
    ("glob", "matches", "others"),
    [
        ("*.so", ["a.so", "usr/lib/a.so", ".so"], ["a.so.1", "a.so/b"]),
        ("lib?", ["lib1", "usr/libü"], ["lib", "lib12", "lib/"]),
        ("usr/*/x", ["usr/lib/x"], ["usr/x", "usr/lib/a/x", "opt/usr/lib/x"]),
        ("/usr/*", ["usr/lib"], ["usr/lib/x"]),
        ("usr/**", ["usr/lib", "usr/lib/x"], ["usr", "usrx/a"]),
        ("**/x", ["x", "a/x", "a/b/x"], ["ax", "x/a"]),
        ("usr/**/x", ["usr/x", "usr/a/b/x"], ["usrx", "usr/ax"]),
        ("[ab]c", ["ac", "d/bc"], ["cc", "abc"]),
        ("[!a]c", ["bc"], ["ac", "c"]),
        ("[a-c]", ["b"], ["d", "-"]),
        ("[]^]", ["]", "^"], ["a"]),
        ("a+(b).c", ["a+(b).c"], ["aab.c", "a+(b)xc"]),
        ("a[b", ["a[b"], ["ab"]),
        ("ü*", ["übung"], ["ubung"]),
    ],
)
def test_a_glob_matches_names_or_whole_paths(glob: str, matches: list[str], others: list[str]) -> None:
    regex = re.compile(to_regex(glob))
    assert [path for path in [*matches, *others] if regex.search(path.encode())] == matches


def test_a_byte_that_is_no_utf8_is_one_character() -> None:
    assert re.search(to_regex("a?b"), b"a\x80b")
    assert re.search(to_regex("a\udcffb*"), b"a\xffbc")


def test_what_has_no_special_character_is_no_glob() -> None:
    assert [is_glob(text) for text in ("a*", "a?", "[a]", "a/b.c", "")] == [True, True, True, False, False]
