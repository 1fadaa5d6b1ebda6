"""The OpenAPI document, and a page that shows it: server-rendered, so that it works under the strict CSP."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from analyzer.api.site import schema
from analyzer.templatetags.layersite import prose

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    where: str
    required: bool
    kind: str
    description: SafeString


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    description: str
    shape: str  # name of a schema, "" for none
    many: bool
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: tuple[Parameter, ...]
    body: str  # media type of what is sent, "" for nothing
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    description: SafeString
    fields: tuple[Parameter, ...]


def openapi_json(request: HttpRequest) -> HttpResponse:
    """The document for programs. It tells nothing of what is stored, so anyone may read it."""
    return JsonResponse(schema())


def page(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    document = schema()
    groups: dict[str, list[Operation]] = {}
    for tag, operation in _operations(document):
        groups.setdefault(tag, []).append(operation)
    shapes = [
        Shape(_words(name), prose(described.get("description", "")), tuple(_fields(described)))
        for name, described in sorted(document["components"]["schemas"].items())
    ]
    context = {
        "info": document["info"],
        "lead": prose(document["info"]["description"]),
        "groups": groups.items(),
        "shapes": shapes,
    }
    return render(request, "analyzer/api_docs.html", context)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if (told := methods.get(method)) is None:
                continue
            yield (
                told["tags"][0],
                Operation(
                    anchor=told["operationId"].rpartition("api_")[2].replace("_", "-"),
                    method=method.upper(),
                    path=path,
                    summary=told["summary"],
                    description=prose(told.get("description", "")),
                    parameters=tuple(_parameter(each) for each in told["parameters"]),
                    body=next(iter(told.get("requestBody", {}).get("content", {})), ""),
                    answers=tuple(_answer(status, each) for status, each in told["responses"].items()),
                ),
            )


def _parameter(told: dict[str, Any]) -> Parameter:
    described = told["schema"]
    text = prose(told.get("description") or described.get("description", ""))
    return Parameter(told["name"], told["in"], told.get("required", False), _kind(described), text)


def _answer(status: Any, told: dict[str, Any]) -> Answer:
    content: dict[str, Any] = next(iter(told.get("content", {}).values()), {})
    described = content.get("schema", {})
    many = described.get("type") == "array"
    shape = described.get("items", described).get("$ref", "")
    headers = tuple((name, each["description"]) for name, each in told.get("headers", {}).items())
    return Answer(str(status), told["description"], _words(shape.rpartition("/")[2]), many, headers)


def _fields(described: dict[str, Any]) -> Iterator[Parameter]:
    required = set(described.get("required", ()))
    for name, each in described.get("properties", {}).items():
        yield Parameter(name, "", name in required, _kind(each), prose(each.get("description", "")))


def _kind(described: dict[str, Any]) -> str:
    """A schema in a few words: "integer or null", "list of Finding"."""
    if "anyOf" in described:
        return " or ".join(_kind(each) for each in described["anyOf"])
    if "allOf" in described:
        return _kind(described["allOf"][0])
    if "$ref" in described:
        return _words(described["$ref"].rpartition("/")[2])
    if "enum" in described:
        return ", ".join(str(each) for each in described["enum"])
    if described.get("type") == "array":
        return f"list of {_kind(described.get('items', {}))}"
    if isinstance(inner := described.get("additionalProperties"), dict):
        return f"object of {_kind(inner)}"
    return str(described.get("type", "any"))


def _words(name: str) -> str:
    """The name of a schema as people read it: `Page_JobSummary_` is a page of JobSummary."""
    head, _, inner = name.partition("_")
    return f"{head} of {inner.rstrip('_')}" if inner else name.removesuffix("Out")
