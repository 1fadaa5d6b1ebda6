import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.oci.reference import InvalidReference, parse_annotation, parse_reference, repository_of

DIGEST = "sha256:" + "c" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("library/nginx", "docker.io/library/nginx:latest"),
        ("she/image_from_scratch:1.0", "docker.io/she/image_from_scratch:1.0"),
        ("index.docker.io/nginx", "docker.io/library/nginx:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/whiteout:latest", "localhost:5000/whiteout:latest"),
        ("gcr.io/foo/bar", "gcr.io/foo/bar:latest"),
        ("Registry/app", "Registry/app:latest"),
        ("[::1]:5000/app:1", "[::1]:5000/app:1"),
        ("a__b/c--d.e:Tag_1", "docker.io/a__b/c--d.e:Tag_1"),
        (f"nginx@{DIGEST}", f"docker.io/library/nginx@{DIGEST}"),
        (f"nginx:1@{DIGEST}", f"docker.io/library/nginx:1@{DIGEST}"),
        ("c" * 64 + ":1", f"docker.io/library/{'c' * 64}:1"),
    ],
)
def test_a_name_is_normalised_as_the_engines_do(text: str, expected: str) -> None:
    assert str(parse_reference(text)) == expected
    assert str(parse_reference(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":latest",
        "@",
        "nginx:",
        "nginx@",
        "Nginx",
        "docker.io/Nginx",
        "a//b",
        "/a",
        "a/",
        "a___b",
        "a..b",
        "-a",
        "_cosign:sha256-x.sig",
        "nginx:" + "t" * 129,
        "nginx:.tag",
        "nginx:tag!",
        "nginx:тег",
        "c" * 64,
        f"nginx@{DIGEST[:-1]}",
        "nginx@md5:00",
        "nginx\n",
        "nginx:1\n",
        "reg istry.io/a",
        "registry.io:port/a",
        "a" * 300,
        "a/" * 500_000,
    ],
)
def test_what_the_grammar_refuses_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference, match="not a valid image reference"):
        parse_reference(text)


@pytest.mark.parametrize("text", ["a" * 900 + "!", "a-" * 400 + "!", "a." * 400 + "/x!", ("a" * 60 + "-") * 15 + "A"])
def test_a_hostile_name_takes_no_time(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidReference):
        parse_reference(text)
    assert time.process_time() - began < 5


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        reference = parse_reference(text)
    except InvalidReference:
        return
    assert str(parse_reference(str(reference))) == str(reference)


@pytest.mark.parametrize(
    ("annotation", "archive", "expected"),
    [
        ("latest", "app.tar", "docker.io/library/app:latest"),
        ("v1.2", "My App (3).tar.gz", "docker.io/library/my-app-3:v1.2"),
        ("tiny:1", "x.tar", "docker.io/library/tiny:1"),
        ("docker.io/library/node:20", "x.tar", "docker.io/library/node:20"),
        ("foo/bar", "x.tar", "docker.io/foo/bar:latest"),
        ("nginx", "nginx.oci.tar", "docker.io/library/nginx:latest"),
        ("nginx", "other.tar", "docker.io/library/other:nginx"),
    ],
)
def test_an_annotation_is_a_name_or_a_tag_of_the_archive(annotation: str, archive: str, expected: str) -> None:
    assert str(parse_annotation(annotation, archive)) == expected


@pytest.mark.parametrize("annotation", ["", "tag with blanks", "_cosign:sha256-x.sig", "t" * 129])
def test_an_annotation_that_is_neither_is_refused(annotation: str) -> None:
    with pytest.raises(InvalidReference):
        parse_annotation(annotation, "app.tar")


@pytest.mark.parametrize(
    ("archive", "repository"),
    [
        ("app.tar", "app"),
        ("app.oci.tar.gz", "app"),
        ("app.docker.tar", "app"),
        ("python-3.11.tar", "python-3.11"),
        ("regclient+regclient__testrepo", "regclient-regclient__testrepo"),
        ("Größe.tar", "gr-e"),
        ("___.tar", "archive"),
        (".tar", "tar"),
        ("-", "archive"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 400, "x" * 127),
    ],
)
def test_an_archives_name_stands_in_for_a_repository(archive: str, repository: str) -> None:
    assert repository_of(archive) == repository


@given(st.text(max_size=300))
def test_any_archives_name_makes_a_repository_of_the_grammar(archive: str) -> None:
    repository = repository_of(archive)
    assert re.fullmatch(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*", repository)
    assert str(parse_annotation("latest", archive)) == f"docker.io/library/{repository}:latest"
