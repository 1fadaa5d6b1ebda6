"""An engine's API: what it says is read within limits, and what goes wrong is one sentence."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analyzer.archive.budget import Limits
from analyzer.filetree.dockerdiff import Change, ChangeKind
from analyzer.registry.daemon import DockerDaemon
from analyzer.registry.engine import EngineContext, InvalidEngine
from analyzer.registry.errors import Kind, RegistryError
from tests.registry.engines import CONTAINER, IMAGE_ID, FakeEngine, fake_engine
from tests.service.registries import make_certificate


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with fake_engine() as made:
        yield made


def test_images_and_containers_are_listed(engine: FakeEngine) -> None:
    with DockerDaemon(engine.context()) as daemon:
        (image,), (container,) = daemon.images(), daemon.containers()
        assert daemon.version() == "20.10.24"
    assert (image.image_id, image.names, image.size) == (IMAGE_ID, ("app:1", "app:latest"), 1234)
    assert (container.container_id, container.name, container.image_id, container.size) == (
        CONTAINER,
        "writer",
        IMAGE_ID,
        320,
    )


def test_images_without_a_name_have_none(engine: FakeEngine) -> None:
    engine.answers["/images/json"] = [
        {"Id": IMAGE_ID, "RepoTags": ["<none>:<none>"], "Size": 1},
        {"Id": IMAGE_ID, "RepoTags": None, "Size": 1},
    ]
    with DockerDaemon(engine.context()) as daemon:
        assert [image.names for image in daemon.images()] == [(), ()]


def test_changes_come_sorted_with_the_sizes_of_files(engine: FakeEngine) -> None:
    with DockerDaemon(engine.context()) as daemon:
        assert daemon.changes(CONTAINER) == [
            Change(b"etc", ChangeKind.CHANGED, None),
            Change(b"etc/motd", ChangeKind.CHANGED, 20),
            Change(b"new", ChangeKind.ADDED, 300),
            Change(b"old", ChangeKind.DELETED, None),
        ]


def test_a_container_that_changed_nothing_has_no_changes(engine: FakeEngine) -> None:
    engine.answers[f"/containers/{CONTAINER}/changes"] = None
    with DockerDaemon(engine.context()) as daemon:
        assert daemon.changes(CONTAINER) == []


def test_what_is_saved_comes_in_blocks_under_all_its_names(engine: FakeEngine) -> None:
    engine.answers["/images/get"] = b"tar" * 1_000_000
    with DockerDaemon(engine.context()) as daemon, daemon.saved(["app:1", "app:latest"]) as blocks:
        assert b"".join(blocks) == b"tar" * 1_000_000
    assert engine.asked == ["/images/get?names=app%3A1&names=app%3Alatest"]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((404, {"message": "no"}), Kind.NOT_FOUND, "may have been removed"),
        ((500, {"message": "disk on fire"}), Kind.FAILED, "disk on fire"),
        ((403, {}), Kind.UNAUTHORIZED, "does not let this server in"),
        (b"<html>", Kind.UNSUPPORTED, "not JSON"),
        ({"Id": 1}, Kind.UNSUPPORTED, "not a list"),
        ([{"Id": 1}], Kind.UNSUPPORTED, "not a text"),
        ([[[[[[[]]]]]]], Kind.UNSUPPORTED, "nested too deep"),
        ([" " * 3000], Kind.TOO_LARGE, "MAX_JSON_BYTES"),
    ],
)
def test_a_bad_answer_is_one_sentence(engine: FakeEngine, answer: Any, kind: Kind, words: str) -> None:
    engine.answers["/images/json"] = answer
    limits = Limits(max_json_bytes=2_000, max_json_depth=5)
    with DockerDaemon(engine.context(limits=limits)) as daemon, pytest.raises(RegistryError, match=words) as raised:
        daemon.images()
    assert raised.value.kind is kind
    assert "\n" not in str(raised.value)


def test_an_engine_that_hangs_is_given_up(engine: FakeEngine) -> None:
    engine.pause = 1.0
    with (
        DockerDaemon(engine.context(timeout=0.2)) as daemon,
        pytest.raises(RegistryError, match="did not answer") as hung,
    ):
        daemon.images()
    assert hung.value.kind is Kind.TIMEOUT


def test_the_stream_of_an_image_may_take_long_to_begin(engine: FakeEngine) -> None:
    """An engine writes the whole image to its own disk first."""
    engine.answers["/images/get"] = b"an image"
    engine.pause = 0.5
    with DockerDaemon(engine.context(timeout=0.2)) as daemon, daemon.saved(["app:1"]) as blocks:
        assert b"".join(blocks) == b"an image"
    with (
        DockerDaemon(engine.context(timeout=0.01)) as daemon,
        pytest.raises(RegistryError, match="did not answer"),
        daemon.saved(["app:1"]),
    ):
        pass


def test_an_answer_that_is_cut_off_is_told(engine: FakeEngine) -> None:
    engine.answers["/images/get"] = bytes(1_000_000)
    engine.cut = True
    with (
        DockerDaemon(engine.context()) as daemon,
        pytest.raises(RegistryError, match="broke off"),
        daemon.saved(["app:1"]) as blocks,
    ):
        for _ in blocks:
            pass


def test_an_engine_that_is_not_there_is_told(tmp_path: Path) -> None:
    context = EngineContext(f"unix://{tmp_path}/gone")
    with DockerDaemon(context) as daemon, pytest.raises(RegistryError, match="can't be reached"):
        daemon.images()


@pytest.mark.parametrize("container_id", ["../images", "x", "", "C" * 64, "c/json?"])
def test_what_is_no_id_of_a_container_is_not_asked_for(engine: FakeEngine, container_id: str) -> None:
    with DockerDaemon(engine.context()) as daemon, pytest.raises(RegistryError, match="no such container"):
        daemon.container(container_id)
    assert not engine.asked


@pytest.mark.parametrize("host", ["http://localhost", "tcp://", "unix://relative", "tcp://a:b", "ssh://host"])
def test_another_form_of_address_is_refused(host: str) -> None:
    with pytest.raises(InvalidEngine, match="neither"):
        EngineContext(host)


def test_tcp_needs_tls_but_on_this_machine(tmp_path: Path) -> None:
    with pytest.raises(InvalidEngine, match="DOCKER_ENGINE_CERTS"):
        EngineContext("tcp://10.0.0.1:2376")
    assert EngineContext("tcp://127.0.0.1:2375").address == "http://127.0.0.1:2375"
    assert EngineContext("tcp://10.0.0.1:2376", tmp_path).address == "https://10.0.0.1:2376"
    with pytest.raises(RegistryError, match="can't be used"):
        DockerDaemon(EngineContext("tcp://10.0.0.1:2376", tmp_path))


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certs")).parent


def test_over_tls_both_sides_show_their_certificates(certs: Path) -> None:
    with fake_engine(certs) as engine, DockerDaemon(engine.context(certs=certs)) as daemon:
        assert daemon.version() == "20.10.24"


def test_an_engine_of_another_authority_is_not_spoken_to(certs: Path, tmp_path: Path) -> None:
    others = make_certificate(tmp_path).parent
    with fake_engine(certs) as engine:
        with (
            DockerDaemon(engine.context(certs=others)) as daemon,
            pytest.raises(RegistryError, match="trust") as raised,
        ):
            daemon.version()
        assert raised.value.kind is Kind.TLS
        assert not engine.asked


def test_a_client_without_a_certificate_is_not_let_in(certs: Path, tmp_path: Path) -> None:
    shutil.copy(certs / "ca.pem", tmp_path / "ca.pem")
    with fake_engine(certs) as engine, DockerDaemon(engine.context(certs=tmp_path)) as daemon:
        with pytest.raises(RegistryError):
            daemon.version()
        assert not engine.asked
