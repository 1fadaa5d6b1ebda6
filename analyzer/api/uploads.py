"""Uploads: the tus protocol for what may be interrupted, a plain PUT for a pipe.

`docker save app | curl -T - -H "Authorization: Bearer $TOKEN" "https://…/api/v1/uploads/?name=app.tar"`
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Query, Router

from analyzer.api import body, documented, rates, tus
from analyzer.api.auth import viewer
from analyzer.api.jobs import document
from analyzer.api.problems import Problem
from analyzer.api.queries import TeamQuery, WholeQuery
from analyzer.api.schemas import JobOut, UploadOut
from analyzer.models import Job, Role, Team, Upload
from analyzer.selectors import access
from analyzer.selectors.figures import rfc3339
from analyzer.services import uploads

router = Router(tags=["uploads"])


@router.api_operation(
    ["OPTIONS"],
    "/",
    auth=None,
    response={204: None},
    summary="What the server can do",
    openapi_extra=documented.CAPABILITIES,
)
def capabilities(request: HttpRequest) -> HttpResponse:
    """The versions and extensions of tus that are spoken, and the largest archive that is taken, as headers."""
    rates.spend_by_address(request)
    return HttpResponse(status=204, headers=tus.capabilities())


@router.get("/", response=list[UploadOut], url_name="api-uploads", summary="Your unfinished uploads")
def list_uploads(request: HttpRequest) -> HttpResponse:
    """What you have begun to send and not finished, newest first: each can be gone on with at its offset."""
    rows = access.uploads_of(viewer(request)).filter(job=None).select_related("team")
    return JsonResponse([_document(row) for row in rows], safe=False)


@router.post("/", response={201: None}, summary="Begin an upload", openapi_extra=documented.CREATION)
def create(request: HttpRequest, asked: Query[TeamQuery]) -> HttpResponse:
    """tus creation. The name and the team are given in Upload-Metadata (`filename`, `team`); no body is read."""
    tus.check_version(request)
    length = tus.number(request, "Upload-Length")
    if length is None and request.headers.get("Upload-Defer-Length") != "1":
        raise Problem(
            400, "Say how long the archive is (Upload-Length), or that you don't know (Upload-Defer-Length: 1)."
        )
    told = tus.metadata(request)
    name = told.get("filename") or told.get("name", "")
    upload = uploads.begin(_team(request, asked.team or told.get("team")), viewer(request), name, length)
    headers = {**tus.state(upload, 0), "Location": request.build_absolute_uri(reverse("api-upload", args=[upload.pk]))}
    return HttpResponse(status=201, headers=headers)


@router.put("/", response={202: JobOut}, summary="Send an archive in one go", openapi_extra=documented.WHOLE)
def put(request: HttpRequest, asked: Query[WholeQuery]) -> HttpResponse:
    """Takes a file, or a pipe whose length nobody knows yet; answers with the job that reads it. Can't be resumed."""
    read = body.reader(request, body.PATIENCE_WITH_PIPES)
    job = uploads.receive_whole(_team(request, asked.team), viewer(request), asked.name, body.length(request), read)
    response = JsonResponse(document(job, viewer(request)), status=202)
    response["Location"] = reverse("api-job", args=[job.pk])
    response[tus.JOB] = str(job.pk)
    return response


@router.put("/{str:file_name}", response={202: JobOut}, include_in_schema=False)
def put_named(request: HttpRequest, file_name: str, asked: Query[WholeQuery]) -> HttpResponse:
    """The same: to an address that ends with a slash, `curl -T app.tar` adds the file's name."""
    return put(request, asked.model_copy(update={"name": asked.name or file_name}))


