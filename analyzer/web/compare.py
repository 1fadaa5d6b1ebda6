"""Compare: two images side by side, or an image and the one that its tag pointed at before."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from analyzer.selectors import compare_words as words
from analyzer.selectors.compare import Comparison, comparison
from analyzer.selectors.compare_document import (
    comparison_document,
    config_document,
    file_documents,
    layer_document,
    part_document,
    step_document,
)
from analyzer.selectors.compare_files import Asked, Files, files_of
from analyzer.selectors.lookup import NoSuchImage, image_named
from analyzer.selectors.pushes import Push, push_before
from analyzer.sharing.alignment import Relation
from analyzer.web import rawquery
from analyzer.web.compare_files_context import asked_of, files_context, folder_context
from analyzer.web.compare_twins import COLUMNS, flat_layer
from analyzer.web.twins import twin, wanted

MOST_ROWS = 60  # of a table of the page; its twins have all
NO_PUSH = "No reference moved to this image from one that is still here: name the image to compare it with."


@dataclass(frozen=True, slots=True)
class Question:
    """The two images that an address names, as it names them; `push` where the first is found by the second."""

    first: str
    second: str
    semantic: bool
    push: Push | None = None
    refused: str = ""


@login_required
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The comparison; a form where the address names no two images, and says why where it names what isn't there.

    `image` is the `ref` of an image that was chosen in a table, as often as there are some.
    """
    if chosen := request.GET.getlist("image"):
        return redirect(_address_of(chosen))
    question = Question(
        request.GET.get("a", "").strip(), request.GET.get("b", "").strip(), bool(request.GET.get("semantic"))
    )
    if not question.second and not question.first:
        return _form(request, question)
    try:
        compared, question = compared_by(request, question)
    except NoSuchImage as error:
        if wanted(request):
            raise Http404 from error
        return _form(request, question, str(error), status=404)
    if compared is None:
        return _form(request, question)
    asked = asked_of(request)
    files = files_of(compared)
    if wanted(request):
        return _twin(request, compared, files, asked)
    newest_first = compared.layers[::-1]
    context: dict[str, Any] = {
        "compared": compared,
        "question": question,
        "title": words.title(compared),
        "layers_title": words.layers_title(compared),
        "pairs": [
            (pair, words.kinship_words(pair.kinship) if pair.kinship else "") for pair in newest_first[:MOST_ROWS]
        ],
        "pairs_more": len(newest_first) - MOST_ROWS,
        "config": compared.config[:MOST_ROWS],
        "config_more": len(compared.config) - MOST_ROWS,
        "history": compared.history[:MOST_ROWS],
        "history_more": len(compared.history) - MOST_ROWS,
        "files_title": words.files_title(compared),
        "config_title": words.config_title(compared),
        "history_title": words.history_title(compared),
        "swapped": _address(compared.second.ref, compared.first.ref, semantic=question.semantic),
        "strict": _address(compared.first.ref, compared.second.ref),
        "semantic": _address(compared.first.ref, compared.second.ref, semantic=True),
        "grown": _grown(compared),
        "common": {
            "chains": compared.bytes_of(Relation.SAME),
            "layers": compared.bytes_of(Relation.SAME, Relation.MOVED),
        },
    }
    if files is not None:
        context |= files_context(request, files, asked) | folder_context(request, files, asked)
    return render(request, "analyzer/compare.html", context)


def compared_by(request: HttpRequest, question: Question) -> tuple[Comparison | None, Question]:
    """The comparison that is asked for; None if one image is not named, nor found. Raises NoSuchImage."""
    if not question.second:
        image_named(question.first, request.user)
        return None, question
    second = image_named(question.second, request.user)
    push = None
    if question.first:
        first = image_named(question.first, request.user)
    else:
        push = push_before(request.user, second)
        if push is None:
            return None, replace(question, refused=NO_PUSH)
        first = push.image
    compared = comparison(request.user, first, second, semantic=question.semantic)
    return compared, replace(question, first=push.ref if push else question.first, push=push)


def _form(request: HttpRequest, question: Question, refused: str = "", status: int = 200) -> HttpResponse:
    context = {"question": question, "refused": refused or question.refused}
    return render(request, "analyzer/compare_form.html", context, status=status)


def _twin(request: HttpRequest, compared: Comparison, files: Files | None, asked: Asked) -> HttpResponse:
    """The table that `part` names; without it the whole, with the files that are asked for (CSV: the files)."""
    part = request.GET.get("part", "")
    picked = file_documents(files, files.picked(asked)) if files is not None else []
    if not part and wanted(request) == "json":
        return JsonResponse(comparison_document(compared, picked), json_dumps_params={"ensure_ascii": False})
    match part or "files":
        case "files":
            rows = picked
        case "folders":
            rows = [part_document(part) for part in files.parts(asked.at)] if files is not None else []
        case "layers":
            rows = [layer_document(pair) for pair in compared.layers]
            rows = [flat_layer(row) for row in rows] if wanted(request) == "csv" else rows
        case "config":
            rows = [config_document(change) for change in compared.config]
        case "history":
            rows = [step_document(pair) for pair in compared.history]
        case _:
            raise Http404
    name = part or "files"
    return twin(request, name, rows, COLUMNS[name])


def _grown(compared: Comparison) -> int | None:
    sizes = compared.first.image.size, compared.second.image.size
    return None if sizes[0] is None or sizes[1] is None else sizes[1] - sizes[0]


def _address_of(chosen: list[str]) -> str:
    """Where images that were ticked in a table are compared: one waits for a second; beyond two it is their layers."""
    if len(chosen) > 2:
        return f"{reverse('reuse-compare')}?{rawquery.encode([('image', ref) for ref in chosen])}"
    return _address(*chosen) if len(chosen) == 2 else f"{reverse('compare')}?{rawquery.encode([('a', chosen[0])])}"


def _address(first: str, second: str, *, semantic: bool = False) -> str:
    parameters: list[tuple[str, str | bytes]] = [("a", first), ("b", second)]
    return f"{reverse('compare')}?{rawquery.encode([*parameters, *([('semantic', '1')] if semantic else [])])}"


urlpatterns = [path("compare/", compare, name="compare")]
