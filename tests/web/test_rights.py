"""Every address there is, also one that is made tomorrow: who may not see a thing can't tell it from none."""

import re
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from analyzer.models import ApiToken, Image, Job, Registry, Team, Upload, Watch
from analyzer.oci.digest import digest_of
from analyzer.selectors import scope_rows
from analyzer.services.indexing import ensure_indexed
from analyzer.services.tokens import issue_token
from tests.archives import Image as ArchiveImage
from tests.archives import docker_save, image, layer
from tests.cast import Cast
from tests.routes import Route, admin_routes, body, difference, lasting, recorded_parameters, routes
from tests.taking import run_job

# tests/layersite, tests/api and tests/web/test_watches.py say how.
OPEN = {"login", "logout", "healthz", "readyz", "metrics", "openapi", "api-docs", "registry-hook-in"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

BASE = layer({"etc/motd": b"hello" * 400, "etc/passwd": b"root:x:0:0"})
OWN = layer({f"srv/data{number}": f"{number}".encode() * 500 for number in range(20)})
NEARLY = layer({f"srv/data{number}": f"{number}".encode() * 500 for number in range(19)})
VAULT = layer({"srv/recipe.txt": b"sugar and spice", "etc/motd": b"hello, vault"})

SECRETS = image([BASE, NEARLY, VAULT], tags=["corp/vault:gold"], history=["ADD base", "COPY", "RUN mix"])
MINE = image([BASE, OWN], tags=["corner:1"], history=["ADD base", "COPY"])
WORDS = (b"vault", b"recipe", b"alices-team", b"Alice", b"RUN mix")


def things(job: Job, of: str, upload: Upload, token: ApiToken) -> dict[str, str]:
    """What may stand in an address, by the name of its place."""
    shown = Image.objects.get(image_id=of)
    registry = Registry.objects.create(team=job.team, name=f"{job.team.slug} registry", host="127.0.0.1:1")
    watch = Watch.objects.create(registry=registry, repository="corp/vault", tag="gold", paused=True)
    return {
        "ref": shown.image_id,
        "diff_id": shown.image_layers.order_by("-index").first().layer.diff_id,  # type: ignore[union-attr]
        "job_id": str(job.pk),
        "upload_id": str(upload.pk),
        "token_id": str(token.pk),
        "registry_id": str(registry.pk),
        "watch_id": str(watch.pk),
        "container_id": "c" * 64,  # there is no engine here; tests/web/test_engine.py has one
        "file_name": "app.tar",
    }


def held(folder: Path, built: ArchiveImage, team: Team, user: User, of: str) -> dict[str, str]:
    """The image taken in and indexed, with an upload and a token beside it."""
    job = run_job(folder, docker_save(built), team, name=f"{team.slug}.tar")
    ensure_indexed()
    upload = Upload.objects.create(team=team, user=user, name=f"{team.slug}-next.tar", length=10)
    return things(job, of, upload, issue_token(user, f"{team.slug} token")[0])


@pytest.fixture
def charlies(cast: Cast, tmp_path: Path) -> dict[str, str]:
    return held(tmp_path, MINE, cast.other_team, cast.charlie, MINE.id)


@pytest.fixture
def alices(charlies: dict[str, str], cast: Cast, tmp_path: Path) -> dict[str, str]:
    return held(tmp_path, SECRETS, cast.team, cast.alice, SECRETS.id)


@pytest.fixture
def charlie(cast: Cast) -> Client:
    return cast.client(cast.charlie)


def unknown(values: Mapping[str, str]) -> dict[str, str]:
    """As many things that nobody has, each as long."""
    digest = digest_of(b"nothing")
    nothing = {"ref": digest, "diff_id": digest, "file_name": "app.tar", "container_id": "d" * 64}
    nothing |= dict.fromkeys(("token_id", "registry_id", "watch_id"), "99999999")
    return (
        nothing
        | {"job_id": str(uuid.UUID(int=7)), "upload_id": str(uuid.UUID(int=7))}
        | dict.fromkeys(values.keys() - nothing.keys() - {"job_id", "upload_id"}, "nothing")
    )


def readable() -> list[Route]:
    """What answers GET and is not open to all."""
    return [route for route in routes() if route.name not in OPEN]


@pytest.mark.usefixtures("cast")
def test_nobody_gets_anything_without_an_account(alices: dict[str, str]) -> None:
    anybody = Client()
    for route in readable():
        address = route.at(alices)
        for method in METHODS:
            response = anybody.generic(method, address)
            told = f"{method} {address}: {response.status_code}"
            if response.status_code == 302:
                assert response["Location"].startswith("/accounts/login/"), told
            else:
                assert response.status_code in {401, 405} or (method == "OPTIONS" and route.is_api), told
            assert not any(word in body(response) for word in WORDS), told


def test_what_is_another_teams_is_not_there_whatever_the_method(charlie: Client, alices: dict[str, str]) -> None:
    nothing = unknown(alices)
    for route in readable():
        if not set(route.places) - {"file_name"}:
            continue
        for method in METHODS:
            response = charlie.generic(method, route.at(alices))
            none = charlie.generic(method, route.at(nothing))
            told = f"{method} {route.at(alices)}: {response.status_code}"
            # That a body is not as the API describes it is told before it is known whose the thing is: to everyone.
            refused = {404, 405} | ({422} if route.is_api else set())
            assert response.status_code in refused or method == "OPTIONS", told
            assert response.status_code == none.status_code, told
            assert not difference(_without(lasting(response), alices), _without(lasting(none), nothing)), told
    assert Job.objects.filter(pk=alices["job_id"]).exists()
    assert Upload.objects.filter(pk=alices["upload_id"]).exists()
    assert ApiToken.objects.filter(pk=alices["token_id"]).exists()
    assert Image.objects.filter(image_id=alices["ref"]).exists()
    assert Registry.objects.filter(pk=alices["registry_id"]).exists()
    assert Watch.objects.filter(pk=alices["watch_id"]).exists()


def test_what_another_team_brings_changes_nothing(
    charlie: Client, charlies: dict[str, str], cast: Cast, tmp_path: Path
) -> None:
    before = dict(_pages(charlie, charlies))
    held(tmp_path, SECRETS, cast.team, cast.alice, SECRETS.id)
    cache.clear()
    scope_rows.forget()
    for address, (status, page) in _pages(charlie, charlies):
        assert status == before[address][0], address
        assert not difference(page, before[address][1]), address


def test_what_is_another_teams_is_not_told_by_a_parameter(
    charlie: Client, charlies: dict[str, str], alices: dict[str, str]
) -> None:
    shown = Image.objects.get(image_id=alices["ref"])
    kinds = {
        "image": shown.image_id,
        "chain": shown.top_chain.chain_id if shown.top_chain else "",
        "layer": alices["diff_id"],
        "team": "alices-team",
        "name": "corp/vault",
    }
    nothing = {
        "image": digest_of(b"no image"),
        "chain": digest_of(b"no chain"),
        "layer": digest_of(b"no layer"),
        "team": "ericas-team",
        "name": "corp/malta",
    }
    for route in readable():
        if route.name == "put_named":
            continue
        address = route.at(charlies)
        for parameter in sorted(_parameters(charlie, route, address)):
            for kind in KINDS.get(parameter, ("image",)):
                answers = []
                for values in (kinds, nothing):
                    response = charlie.get(f"{address}?{urlencode({parameter: values[kind]})}")
                    assert response.status_code < 500 or response.status_code == 502  # a registry that is not there
                    answers.append((response.status_code, _without(lasting(response), {kind: values[kind]})))
                told = f"{address}?{parameter}={kinds[kind]}"
                assert answers[0][0] == answers[1][0], told
                assert not difference(answers[0][1], answers[1][1]), told


KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("format", "page", "page_size", "since", "until", "sort", "view", "semantic", "scale"), ()),
    **dict.fromkeys(("a", "b", "image", "having", "host", "keep"), ("image",)),
    **dict.fromkeys(("at", "from", "base", "to", "q", "layer", "digest"), ("image", "layer", "name")),
    "team": ("team",),
    "repository": ("name",),
    "tag": ("name",),
}
"""What is tried in a parameter; the ID of an image in one that is not named here."""


