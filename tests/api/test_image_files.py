"""A path of an image by the API: its blame, its bytes, folders as tars; and the packages."""

import io
import tarfile
from pathlib import Path

import pytest

from analyzer.api.imagefileschemas import FileOut, PackagesOut
from analyzer.models import Image
from analyzer.services.indexing import ensure_indexed
from tests.api.client import Api
from tests.archives import Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.taking import bring, run_job

STATUS = b"Package: bash\nStatus: install ok installed\nVersion: 5.2\n"
BUILT = image(
    [
        layer({"etc/motd": b"hello", "etc/copy": b"hello", "var/lib/dpkg/status": STATUS, b"odd\xff": b"1"}),
        layer({"etc/motd": b"hi", "etc/copy": Whiteout()}),
    ],
    tags=["app:1"],
)


@pytest.fixture
def alice(cast: Cast, tmp_path: Path) -> Api:
    run_job(tmp_path, docker_save(BUILT), cast.team)
    ensure_indexed()
    return Api(cast.alice)


def at(what: str) -> str:
    return f"images/{BUILT.id}/{what}"


def test_blame_is_told_with_the_copies_of_the_content(alice: Api) -> None:
    document = alice.get(at("file/?path=etc/motd&at=0")).json()
    assert [version["change"] for version in document["versions"]] == ["added", "modified"]
    assert [(copy["path"], copy["visible"]) for copy in document["copies"]] == [
        ("etc/copy", False),
        ("etc/motd", False),
    ]
    assert (document["visible"], document["layer"]) == (True, 0)
    for path in ("etc/motd", "etc/copy", "etc", "odd%FF"):
        found = alice.get(at(f"file/?path={path}")).json()
        FileOut.model_validate(found)
    assert found["path_bytes"] == "b2Rk/w=="


def test_bytes_are_those_of_the_version_that_is_asked_for(alice: Api) -> None:
    assert b"".join(alice.get(at("file/bytes/?path=etc/motd")).streaming_content) == b"hi"
    assert b"".join(alice.get(at("file/bytes/?path=etc/motd&at=0")).streaming_content) == b"hello"


def test_a_folder_is_a_tar(alice: Api) -> None:
    data = b"".join(alice.get(at("tar/?path=etc")).streaming_content)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert tar.getnames() == ["etc/motd"]


def test_the_merged_view_is_told_on_top_of_any_layer(alice: Api) -> None:
    below, above = (alice.get(at(f"merged/?q=copy{more}")).json()["count"] for more in ("&at=0", ""))
    assert (below, above) == (1, 0)
    assert alice.get(at("merged/?at=9")).status_code == 404


def test_packages_are_listed(alice: Api) -> None:
    document = alice.get(at("packages/")).json()
    assert [(row["name"], row["version"], row["layer"]) for row in document["packages"]] == [("bash", "5.2", 0)]
    assert PackagesOut.model_validate(document).model_dump() == document


def test_bytes_that_were_not_kept_are_gone(cast: Cast, tmp_path: Path) -> None:
    bring(tmp_path, docker_save(BUILT), cast.team)
    for what in ("file/bytes/?path=etc/motd", "tar/"):
        answer = Api(cast.alice).get(at(what))
        assert answer.status_code == 410
        assert "were not kept" in answer.json()["detail"]


@pytest.mark.parametrize("what", ["file/?path=etc/motd", "file/bytes/?path=etc/motd", "tar/", "packages/"])
def test_what_others_hold_does_not_exist(cast: Cast, alice: Api, what: str) -> None:
    assert Image.objects.exists()
    assert Api(cast.charlie).get(at(what)).status_code == 404
    assert alice.get(at(what).replace(BUILT.id, f"sha256:{'0' * 64}")).status_code == 404
