"""The OpenAPI document, and the page that shows it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from ninja import Schema

from tests.cast import Cast


@pytest.fixture
def document(db: None) -> Any:
    return Client().get("/api/v1/openapi.json").json()


def test_every_operation_of_the_interface_is_described(document: Any) -> None:
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    for method, path in (
        ("post", "/api/v1/uploads/"),
        ("put", "/api/v1/uploads/"),
        ("patch", "/api/v1/uploads/{upload_id}/"),
        ("head", "/api/v1/uploads/{upload_id}/"),
        ("delete", "/api/v1/uploads/{upload_id}/"),
        ("get", "/api/v1/jobs/"),
        ("get", "/api/v1/jobs/{job_id}/"),
        ("post", "/api/v1/jobs/{job_id}/cancel/"),
        ("post", "/api/v1/jobs/{job_id}/retry/"),
        ("get", "/api/v1/images/"),
        ("get", "/api/v1/images/{ref}/"),
        ("delete", "/api/v1/images/{ref}/"),
        ("get", "/api/v1/images/{ref}/merged/"),
        ("get", "/api/v1/layers/{diff_id}/"),
        ("get", "/api/v1/layers/{diff_id}/entries/"),
    ):
        assert (method, path) in described


def test_the_document_carries_the_sites_version_and_its_ways_to_log_in(document: Any) -> None:
    assert document["openapi"].startswith("3.")
    assert document["info"]["version"] == settings.VERSION
    assert {each["type"] for each in document["components"]["securitySchemes"].values()} == {"http", "apiKey"}


def test_every_operation_may_answer_with_a_problem_document(document: Any) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_every_reference_of_the_document_leads_somewhere(document: Any) -> None:
    for name in re.findall(r"#/components/schemas/(\w+)", str(document)):
        assert name in document["components"]["schemas"]


def test_every_operation_has_its_own_name(document: Any) -> None:
    names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(names) == len(set(names))


def test_the_page_shows_every_operation_and_every_shape_without_a_script_of_its_own(document: Any) -> None:
    response = Client().get("/api/v1/docs/")
    text = response.content.decode()
    assert response.status_code == 200
    for methods in document["paths"].values():
        for each in methods.values():
            assert each["summary"] in text
    assert set(re.findall(r'href="#(shape-[\w-]+)"', text)) <= set(re.findall(r'id="(shape-[\w-]+)"', text))
    assert re.findall(r"<script(?![^>]* src=)", text) == []


def test_the_page_is_there_for_who_is_logged_in_too(cast: Cast) -> None:
    assert "/tokens/" in cast.client(cast.alice).get("/api/v1/docs/").content.decode()


def test_no_two_shapes_share_a_name() -> None:
    """The document has one shape a name: of two the second would stand for both."""
    shapes: dict[str, set[str]] = {}
    for shape in _below(Schema):
        if shape.__module__.startswith("analyzer.api."):
            shapes.setdefault(shape.__name__, set()).add(shape.__module__)
    assert {name: modules for name, modules in shapes.items() if len(modules) > 1} == {}


def _below(shape: type) -> Iterator[type]:
    each: type
    for each in shape.__subclasses__():
        yield each
        yield from _below(each)
