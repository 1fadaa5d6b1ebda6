"""The API answers as its document says, whatever it is asked: requests made from the document, run in this process."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi

from analyzer.services.tokens import issue_token
from tests.cast import Cast
from tests.rights.things import SECRETS, held

CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.allow_header_conformance,
]
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
MODES = {"valid": GenerationMode.POSITIVE, "invalid": GenerationMode.NEGATIVE}


@pytest.fixture
def there(cast: Cast, tmp_path: Path) -> dict[str, str]:
    """What may stand in an address or a parameter and is there, by its name."""
    things = held(tmp_path, SECRETS, cast.team, cast.alice, SECRETS.id)
    image = things["ref"]
    return things | {"image": image, "a": image, "b": image, "onto": image, "having": image, "against": image}


@pytest.fixture
def bearer(cast: Cast) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(cast.alice, 'conformance')[1]}"}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests leave the test's connection open, as they do for Django's own client."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    found: Any
    for found in schema.get_all_operations():
        yield found.ok()


def wrong_answers(there: dict[str, str], bearer: dict[str, str], examples: int) -> list[str]:
    """What isn't as the document says, a line for each operation and kind of request that shows it."""
    wrong = []
    for operation in operations():
        for kind, mode in MODES.items():
            try:
                _ask(operation, mode, there, bearer, examples)
            except Unsatisfiable:  # nothing that is sent there can be wrong
                assert mode is GenerationMode.NEGATIVE, operation.label
            except FailureGroup as failures:
                wrong += [
                    f"{operation.method.upper()} {operation.path}, {kind}: {each}" for each in failures.exceptions
                ]
    return wrong


def _ask(operation: Any, mode: GenerationMode, there: dict[str, str], bearer: dict[str, str], examples: int) -> None:
    @seed(int(hashlib.sha256(operation.label.encode()).hexdigest(), 16))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.sets(st.sampled_from(sorted(there))))
    def asked(case: Any, known: set[str]) -> None:
        for given_in in (case.path_parameters, case.query):
            if isinstance(given_in, dict):
                given_in.update({name: there[name] for name in given_in.keys() & known})
        with transaction.atomic():  # each finds the site as it was
            case.call_and_validate(headers=bearer, checks=CHECKS)
            transaction.set_rollback(True)

    asked()


def test_every_operation_answers_as_its_document_says(there: dict[str, str], bearer: dict[str, str]) -> None:
    wrong = wrong_answers(there, bearer, examples=2)
    assert not wrong, "\n".join(wrong)


@pytest.mark.acceptance
def test_so_it_does_for_many_more_requests(there: dict[str, str], bearer: dict[str, str]) -> None:
    wrong = wrong_answers(there, bearer, examples=100)
    assert not wrong, "\n".join(wrong)
