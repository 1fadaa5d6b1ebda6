"""A Docker Engine, or what speaks its API (Docker Engine API 1.24 and later; Podman's compatible one): read only."""

import base64
import json
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx

from analyzer.filetree.dockerdiff import Change, ChangeKind
from analyzer.oci.jsondoc import DocumentError, as_count, as_list, as_object, as_text, as_texts, parse
from analyzer.oci.wording import shown
from analyzer.registry.engine import EngineContext
from analyzer.registry.errors import Kind, RegistryError

MOST_SIZED = 2_000
"""Paths of a container that are asked for their size, each a request of a millisecond or a few."""
SIZING_SECONDS = 5.0
SAVING = 20
"""Times the time-out: an engine writes the whole image to its own disk before the first byte of its stream."""
BLOCK = 1 << 20

_KINDS = {0: ChangeKind.CHANGED, 1: ChangeKind.ADDED, 2: ChangeKind.DELETED}
_CONTAINER = re.compile(r"[0-9a-f]{12,64}")
_FOLDER = 1 << 31  # Go's bit of a folder in a mode
_UNNAMED = "<none>:<none>"


@dataclass(frozen=True, slots=True)
class EngineImage:
    image_id: str
    names: tuple[str, ...]  # as the engine has them, with tag
    size: int  # bytes, as `docker image ls` shows
    created: int  # seconds since 1970


@dataclass(frozen=True, slots=True)
class EngineContainer:
    container_id: str
    name: str
    image_id: str
    image: str  # as it was named when the container was made
    state: str
    size: int | None  # bytes of its writable layer


