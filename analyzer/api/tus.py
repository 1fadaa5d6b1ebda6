"""The headers of the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload)."""

import base64
import binascii

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import http_date

from analyzer.api.problems import Problem
from analyzer.models import Upload
from analyzer.services.uploads import expires

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-defer-length,expiration,termination"
CONTENT_TYPE = "application/offset+octet-stream"
JOB = "Layersite-Job"
"""Our own header: the job of an upload that has arrived whole."""


def capabilities() -> dict[str, str]:
    """What OPTIONS answers with."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.LIMITS.max_archive_bytes),
    }


def check_version(request: HttpRequest) -> None:
    """Raises Problem (412) for another version of the protocol. None is taken for this one: people use curl."""
    version = request.headers.get("Tus-Resumable", VERSION)
    if version != VERSION:
        raise Problem(412, f"This server speaks tus {VERSION}, not {version[:20]}.", {"Tus-Version": VERSION})


def number(request: HttpRequest, header: str) -> int | None:
    """The value of a header that is a count of bytes; None if it is not there. Raises Problem (400)."""
    text = request.headers.get(header)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Problem(400, f"{header} must be a number of bytes.")
    return int(text)


def metadata(request: HttpRequest) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and a base64 value, separated by commas. Raises Problem (400)."""
    pairs = {}
    for pair in filter(None, (pair.strip() for pair in request.headers.get("Upload-Metadata", "").split(","))):
        key, _, value = pair.partition(" ")
        try:
            pairs[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Problem(400, f"Upload-Metadata: the value of {key[:50]} is not UTF-8 text in base64.") from None
    return pairs


def state(upload: Upload, offset: int) -> dict[str, str]:
    """Where the upload stands, for the answers to HEAD and PATCH."""
    headers = {"Tus-Resumable": VERSION, "Upload-Offset": str(offset), "Cache-Control": "no-store"}
    if upload.job_id is None:
        headers["Upload-Expires"] = http_date(expires(upload).timestamp())
    else:
        headers[JOB] = str(upload.job_id)
    return headers


def description(upload: Upload) -> dict[str, str]:
    """What the upload was announced with, for the answer to HEAD."""
    name = base64.b64encode(upload.name.encode()).decode()
    team = base64.b64encode(upload.team.slug.encode()).decode()
    size = {"Upload-Defer-Length": "1"} if upload.length is None else {"Upload-Length": str(upload.length)}
    return {**size, "Upload-Metadata": f"filename {name},team {team}"}
