"""What documents may take of memory is told before they are parsed; endless lists in them have a limit by name."""

import tracemalloc
from pathlib import Path

import pytest

from analyzer.archive.budget import LimitReached, Limits
from analyzer.archive.documents import Documents
from analyzer.archive.outerfolder import OuterFolder
from analyzer.archive.source import BlobRef
from tests.archive.opened import opened
from tests.archives import docker_save, image, layer, write

MANY = 200_000


@pytest.mark.parametrize("value", [b"[]", b"{}", b"1", b'""'])
def test_values_are_counted_before_they_are_parsed(tmp_path: Path, value: bytes) -> None:
    built = image([layer()], tags=["app:1"], config={"more": []})
    members = docker_save(built)
    name = f"{built.id[7:]}.json"
    members[name] = built.config.replace(b'"more":[]', b'"more":[' + b",".join([value] * MANY) + b"]")
    path = write(tmp_path / "app.tar", members)
    tracemalloc.start()
    with pytest.raises(LimitReached, match="values in the documents of the archive is over the limit MAX_JSON_VALUES"):
        opened(path, Limits(max_json_values=MANY))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(members[name])  # type: ignore[arg-type]
    assert opened(path, Limits(max_json_values=3 * MANY)).images


def test_the_values_of_all_documents_count_together(tmp_path: Path) -> None:
    images = [image([layer()], tags=[f"app:{number}"], config={"more": [number] * 100}) for number in range(10)]
    contents = opened(write(tmp_path / "app.tar", docker_save(*images)), Limits(max_json_values=700))
    assert 0 < len(contents.images) < 10
    assert "MAX_JSON_VALUES=700" in contents.findings[0].detail


def test_an_endless_history_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "app.tar", docker_save(image([], history=["#ENV A=1"] * 11)))
    with pytest.raises(LimitReached, match="MAX_HISTORY_STEPS=10"):
        opened(path, Limits(max_history_steps=10))
    assert opened(path, Limits(max_history_steps=11)).images


def test_names_past_their_limit_are_left_out_and_told(tmp_path: Path) -> None:
    path = write(tmp_path / "app.tar", docker_save(image([], tags=[f"app:{number}" for number in range(5)])))
    contents = opened(path, Limits(max_references=3))
    assert contents.images[0].references == [f"docker.io/library/app:{number}" for number in range(3)]
    assert [finding.detail for finding in contents.findings if finding.code == "limit-reached"] == [
        f"The number of names of images is over the limit MAX_REFERENCES=3: {name} was left out."
        for name in ("docker.io/library/app:3", "docker.io/library/app:4")
    ]


def test_what_an_integer_of_thousands_of_digits_is_called_is_fit_for_people(tmp_path: Path) -> None:
    built = image([], config={"more": []})
    members = docker_save(built)
    members[f"{built.id[7:]}.json"] = built.config.replace(b'"more":[]', b'"more":' + b"9" * 10_000)
    with pytest.raises(Exception, match="an integer has thousands of digits") as caught:
        opened(write(tmp_path / "app.tar", members))
    assert "sys." not in str(caught.value)


def test_of_a_document_in_a_large_archive_its_own_bytes_alone_are_read(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    with path.open("wb") as file:
        file.write(b"{}")
        file.truncate(1 << 30)  # a hole: whoever reads on to the end takes a gigabyte
    outer = OuterFolder(tmp_path, Limits())
    tracemalloc.start()
    try:
        assert Documents(outer, Limits()).raw(BlobRef(path, 0, 2), "manifest.json") == b"{}"
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