def _parameters(client: Client, route: Route, address: str) -> set[str]:
    """What the page asks for, and what the API's description says."""
    with recorded_parameters() as names:
        body(client.get(address))
    if route.is_api:
        document = client.get("/api/v1/openapi.json").json()
        for path, operations in document["paths"].items():
            if [part for part in path.split("/") if "{" not in part] == [
                part for part in route.template.split("/") if "<" not in part
            ]:
                names |= {each["name"] for each in operations.get("get", {}).get("parameters", [])}
    return names - set(route.places)


def _pages(client: Client, values: Mapping[str, str]) -> Iterator[tuple[str, tuple[int, bytes]]]:
    """Every page that GET gives, and its twins."""
    for route in readable():
        for twin in ("", "?format=json", "?format=csv"):
            address = route.at(values) + twin
            response = client.get(address)
            yield address, (response.status_code, lasting(response))


def _without(page: bytes, values: Mapping[str, str]) -> bytes:
    """The page without what was asked for, which it may repeat."""
    for value in sorted(values.values(), key=len, reverse=True):
        kind, _, digits = value.rpartition(":")
        if kind:  # a heading may have a digest's beginning
            written = rf"(?:{kind}(?::|%3A|%253A))?{digits[:12]}[0-9a-f]*"
            page = re.sub(written.encode(), b"*", page)
        elif len(value) > 5:
            for written in (value, quote(value), quote(value, safe="")):
                page = page.replace(written.encode(), b"*")
    return page


def test_the_panel_is_for_administrators(charlie: Client) -> None:
    for address in admin_routes():
        for method in ("GET", "POST"):
            response = charlie.generic(method, address)
            told = f"{method} {address}: {response.status_code}"
            assert response.status_code in {302, 404} or address.endswith(("/login/", "/logout/", "/jsi18n/")), told