class DockerDaemon:
    """A context manager. All raise RegistryError with one sentence for a person."""

    def __init__(self, context: EngineContext) -> None:
        self._context = context
        self._reached = False
        self._client = httpx.Client(
            transport=httpx.HTTPTransport(uds=context.socket, verify=_tls(context)),
            base_url=context.address,
            timeout=context.timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def version(self) -> str:
        """Such as `20.10.24`."""
        with _readable():
            return as_text(as_object(self._get("/version"), "it").get("Version"), "Version")

    def images(self) -> list[EngineImage]:
        """What `docker image ls` lists."""
        with _readable():
            return [_image(as_object(item, "an image")) for item in as_list(self._get("/images/json"), "it")]

    def containers(self) -> list[EngineContainer]:
        """All containers, also those that have ended, with the size of what they wrote."""
        query = {"all": "true", "size": "true"}
        with _readable():
            return [
                _container(as_object(item, "a container"))
                for item in as_list(self._get("/containers/json", query), "it")
            ]

    def container(self, container_id: str) -> EngineContainer:
        """One container by its ID, 12 digits of it or more."""
        if not _CONTAINER.fullmatch(container_id):
            raise RegistryError(Kind.NOT_FOUND, "The engine has no such container.")
        with _readable():
            document = as_object(self._get(f"/containers/{container_id}/json", {"size": "true"}), "it")
            state = as_object(document.get("State"), "State")
            return EngineContainer(
                as_text(document.get("Id"), "Id"),
                as_text(document.get("Name"), "Name").lstrip("/"),
                as_text(document.get("Image"), "Image"),
                as_text(as_object(document.get("Config"), "Config").get("Image"), "Image"),
                as_text(state.get("Status"), "Status"),
                as_count(document.get("SizeRw"), "SizeRw"),
            )

    def changes(self, container_id: str) -> list[Change]:
        """What `docker diff` says, sorted, with the size of each file that is there.

        Of very many changes, or where the engine is slow, only the first have their size.
        """
        with _readable():
            found = as_list(self._get(f"/containers/{container_id}/changes"), "it")
            listed = sorted(_change(as_object(item, "a change")) for item in found)
        self._context.limits.check("max_layer_entries", len(listed), "The number of changes of the container")
        end, asked = monotonic() + SIZING_SECONDS, 0
        changes = []
        for path, kind in listed:
            size = None
            if kind is not ChangeKind.DELETED and asked < MOST_SIZED and monotonic() < end:
                asked += 1
                size = self._size(container_id, path)
            changes.append(Change(path.lstrip("/").encode(errors="surrogateescape"), kind, size))
        return changes

    @contextmanager
    def saved(self, names: Sequence[str]) -> Iterator[Iterator[bytes]]:
        """What `docker save` writes of these images, in blocks as they come."""
        params = httpx.QueryParams([("names", name) for name in names])
        patience = self._context.timeout * SAVING
        timeout = httpx.Timeout(self._context.timeout, read=patience)
        with (
            self._answers(patience),
            self._client.stream("GET", "/images/get", params=params, timeout=timeout) as response,
        ):
            self._check(response, names[0])
            yield response.iter_raw(BLOCK)

    def _size(self, container_id: str, path: str) -> int | None:
        """Bytes of a file or of a link's target; None for a folder, and for what went meanwhile."""
        with self._answers():
            response = self._client.head(f"/containers/{container_id}/archive", params={"path": path})
        try:
            state = json.loads(base64.b64decode(response.headers.get("X-Docker-Container-Path-Stat", "")))
            return None if int(state["mode"]) & _FOLDER else int(state["size"])
        except (ValueError, KeyError, TypeError):
            return None

    def _get(self, path: str, query: dict[str, str] | None = None) -> Any:
        """A document, parsed. Raises DocumentError, RegistryError."""
        limits = self._context.limits
        raw = bytearray()
        with self._answers(), self._client.stream("GET", path, params=query) as response:
            self._check(response, path.split("/")[-2])
            for block in response.iter_bytes(BLOCK):
                raw += block
                if len(raw) > limits.max_json_bytes:
                    what = f"The engine's answer is over the limit MAX_JSON_BYTES={limits.max_json_bytes}."
                    raise RegistryError(Kind.TOO_LARGE, what)
        return parse(bytes(raw), limits.max_json_depth)

    def _check(self, response: httpx.Response, what: str) -> None:
        if response.status_code == httpx.codes.OK:
            return
        response.read()
        if response.status_code == httpx.codes.NOT_FOUND:
            raise RegistryError(Kind.NOT_FOUND, f"The engine has no {shown(what)}: it may have been removed meanwhile.")
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise RegistryError(Kind.UNAUTHORIZED, "The engine does not let this server in.")
        told = shown(response.text[:300].strip() or "nothing")
        raise RegistryError(Kind.FAILED, f"The engine answered {response.status_code}: {told}.")

    def _reach(self) -> None:
        """Tries the socket once by itself: where it fails, httpx would leave one open. Raises OSError."""
        if self._context.socket and not self._reached:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(self._context.timeout)
                probe.connect(self._context.socket)
        self._reached = True

    def _unreachable(self) -> RegistryError:
        what = f"The engine at {self._context.host} can't be reached: is it running, and may this server use it?"
        return RegistryError(Kind.UNREACHABLE, what)

    @contextmanager
    def _answers(self, seconds: float | None = None) -> Iterator[None]:
        """Turns what goes wrong on the way into sentences; `seconds` without a byte were waited, if not the usual."""
        where = self._context.host
        try:
            self._reach()
        except OSError as error:
            raise self._unreachable() from error
        try:
            yield
        except httpx.TimeoutException:
            what = f"The engine at {where} did not answer for {seconds or self._context.timeout:.0f} seconds."
            raise RegistryError(Kind.TIMEOUT, what) from None
        except httpx.ConnectError as error:
            if _of_tls(error):
                what = f"The engine at {where} and this server do not trust each other's certificates."
                raise RegistryError(Kind.TLS, what) from None
            raise self._unreachable() from None
        except httpx.HTTPError as error:
            what = f"The engine at {where} broke off its answer ({type(error).__name__})."
            raise RegistryError(Kind.FAILED, what) from None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except DocumentError as error:
        raise RegistryError(Kind.UNSUPPORTED, f"The engine's answer cannot be read: {error}.") from None


def _of_tls(error: BaseException | None) -> bool:
    """Whether one of the errors that led to this one is about certificates."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def _tls(context: EngineContext) -> ssl.SSLContext | bool:
    if context.certs is None:
        return False  # a socket, or this machine
    try:
        tls = ssl.create_default_context(cafile=context.certs / "ca.pem")
        if (context.certs / "cert.pem").exists():
            tls.load_cert_chain(context.certs / "cert.pem", context.certs / "key.pem")
    except OSError as error:
        what = f"The certificates in DOCKER_ENGINE_CERTS={context.certs} can't be used: {error.strerror or error}."
        raise RegistryError(Kind.TLS, what) from None
    return tls


def _image(document: dict[str, Any]) -> EngineImage:
    return EngineImage(
        as_text(document.get("Id"), "Id"),
        tuple(name for name in as_texts(document.get("RepoTags"), "RepoTags") if name != _UNNAMED),
        as_count(document.get("Size"), "Size") or 0,
        as_count(document.get("Created"), "Created") or 0,
    )


def _container(document: dict[str, Any]) -> EngineContainer:
    names = as_texts(document.get("Names"), "Names")
    return EngineContainer(
        as_text(document.get("Id"), "Id"),
        names[0].lstrip("/") if names else "",
        as_text(document.get("ImageID"), "ImageID"),
        as_text(document.get("Image"), "Image"),
        as_text(document.get("State"), "State"),
        as_count(document.get("SizeRw"), "SizeRw") or 0,
    )


def _change(document: dict[str, Any]) -> tuple[str, ChangeKind]:
    kind = _KINDS.get(as_count(document.get("Kind"), "Kind") or 0)
    if kind is None:
        raise DocumentError("a change has an unknown kind")
    return as_text(document.get("Path"), "Path"), kind
