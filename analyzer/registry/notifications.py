"""What a webhook tells: the tags that were pushed. Docker distribution's form, Harbor's, Docker Hub's, a plain one.

- distribution: `{"events": [{"action": "push", "target": {"repository": "team/app", "tag": "1"}}]}`
- Harbor: `{"type": "PUSH_ARTIFACT", "event_data": {"repository": {"repo_full_name": …}, "resources": [{"tag": …}]}}`
- Docker Hub: `{"push_data": {"tag": "1"}, "repository": {"repo_name": "team/app"}}`
- plain: `{"repository": "team/app", "tag": "1"}`, or `{"reference": "registry.example.org/team/app:1"}`
"""

from collections.abc import Iterator, Mapping
from typing import Any

from analyzer.oci.jsondoc import DocumentError
from analyzer.oci.reference import DEFAULT_REGISTRY, InvalidReference, parse_reference

MOST_EVENTS = 1_000
HARBOR_PUSHES = ("PUSH_ARTIFACT", "pushImage", "REPLICATION")
Pair = tuple[str, str]
"""Repository and tag."""


def pushed(document: Any, host: str) -> list[Pair]:
    """The tags of the registry `host` that a notification says were pushed; other events are passed over.

    Raises DocumentError where it is of none of these forms.
    """
    if not isinstance(document, dict):
        raise DocumentError("it is no object")
    if isinstance(document.get("events"), list):
        found = _distribution(document["events"])
    elif "event_data" in document:
        found = _harbor(document)
    elif "push_data" in document:
        repository = _object(document.get("repository")).get("repo_name")
        found = iter([(repository, _object(document["push_data"]).get("tag"))])
    elif "reference" in document:
        found = _reference(document["reference"], host)
    elif "repository" in document:
        found = iter([(document["repository"], document.get("tag", "latest"))])
    else:
        raise DocumentError("it has none of events, event_data, push_data, reference and repository")
    return list(dict.fromkeys(_valid(found, host)))[:MOST_EVENTS]


def _distribution(events: list[Any]) -> Iterator[tuple[Any, Any]]:
    for event in events:
        target = _object(_object(event).get("target"))
        if _object(event).get("action") == "push" and target.get("tag"):
            yield target.get("repository"), target["tag"]


def _harbor(document: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    data = _object(document["event_data"])
    resources = data.get("resources")
    if document.get("type") in HARBOR_PUSHES and isinstance(resources, list):
        for resource in resources:
            yield _object(data.get("repository")).get("repo_full_name"), _object(resource).get("tag")


def _reference(text: Any, host: str) -> Iterator[tuple[Any, Any]]:
    try:
        found = parse_reference(text if isinstance(text, str) else "")
    except InvalidReference as invalid:
        raise DocumentError(str(invalid)) from None
    if found.registry == host and found.tag:
        yield found.repository, found.tag


def _valid(found: Iterator[tuple[Any, Any]], host: str) -> Iterator[Pair]:
    for repository, tag in found:
        if not isinstance(repository, str) or not isinstance(tag, str):
            continue
        try:
            reference = parse_reference(f"{host}/{repository}:{tag}")
        except InvalidReference:
            continue
        if reference.tag == tag and (reference.repository == repository or host == DEFAULT_REGISTRY):
            yield reference.repository, tag


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
