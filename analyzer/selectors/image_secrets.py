"""Files of an image that look like secrets, with whether a container sees them: hidden ones can still be taken out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analyzer.models import Image, Layer, LayerSecret, SecretSearch
from analyzer.oci.findings import Finding, Severity
from analyzer.selectors.image_archives import Problem
from analyzer.selectors.image_file import stack_of_image
from analyzer.selectors.listings import merged_of

Document = dict[str, Any]

CODE = "secret-file"
VISIBLE, HIDDEN = "visible", "hidden"


@dataclass(frozen=True, slots=True)
class Searched:
    """How far a layer was searched. `kept`: its bytes were there. `unread`: small files that were not read."""

    kept: bool
    unread: int


@dataclass(frozen=True, slots=True)
class Secret:
    index: int  # of the layer, bottom first
    ordinal: int
    path: str
    rule: str
    source: str  # name or content
    state: str = ""  # visible or hidden, where it is known
    raw: bytes | None = None  # the path byte for byte, where its listing was opened


@dataclass(frozen=True, slots=True)
class Secrets:
    rows: tuple[Secret, ...]
    searched: Mapping[int, Searched]  # by index of the layer
    waiting: int  # layers that are known and were not searched yet

    @property
    def by_name_alone(self) -> list[int]:
        """Layers whose bytes were not kept."""
        return [index for index, each in self.searched.items() if not each.kept]

    @property
    def unread(self) -> int:
        return sum(each.unread for each in self.searched.values() if each.kept)

    def beside(self, problems: Sequence[Problem]) -> list[Problem]:
        """The findings of an archive, with these for those that it told by name alone of the same layers."""
        others = [each for each in problems if each.code != CODE or each.layer not in self.searched]
        found = [*others, *map(problem, self.rows)]
        return sorted(found, key=lambda each: (_ORDER.get(each.severity, 3), each.layer or 0))


_ORDER = {"error": 0, "warning": 1, "info": 2}


def secrets_of(image: Image) -> Secrets:
    """What was found in the image's layers. Two queries; whether each is visible: see `with_states`."""
    layers = image.image_layers.filter(layer__isnull=False).order_by("index")
    searched, waiting = {}, 0
    fields = ("index", "layer__secret_search__kept", "layer__secret_search__unread")
    for index, kept, unread in layers.values_list(*fields):
        if kept is None:
            waiting += 1
        else:
            searched[index] = Searched(kept, unread)
    found = LayerSecret.objects.filter(layer__image_layers__image=image).values_list(
        "layer__image_layers__index", "ordinal", "path", "rule", "source"
    )
    return Secrets(
        tuple(sorted((Secret(*row) for row in found), key=lambda row: (row.index, row.path))), searched, waiting
    )


def with_states(image: Image, secrets: Secrets) -> Secrets:
    """With whether the merged view shows each. No query where there is none; else those of the merged view."""
    if not secrets.rows:
        return secrets
    stack = stack_of_image(image)
    if not stack.chains:
        return secrets
    merged = merged_of(stack.chains[-1])
    rows = []
    for row in secrets.rows:
        if row.index < len(stack.listings):
            path = stack.listings[row.index].paths[row.ordinal]
            at = merged.ordinal(path)
            shown = at is not None and merged.layers[at] == row.index and merged.ordinals[at] == row.ordinal
            row = replace(row, state=VISIBLE if shown else HIDDEN, raw=path)
        rows.append(row)
    return replace(secrets, rows=tuple(rows))


def documents_beside(image: Image, secrets: Secrets, findings: Sequence[Document]) -> list[Document]:
    """Findings of archives about the image, as documents, with these for those told by name alone."""
    others = [each for each in findings if each["code"] != CODE or each["layer"] not in secrets.searched]
    return [*others, *(_document(image, row) for row in secrets.rows)]


def search_document(secrets: Secrets) -> Document:
    """How far the image's layers were searched."""
    return {"waiting": secrets.waiting, "by_name_alone": secrets.by_name_alone, "unread_files": secrets.unread}


def _document(image: Image, row: Secret) -> Document:
    told = problem(row)
    path = row.path.encode() if row.raw is None else row.raw
    finding = Finding(CODE, Severity.WARNING, told.detail, image_id=image.image_id, layer=row.index, path=path)
    return {**finding.as_json(), "rule": row.rule, "state": row.state or None}


def layer_findings(layer: Layer) -> list[Document]:
    """The findings of a layer itself, as documents. Two queries."""
    searched = SecretSearch.objects.filter(layer=layer).first()
    if searched is None:
        return list(layer.findings)
    found = [each for each in layer.findings if each["code"] != CODE]
    more = {"image_id": None, "severity": "warning", "code": CODE, "layer": None}
    return found + [
        {**more, "path": row.path, "detail": detail_of(row.rule, row.source), "rule": row.rule}
        for row in layer.secrets.order_by("path")
    ]


def problem(secret: Secret) -> Problem:
    """It as a finding."""
    told = {VISIBLE: " A container sees it.", HIDDEN: f" A later layer hides it; it is still in layer {secret.index}."}
    detail = detail_of(secret.rule, secret.source) + told.get(secret.state, "")
    return Problem("warning", CODE, secret.index, secret.path, detail, secret.raw, secret.rule, secret.state)


def detail_of(rule: str, source: str) -> str:
    """Which rule matched, and what."""
    return (
        f"What it holds matches: {rule}." if source == "content" else f"Its name says: {rule}. Its bytes were not read."
    )
