"""The raw body of a request, block by block: nothing is parsed, spooled or kept."""

from django.http import HttpRequest

from analyzer.api.problems import Problem
from analyzer.services.uploads import Read

# A connection that is silent for so long is given up: each holds a thread of the web server.
PATIENCE = 30.0
PATIENCE_WITH_PIPES = 300.0  # `docker save` may think before it writes


def length(request: HttpRequest) -> int | None:
    """The announced length of the body; None where its end is told by its framing."""
    text = request.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() else None


def reader(request: HttpRequest, patience: float = PATIENCE) -> Read:
    """Reads the body; the server's own error is raised when nothing comes for `patience` seconds.

    A chunked body is read where the server has undone the chunks, as Django sees an empty one there. Raises Problem
    (411) where it has not.
    """
    socket = request.META.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(patience)  # gunicorn sets it anew for the next request
    if length(request) is not None:
        return request.read
    if request.META.get("wsgi.input_terminated"):
        read: Read = request.META["wsgi.input"].read
        return read
    if request.headers.get("Transfer-Encoding"):
        raise Problem(411, "This server can't take a body of unknown length; send Content-Length.")
    return request.read
