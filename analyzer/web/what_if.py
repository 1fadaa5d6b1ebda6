"""What if: what deleting, pulling and moving images would change. Works without a script; an answer has an address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from analyzer.selectors.calling import Names
from analyzer.selectors.scope import ScopeImage
from analyzer.web import what_if_delete, what_if_pull, what_if_rebase
from analyzer.web.reuse_frame import frame
from analyzer.web.twins import twin, wanted
from analyzer.web.what_if_answer import Answer, Asked
from analyzer.web.what_if_query import ASKS, Question

MOST_OFFERED = 400  # names that the fields offer while one types
MOST_LINKS = 12  # chosen images that have a link each, whose address names all the others; of more each has a box

ANSWERS: Mapping[str, Callable[[Asked], Answer]] = {
    "delete": what_if_delete.deleting,
    "room": what_if_delete.making_room,
    "pull": what_if_pull.pulling,
    "rebase": what_if_rebase.moving,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """An image of the question, and the address of the question without it."""

    image: ScopeImage
    name: str
    without: str


@login_required
def what_if(request: HttpRequest) -> HttpResponse:
    """The question of the address with its answer. Its twins are 404 where a name in it means no image."""
    framed = frame(request)
    names = Names(framed.everything)
    question = Question.of(request.GET)
    images, refused = names.images(question.images)
    question = question.called([names.name(image) for image in images])
    asked = Asked(request.user, framed, names, question, images)
    answer = ANSWERS[question.ask](asked)
    if wanted(request):
        if refused or answer.refused:
            raise Http404
        return _twin(request, answer)
    scope = framed.query.parameters
    few = len(images) <= MOST_LINKS
    chosen = [
        Chosen(image, name, _without(question, name, scope) if few else "")
        for image, name in zip(images, question.images, strict=True)
    ]
    context: dict[str, Any] = {
        "asks": [
            (words, Question(ask=ask, images=_kept(question, ask)).address(scope), ask == question.ask)
            for ask, words in ASKS.items()
        ],
        "question": question,
        "chosen": chosen,
        "refused": [*refused, *answer.refused],
        "offered": sorted({names.name(image) for image in list(framed.scope.images.values())[:MOST_OFFERED]}),
        "few": few,
        "hidden": [*scope.items(), *(question if few else replace(question, images=())).parameters],
        "scope_hidden": scope.items(),
        "none_chosen": replace(question, images=()).address(scope),
        "answer_template": answer.template,
    }
    return render(request, "analyzer/what_if.html", {**framed.context, **context, **answer.context})


def _without(question: Question, name: str, scope: Mapping[str, str]) -> str:
    return question.address(scope, images=tuple(other for other in question.images if other != name))


def _kept(question: Question, ask: str) -> tuple[str, ...]:
    """What was chosen to delete is not what a host has: the names go along only where they mean the same."""
    return question.images if ask == question.ask else ()


def _twin(request: HttpRequest, answer: Answer) -> HttpResponse:
    """The table that `?part=` names; without it the whole as JSON (CSV: the first table). Raises Http404."""
    part = request.GET.get("part", "")
    if not part and wanted(request) == "json":
        return JsonResponse(answer.document, json_dumps_params={"ensure_ascii": False})
    name = part or next(iter(answer.tables))
    if name not in answer.tables:
        raise Http404
    rows, columns = answer.tables[name]
    return twin(request, name, rows, columns)


urlpatterns = [path("reuse/what-if/", what_if, name="reuse-what-if")]
