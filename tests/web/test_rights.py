"""Every address there is, also one that is made tomorrow: who may not see a thing can't tell it from none."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.core.cache import cache
from django.test import Client

from analyzer.models import ApiToken, Image, Job, Registry, Upload, Watch
from analyzer.oci.digest import digest_of
from analyzer.selectors import scope_rows
from tests.cast import Cast
from tests.rights.things import MINE, SECRETS, WORDS, held, unknown
from tests.routes import Route, admin_routes, body, difference, lasting, recorded_parameters, routes

pytestmark = pytest.mark.once

# tests/layersite, tests/api and tests/web/test_watches.py say how.
OPEN = {"login", "logout", "healthz", "readyz", "metrics", "openapi", "api-docs", "badge"}
OPEN |= {"registry-hook-in", "registry-hook-in-secret"}
# tests/web/test_invitations.py, test_share.py, test_password_reset.py and test_oidc.py say of these.
OPEN |= {"invitation", "shared", "oidc", "oidc-callback", "password-reset", "password-reset-sent"}
OPEN |= {"password-reset-confirm", "password-reset-done"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture
def charlies(cast: Cast, tmp_path: Path) -> dict[str, str]:
    return held(tmp_path, MINE, cast.other_team, cast.charlie, MINE.id)


@pytest.fixture
def alices(charlies: dict[str, str], cast: Cast, tmp_path: Path) -> dict[str, str]:
    return held(tmp_path, SECRETS, cast.team, cast.alice, SECRETS.id)


@pytest.fixture
def charlie(cast: Cast) -> Client:
    return cast.client(cast.charlie)


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
            for written in (value, quote(value), quote(value, safe=""), quote(quote(value, safe=""), safe="")):
                page = page.replace(written.encode(), b"*")
    return page


def test_the_panel_is_for_administrators(charlie: Client) -> None:
    for address in admin_routes():
        for method in ("GET", "POST"):
            response = charlie.generic(method, address)
            told = f"{method} {address}: {response.status_code}"
            assert response.status_code in {302, 404} or address.endswith(("/login/", "/logout/", "/jsi18n/")), told
