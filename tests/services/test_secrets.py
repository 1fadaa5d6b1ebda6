"""Files that look like secrets: found by their names and by what they hold, and what they hold is kept nowhere."""

import logging
from pathlib import Path

import pytest
from django.db import connection

from analyzer.models import Image, Layer, LayerSecret, SecretSearch
from analyzer.selectors.listings import listing_of
from analyzer.services import removal, secrets
from analyzer.services.indexing import ensure_indexed
from tests.archives import Whiteout, docker_save, image, layer
from tests.cast import Cast
from tests.secrets.made_up import TOKENS, letters, private_key
from tests.taking import run_job

PASSWORD = letters("password", 24)
GITHUB = TOKENS["GitHub Token"]
LEAKY = layer(
    {
        "app/.env": f"DEBUG=1\nDB_PASSWORD={PASSWORD}\n".encode(),
        "app/.env.example": b"DB_PASSWORD=secret\n",
        "app/deploy.sh": f"git clone https://{GITHUB}@github.com/a/b\n".encode(),
        "etc/tls/server.pem": private_key().encode(),
        "root/.npmrc": b"registry=https://npm.corp.test\n",
        "srv/store.p12": b"\x30\x82",
        "usr/share/doc/a/key.pem": private_key().encode(),
        "var/big.log": GITHUB.encode() + b"x" * (256 << 10),
        "var/empty/.env": b"",
    }
)
CLEAN = layer({"app/deploy.sh": Whiteout(), "app/main.py": b"print()"})
BUILT = image([LEAKY, CLEAN], tags=["shop:1"])
VALUES = (PASSWORD, GITHUB, private_key().split("\n")[1])


@pytest.fixture
def shop(cast: Cast, tmp_path: Path) -> Cast:
    run_job(tmp_path, docker_save(BUILT), cast.team)
    return cast


def found() -> list[tuple[str, str, str]]:
    return list(LayerSecret.objects.order_by("path").values_list("path", "rule", "source"))


@pytest.mark.usefixtures("shop")
def test_files_that_hold_a_secret_are_found_with_the_rule_and_those_that_hold_none_are_not() -> None:
    ensure_indexed()
    assert found() == [
        ("app/.env", "environment file", "content"),
        ("app/deploy.sh", "GitHub Token", "content"),
        ("etc/tls/server.pem", "Private Key", "content"),
        ("srv/store.p12", "key store", "content"),
    ]
    leaky = SecretSearch.objects.get(layer=Layer.objects.get(diff_id=LEAKY.diff_id))
    assert (leaky.kept, leaky.read, leaky.unread) == (True, 6, 0)


@pytest.mark.usefixtures("shop")
def test_a_second_run_leaves_the_same_rows() -> None:
    ensure_indexed()
    before = found()
    layer = Layer.objects.get(diff_id=LEAKY.diff_id)
    secrets.build(layer, listing_of(layer))()
    assert found() == before


def test_without_the_bytes_names_alone_tell(cast: Cast, tmp_path: Path, settings) -> None:
    settings.KEEP_BLOBS = False
    run_job(tmp_path, docker_save(BUILT), cast.team)
    ensure_indexed()
    assert found() == [
        ("app/.env", "environment file", "name"),
        ("root/.npmrc", "npm credentials", "name"),
        ("srv/store.p12", "key store", "name"),
    ]
    assert not SecretSearch.objects.get(layer__diff_id=LEAKY.diff_id).kept


@pytest.mark.usefixtures("shop")
def test_past_a_limit_the_rest_is_known_by_name_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "MOST_LAYER_BYTES", 0)
    ensure_indexed()
    assert [source for _, _, source in found()] == ["name"] * 3
    search = SecretSearch.objects.get(layer__diff_id=LEAKY.diff_id)
    assert (search.read, search.unread) == (0, 6)


@pytest.mark.usefixtures("shop")
def test_time_is_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "MOST_SECONDS", -1.0)
    ensure_indexed()
    assert SecretSearch.objects.get(layer__diff_id=LEAKY.diff_id).unread == 6


@pytest.mark.usefixtures("shop")
def test_no_row_of_the_database_and_no_line_of_the_log_has_the_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ensure_indexed()
    told = [caplog.text]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            told += [repr([bytes(cell) if isinstance(cell, memoryview) else cell for row in cursor for cell in row])]
    assert len(told) > 20
    for value in VALUES:
        assert all(value not in text for text in told)


@pytest.mark.usefixtures("shop")
def test_a_step_that_fails_tells_nothing_either(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(data: bytes) -> list[str]:
        raise RuntimeError("broken")

    monkeypatch.setattr(secrets, "rules_in", breaks)
    ensure_indexed()
    assert "broken" in caplog.text
    assert all(value not in caplog.text for value in VALUES)
    assert found() == []


def test_secrets_go_with_their_layer(shop: Cast) -> None:
    ensure_indexed()
    removal.remove_image(Image.objects.get(), shop.team)
    assert not LayerSecret.objects.exists()
    assert not SecretSearch.objects.exists()
