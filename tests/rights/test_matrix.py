"""Every cell of the table of rights is asked for; one set-up of the database for all of them."""

import re
from collections.abc import Iterator
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db import transaction
from django.db.models import Model
from django.http.response import HttpResponseBase
from django.test import Client

from analyzer.models import (
    ApiToken,
    Badge,
    GateRun,
    Holding,
    Job,
    Membership,
    Reference,
    Registry,
    Retention,
    RetentionRule,
    RetentionRun,
    Role,
    Team,
    Upload,
    Watch,
    Webhook,
    WebhookDelivery,
)
from tests.cast import Cast
from tests.forgetting import forget
from tests.rights.document import PATH, document
from tests.rights.requests import ask, repeats
from tests.rights.table import LOGIN, NO, OPERATIONS, PEOPLE, SECRET, SEE, TABLE, YES, addresses
from tests.rights.things import MINE, SECRETS, WORDS, held
from tests.routes import body

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SAFE = {"GET", "HEAD", "OPTIONS"}
REFUSED = {401, 403, 404, 405}
THINGS_OF_TEAMS: tuple[type[Model], ...] = (
    Holding,
    Reference,
    Job,
    Upload,
    Registry,
    Retention,
    RetentionRule,
    RetentionRun,
    Watch,
    Webhook,
    WebhookDelivery,
    Membership,
    ApiToken,
    Badge,
    GateRun,
)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The cast with a viewer, an image and what goes with it in each team, and a browser for each person."""
    folder: Path = tmp_path_factory.mktemp("rights")
    with django_db_blocker.unblock(), transaction.atomic():
        cast = Cast.create()
        viewer = cast.join("vera", Role.VIEWER)
        held(folder, MINE, cast.other_team, cast.charlie, MINE.id)
        alices = held(folder, SECRETS, cast.team, cast.alice, SECRETS.id)
        second = Team.objects.create(name="Her second", slug="alices-second")
        Membership.objects.create(team=second, user=cast.alice, role=Role.OWNER)
        people = (cast.alice, cast.bob, viewer, cast.charlie)
        clients = [cast.client(user) for user in people] + [Client()]
        yield SimpleNamespace(cast=cast, alices=alices, clients=dict(zip(PEOPLE, clients, strict=True)))
        transaction.set_rollback(True)


def asked(client: Client, method: str, address: str, things: dict[str, str]) -> HttpResponseBase:
    """The answer; whatever it changed is as before."""
    cookies = SimpleCookie(client.cookies)
    with transaction.atomic():
        response = ask(client, method, address, things)
        body(response)
        transaction.set_rollback(True)
    if method not in SAFE:
        client.cookies = cookies
        forget()
    return response


def cell(response: HttpResponseBase) -> str:
    """The answer as the table says it; a refusal of another kind as its status."""
    status = response.status_code
    if status == 401 or (status == 302 and response["Location"].startswith("/accounts/login/?next=")):
        return LOGIN
    if status == 404:
        return NO
    reached = status < 500 or status == 502  # 502: a registry that is not there was asked
    return YES if reached and status not in REFUSED else str(status)


def told(method: str, address: str, page: bytes) -> bool:
    """Whether the answer has a word of Alice's that was not in the question."""
    return any(word in page and not repeats(method, address, word) for word in WORDS)


def test_every_address_and_operation_is_in_the_table() -> None:
    there = addresses()
    assert sorted(there) == sorted(TABLE), "a line in tests/rights/table.py is missing, or one too many"
    for address, methods in there.items():
        if address in OPERATIONS and methods:
            assert methods == set(TABLE[address]), address


def test_the_document_says_what_the_table_says() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), "write it anew: python -m tests.rights"


def test_every_cell_is_as_the_table_says(world: Any) -> None:
    wrong = []
    for address, methods in TABLE.items():
        for method, right in methods.items():
            for person, expected in zip(PEOPLE, right.cells, strict=True):
                response = asked(world.clients[person], method, address, world.alices)
                if cell(response) != expected:
                    wrong.append(f"{method} {address}: {person} gets {response.status_code}, not {expected}")
                elif person in PEOPLE[3:] and told(method, address, body(response)):
                    wrong.append(f"{method} {address}: {person} is told of it")
    assert not wrong, "\n".join(wrong)


def test_who_may_not_changes_nothing_of_a_team(world: Any) -> None:
    """Also where the answer is no refusal, such as a form that is shown again."""
    for address, methods in TABLE.items():
        for method in set(methods) - SAFE:
            for person in PEOPLE[2:]:
                if methods[method] is SEE:  # leaving
                    continue
                before = footprint(world.cast)
                cookies = SimpleCookie(world.clients[person].cookies)
                with transaction.atomic():
                    ask(world.clients[person], method, address, world.alices)
                    after = footprint(world.cast)
                    transaction.set_rollback(True)
                world.clients[person].cookies = cookies
                assert after == before, f"{method} {address} by {person}"


def footprint(cast: Cast) -> dict[str, list[Any]]:
    """The rows of Alice's team and of Alice, of every kind."""
    whose: dict[str, dict[str, Any]] = {
        "Watch": {"registry__team": cast.team},
        "ApiToken": {"name__startswith": cast.team.slug},
    }
    whose["WebhookDelivery"] = {"webhook__team": cast.team}
    rows = {
        kind.__name__: kind._default_manager.filter(**whose.get(kind.__name__, {"team": cast.team}))
        for kind in THINGS_OF_TEAMS
    }
    return {name: list(found.order_by("pk").values()) for name, found in rows.items()}


def test_whoever_follows_every_link_finds_nothing_of_another_teams(world: Any) -> None:
    """Also the parts that pages ask for later, the twins, and each address that stands in an answer of the API."""
    charlie, to_visit, seen = world.clients["another team"], ["/", "/api/v1/images/", "/api/v1/jobs/"], set()
    names = [*WORDS, *(value[7:19].encode() for value in (SECRETS.id, *(each.diff_id for each in SECRETS.layers[1:])))]
    while to_visit:
        address = to_visit.pop().partition("#")[0]
        kind = re.sub(r"sha256:[0-9a-f]{64}|[0-9a-f-]{36}|=[^&]*", "*", address)
        if kind in seen or not address.startswith("/") or address.startswith(("/static/", "/admin/")):
            continue
        seen.add(kind)
        response = charlie.get(address)
        page = body(response)
        assert response.status_code < 500 or response.status_code == 502, address
        assert not any(name in page for name in names), address
        links = re.findall(rb'(?:href|hx-get)="([^"]+)"|"url": "([^"]+)"', page)
        to_visit += [urljoin(address, unescape((one or other).decode())) for one, other in links]
    assert len(seen) > 100


def test_every_form_asks_for_the_token_that_only_our_pages_have(world: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = SimpleCookie(world.clients["owner"].cookies)
    for address, methods in TABLE.items():
        for method in set(methods) - SAFE:
            if methods[method] is SECRET:
                continue
            response = asked(client, method, address, world.alices)
            assert response.status_code == 403, f"{method} {address}: {response.status_code}"
