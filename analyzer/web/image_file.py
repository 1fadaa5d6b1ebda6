"""One path of an image: its blame, its bytes, what differs between two versions, and where its content is else."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from analyzer.archive.unreadable import Damaged
from analyzer.filetree.entry import Kind
from analyzer.models import Image
from analyzer.selectors.access import image_for
from analyzer.selectors.file_diff import FileDiff, NoDiff, diff_of
from analyzer.selectors.file_text import PART_BYTES, Part, part_of
from analyzer.selectors.image_file import FileStory, file_story
from analyzer.selectors.names import name_of, references_of
from analyzer.selectors.same_content import Copy, copies_of
from analyzer.selectors.shown import shown
from analyzer.services.reading import NotKept, Reader
from analyzer.web import file_twins as twins_of
from analyzer.web import file_words as words
from analyzer.web import rawquery
from analyzer.web.file_query import FileQuery
from analyzer.web.twins import twin, wanted

ROWS = 60  # of the blame on one page


@login_required
@require_safe
def image_file(request: HttpRequest, ref: str) -> HttpResponse:
    """The page, or the twin of its blame or of the copies."""
    image = image_for(request.user, ref)
    query = FileQuery.of(request)
    story = file_story(image, query.path, query.at)
    if wanted(request):
        return _twin(request, image, story)
    reader = Reader(request.user, image, story.stack.layers)
    place = story.place
    versions = words.version_rows(story, query)
    context = {
        "image": image,
        "title": name_of(references_of(request.user, [image.pk]).get(image.pk, []), image.image_id),
        "story": story,
        "place": place,
        "sha256": place.file.sha256.hex() if place and place.file.sha256 else "",
        "here": query.address(),
        "versions": versions,
        "version_page": Paginator(versions, ROWS).get_page(request.GET.get("page")),
        "path": shown(story.path),
        "folders": words.folders(story.path, query),
        "query": query,
        "heading": words.heading(story),
        "copies": words.copy_rows(story, _copies(story), query),
        "target": words.target(story, query),
        "levels": words.levels(story, query),
    }
    context |= _addresses(image, story, query, reader) | _look(reader, story, query)
    return render(request, "analyzer/image_file.html", context)


def _addresses(image: Image, story: FileStory, query: FileQuery, reader: Reader) -> dict[str, Any]:
    """Where the bytes are, or what is below a folder."""
    asked, place = query.address(at=story.at), story.place
    if story.kind is Kind.DIR:
        inside = rawquery.encode([("at", str(story.at)), ("open", story.path)])
        return {
            "tar_address": reverse("image-tar", args=[image]) + asked,
            "inside_address": f"{reverse('image-files', args=[image])}?{inside}",
        }
    if place is None or not reader.has(place.layer):
        return {}
    return {"bytes_address": reverse("image-file-bytes", args=[image]) + asked}


def _copies(story: FileStory) -> list[Copy]:
    return copies_of(story.stack, story.sha256) if story.sha256 else []


def _look(reader: Reader, story: FileStory, query: FileQuery) -> dict[str, Any]:
    """What is shown of the bytes: a part of them, or what differs between two versions; or why not."""
    place = story.place
    if place is None:
        return {"empty": words.without_bytes(story)}
    try:
        if query.against is not None:
            return {"diff": _diff(reader, story, query), "against": query.against}
        start = min(query.start, place.file.size)
        data = reader.head(place, start, PART_BYTES)
    except (NotKept, NoDiff, Damaged) as error:
        return {"refusal": str(error)}
    except OSError:
        return {"refusal": "The stored bytes of this layer can't be read."}
    part = part_of(data, place.file.size, start, query.line if start else 1, query.encoding)
    return {
        "part": part,
        "part_words": words.part_words(part),
        "next": _next(part, query),
        "digits": len(str(part.next_line)),
    }


def _next(part: Part, query: FileQuery) -> str:
    if not part.more or part.end <= part.start:
        return ""
    return query.address(start=part.end, line=part.next_line, encoding=part.encoding)


def _diff(reader: Reader, story: FileStory, query: FileQuery) -> FileDiff:
    """Raises NoDiff, NotKept, Damaged, OSError; Http404 where there is no such version."""
    older = story.seen_on(query.against or 0)
    places = [older.place, story.place]
    data = []
    for place in places:
        if place is None:
            raise NoDiff("One of the two versions has no bytes.")
        if place.file.size > words.MOST_BYTES:
            raise NoDiff(f"A version is larger than {words.MOST_BYTES >> 10} KiB: download both to compare them.")
        data.append(reader.head(place, 0, place.file.size))
    return diff_of(*data)


def _twin(request: HttpRequest, image: Image, story: FileStory) -> HttpResponse:
    figures = twins_of.figures(image, story)
    match request.GET.get("part", ""):
        case "":
            return twin(request, "versions", twins_of.versions(story), twins_of.VERSION_COLUMNS, **figures)
        case "copies":
            return twin(request, "copies", twins_of.copies(_copies(story)), twins_of.COPY_COLUMNS, **figures)
    raise Http404


urlpatterns = [path("images/<image_ref:ref>/file/", image_file, name="image-file")]