@router.api_operation(
    ["HEAD"], "/{uuid:upload_id}/", url_name="api-upload", response={200: None}, summary="How far it is"
)
def head(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The bytes that have arrived and are safe, in Upload-Offset; with Layersite-Job once the upload is whole."""
    tus.check_version(request)
    upload = access.upload_for(viewer(request), upload_id)
    headers = {**tus.state(upload, uploads.arrived(upload)), **tus.description(upload)}
    return HttpResponse(headers=headers)


@router.patch(
    "/{uuid:upload_id}/", response={204: None, 200: JobOut}, summary="Send bytes", openapi_extra=documented.APPEND
)
def append(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Appends the body at Upload-Offset, which must be where the upload ends (409 says where that is).

    The answer to the last piece names the job in Layersite-Job; who asks for `Accept: application/json` gets the job
    itself, with 200.
    """
    tus.check_version(request)
    upload = access.upload_for(viewer(request), upload_id)
    if request.content_type != tus.CONTENT_TYPE:
        raise Problem(415, f"The bytes of an upload come as {tus.CONTENT_TYPE}.")
    offset = tus.number(request, "Upload-Offset")
    if offset is None:
        raise Problem(400, "Say where the bytes belong: Upload-Offset.")
    length = tus.number(request, "Upload-Length")
    if length is not None and upload.length is None:
        uploads.declare_length(upload, length)
    if upload.length is not None and offset + (body.length(request) or 0) > upload.length:
        raise uploads.TooLong
    if upload.job is None or offset != upload.length:
        offset = uploads.receive(upload, offset, body.reader(request))
    if offset == upload.length:
        access.upload_for(viewer(request), upload_id)  # the bytes may have taken hours, and a right its end
        upload.job = uploads.finish(upload)
    return _appended(request, upload, offset)


@router.delete("/{uuid:upload_id}/", response={204: None}, summary="Give an upload up")
def terminate(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """tus termination: what has arrived is deleted."""
    tus.check_version(request)
    upload = access.upload_for(viewer(request), upload_id)
    if upload.job_id is not None:
        raise Problem(409, "The upload is whole and has its job; cancel that.", job=str(upload.job_id))
    uploads.cancel(upload)
    return HttpResponse(status=204, headers={"Tus-Resumable": tus.VERSION})


@router.post("/{uuid:upload_id}/", response={204: None}, summary="PATCH or DELETE where a proxy knows neither")
def overridden(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The method that X-HTTP-Method-Override names."""
    operations = {"PATCH": append, "DELETE": terminate, "HEAD": head}
    operation = operations.get(request.headers.get("X-HTTP-Method-Override", ""))
    if operation is None:
        raise Problem(
            405, "X-HTTP-Method-Override must be PATCH, DELETE or HEAD.", {"Allow": "HEAD, PATCH, DELETE, POST"}
        )
    return operation(request, upload_id)


def team_of(user: access.Bearer, slug: str | None) -> Team:
    """The team `slug`, or the first, of those that the user may add images to. Raises Problem (404, 403)."""
    token = access.borne_by(user)
    if token is not None and not token.lets(Role.UPLOADER):
        headers = {"WWW-Authenticate": 'Bearer realm="layersite", error="insufficient_scope", scope="upload"'}
        raise Problem(403, "This token may read and no more; adding images takes one of the scope upload.", headers)
    teams = access.teams_of(user, Role.UPLOADER)
    team = teams.filter(slug=slug).first() if slug else teams.first()
    if team is None and slug:
        raise Problem(404, f"No team that you may add images to is called {slug[:100]}.")
    if team is None:
        raise Problem(403, "You may add images to no team yet. Ask an owner of your team, or an administrator.")
    return team


def _team(request: HttpRequest, slug: str | None) -> Team:
    return team_of(viewer(request), slug)


def _appended(request: HttpRequest, upload: Upload, offset: int) -> HttpResponse:
    headers = tus.state(upload, offset)
    job: Job | None = upload.job
    if job is not None and "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(document(job, viewer(request)), headers=headers)
    return HttpResponse(status=204, headers=headers)


def _document(upload: Upload) -> dict[str, Any]:
    return {
        "id": str(upload.pk),
        "url": reverse("api-upload", args=[upload.pk]),
        "name": upload.name,
        "team": upload.team.slug,
        "length": upload.length,
        "offset": upload.offset,
        "created": rfc3339(upload.created),
        "expires": rfc3339(uploads.expires(upload)),
    }
