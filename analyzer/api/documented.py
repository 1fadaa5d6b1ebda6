"""What the OpenAPI document says of uploads beyond the operations' own parameters: headers and raw bodies."""

from typing import Any

BYTES = {"type": "string", "format": "binary"}


def _header(name: str, description: str, required: bool = False) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "description": description,
        "required": required,
        "schema": {"type": "string"},
    }


def _told(status: int, description: str, **headers: str) -> dict[int, Any]:
    shown = {
        name.replace("_", "-"): {"description": text, "schema": {"type": "string"}} for name, text in headers.items()
    }
    return {status: {"description": description, "headers": shown}}


CAPABILITIES: dict[str, Any] = {
    "responses": _told(
        204,
        "No Content",
        Tus_Version="1.0.0",
        Tus_Extension="What is spoken beyond the core protocol.",
        Tus_Max_Size="Bytes of the largest archive that is taken (MAX_ARCHIVE_BYTES).",
    )
}
CREATION: dict[str, Any] = {
    "parameters": [
        _header("Upload-Length", "Bytes of the archive."),
        _header("Upload-Defer-Length", "1 where the length is not known yet; a later PATCH says it in Upload-Length."),
        _header(
            "Upload-Metadata", "`filename` and `team`, each followed by its value in base64, separated by a comma."
        ),
        _header("Tus-Resumable", "1.0.0"),
    ],
    "responses": _told(201, "Created", Location="Where to send the bytes.", Upload_Expires="When it is given up."),
}
WHOLE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BYTES}}},
    "responses": _told(202, "Accepted", Location="The job.", Layersite_Job="The job's id."),
}
APPEND: dict[str, Any] = {
    "parameters": [
        _header("Upload-Offset", "Where the bytes belong: the upload's end.", required=True),
        _header("Upload-Length", "Bytes of the archive, where they were not known before."),
        _header("Tus-Resumable", "1.0.0"),
    ],
    "requestBody": {"required": True, "content": {"application/offset+octet-stream": {"schema": BYTES}}},
    "responses": _told(
        204,
        "No Content",
        Upload_Offset="The new end.",
        Upload_Expires="When it is given up if nothing more comes.",
        Layersite_Job="The job's id, once the upload is whole.",
    ),
}
