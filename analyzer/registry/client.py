"""A registry by the OCI distribution specification: what it has, and the raw bytes of it, verified."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from analyzer.oci.digest import InvalidDigest, digest_of, parse_digest
from analyzer.oci.jsondoc import DocumentError, NestedTooDeep, as_list, as_object, as_texts, parse, values_of
from analyzer.oci.mediatypes import INDEXES, MANIFESTS, DocumentKind, kind_of_document
from analyzer.oci.reference import Reference, is_repository, is_tag
from analyzer.oci.schema1 import signed_payload
from analyzer.registry.answers import RateLimit, Transient
from analyzer.registry.context import RegistryContext
from analyzer.registry.errors import Kind, RegistryError
from analyzer.registry.session import Session, Tick

SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
ACCEPT = ", ".join([*sorted(INDEXES), *sorted(MANIFESTS), f"{SCHEMA1};q=0.5", "*/*;q=0.1"])
PAGE = 500
MOST_PAGES = 1_000  # of a list: one without an end is cut off there


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or an index: its bytes as they came, their sha256, and what they are by their shape.

    Of one of schema 1 the bytes that were signed: they have its digest.
    """

    digest: str
    media_type: str
    raw: bytes
    document: dict[str, Any]
    kind: DocumentKind


@dataclass(frozen=True, slots=True)
class BlobStream:
    """A blob's bytes from `start` on, which is 0 where the registry knows no ranges. `blocks` may raise Transient."""

    start: int
    blocks: Iterator[bytes]


class RegistryClient:
    """Speaks to one registry. A context manager; several threads may use it. All raise RegistryError."""

    def __init__(self, context: RegistryContext, tick: Tick | None = None) -> None:
        self.context = context
        self.session = Session(context, tick)

    def __enter__(self) -> "RegistryClient":
        return self

    def __exit__(self, *raised: object) -> None:
        self.session.close()

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the registry last said of its limit, if it did."""
        return self.session.rate_limit

    def ping(self) -> None:
        """Whether it is a registry that lets one in (end-1 of the specification)."""

        def ask() -> None:
            try:
                with self.session.send("GET", "/v2/") as response:
                    self.session.read(response, "The answer")
            except RegistryError as error:
                if error.kind is Kind.NOT_FOUND:
                    raise RegistryError(Kind.FAILED, f"{self.context.registry} is no registry of images.") from None
                raise

        self.session.patiently(ask)

    def resolve(self, reference: Reference) -> Manifest:
        """The manifest or index that the reference points at now; a digest is held to."""
        wanted = reference.digest or reference.tag or "latest"
        try:
            return self.manifest(reference.repository, wanted)
        except RegistryError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            what = f"manifest {wanted}" if reference.digest else f"tag {wanted}"
            where = f"{reference.registry}/{reference.repository}"
            raise RegistryError(Kind.NOT_FOUND, f"{where} has no {what}, or there is no such repository.") from None

    def digest(self, repository: str, tag: str) -> str | None:
        """The digest of what the tag points at, asked for without the manifest; None where it is not told."""

        def ask() -> str | None:
            with self._send("HEAD", repository, f"manifests/{tag}", {"Accept": ACCEPT}) as response:
                told = response.headers.get("docker-content-digest", "")
            with suppress(InvalidDigest):
                return parse_digest(told)
            return None

        return self.session.patiently(ask)

    def manifest(self, repository: str, wanted: str) -> Manifest:
        """The manifest or index under a tag or a digest; its bytes are those of the digest."""
        return self.session.patiently(lambda: self._manifest(repository, wanted))

    def _manifest(self, repository: str, wanted: str) -> Manifest:
        what = f"The manifest {wanted} of {self.context.registry}/{repository}"
        with self._send("GET", repository, f"manifests/{wanted}", {"Accept": ACCEPT}) as response:
            raw = self.session.read(response, what)
            told = response.headers.get("docker-content-digest", "")
            media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        digest = digest_of(raw)
        declared = wanted if wanted.startswith("sha256:") else told
        document = self._parsed(raw, what)
        kind = self._kind(document, what)
        if kind is DocumentKind.SCHEMA1:
            # Its digest is that of what was signed; what stands beside it is not read.
            raw = self._signed(raw, document, what)
            digest, document = digest_of(raw), self._parsed(raw, what)
            kind = self._kind(document, what)
        if declared.startswith("sha256:") and declared != digest:
            sentence = f"{what} should be {declared}, and its bytes are {digest}: they changed on the way."
            raise Transient(RegistryError(Kind.MISMATCH, sentence))
        said = document.get("mediaType")
        return Manifest(digest, said if isinstance(said, str) and said else media_type, raw, document, kind)

    def _parsed(self, raw: bytes, what: str) -> dict[str, Any]:
        most = self.context.limits.max_json_values
        if values_of(raw) > most:
            raise RegistryError(Kind.TOO_LARGE, f"{what} has more values than MAX_JSON_VALUES={most}.")
        try:
            return as_object(parse(raw, self.context.limits.max_json_depth), "it")
        except NestedTooDeep:
            limit = self.context.limits.max_json_depth
            raise RegistryError(Kind.TOO_LARGE, f"{what} is nested deeper than MAX_JSON_DEPTH={limit}.") from None
        except DocumentError as error:
            # Cut off on the way, perhaps: without a length nothing else tells.
            raise Transient(RegistryError(Kind.FAILED, f"{what} can't be read: {error}.")) from None

    def _signed(self, raw: bytes, document: dict[str, Any], what: str) -> bytes:
        try:
            return signed_payload(raw, document, self.context.limits.max_json_depth)
        except DocumentError as error:
            raise RegistryError(Kind.FAILED, f"{what} can't be read: {error}.") from None

    def _kind(self, document: dict[str, Any], what: str) -> DocumentKind:
        try:
            return kind_of_document(document)
        except DocumentError as error:
            raise RegistryError(Kind.FAILED, f"{what} can't be read: {error}.") from None

    @contextmanager
    def blob(self, repository: str, digest: str, offset: int = 0) -> Iterator[BlobStream]:
        """One attempt at a blob's bytes from `offset` on; raises Transient where another attempt may help.

        The bytes are not verified here: whoever has them all holds them to the digest.
        """
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self._send("GET", repository, f"blobs/{digest}", headers) as response:
            start = offset if offset and response.status_code == 206 else 0
            told = response.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
            if start and told.isdecimal() and told.lstrip("0") != str(start):
                sentence = f"{self.context.registry} sends another part of {digest} than was asked for."
                raise RegistryError(Kind.FAILED, sentence)
            yield BlobStream(start, self._blocks(response))

    def _blocks(self, response: httpx.Response) -> Iterator[bytes]:
        for block in response.iter_raw():
            self.session.tick()
            yield block

    def tags(self, repository: str) -> Iterator[str]:
        """The tags of a repository, page by page, in the registry's order; what can be none is left out."""
        path = f"/v2/{quote(repository)}/tags/list?n={PAGE}"
        absent = f"{self.context.registry} has no repository {repository}."
        return filter(is_tag, self._pages(path, "tags", f"repository:{repository}:pull", absent))

    def catalog(self) -> Iterator[str]:
        """The repositories that the registry lists, page by page; many list none (UNAUTHORIZED, NOT_FOUND).

        What can be no repository's name is left out.
        """
        absent = f"{self.context.registry} keeps no list of its repositories."
        listed = self._pages(f"/v2/_catalog?n={PAGE}", "repositories", "registry:catalog:*", absent)
        return filter(is_repository, listed)

    def referrers(self, repository: str, digest: str) -> list[dict[str, Any]]:
        """The descriptors of what is attached to a manifest; none where the registry does not know.

        They are an extra: an address that hangs is given up at its first time-out (TIMEOUT).
        """
        for path in (f"referrers/{digest}", f"manifests/{digest.replace(':', '-')}"):
            try:
                raw = self.session.patiently(lambda path=path: self._document(repository, path))  # type: ignore[misc]
            except RegistryError as error:
                if error.kind in (Kind.NOT_FOUND, Kind.FAILED, Kind.UNAUTHORIZED):
                    continue
                raise
            try:
                found = as_list(self._parsed(raw, path).get("manifests"), "manifests")
            except (DocumentError, RegistryError, Transient):
                continue
            return [entry for entry in found if isinstance(entry, dict)]
        return []

    def _document(self, repository: str, path: str) -> bytes:
        try:
            with self._send("GET", repository, path, {"Accept": ACCEPT}) as response:
                return self.session.read(response, f"The document {path}")
        except Transient as failed:
            raise (failed.error if failed.error.kind is Kind.TIMEOUT else failed) from None

    def _pages(self, path: str, name: str, scope: str, absent: str) -> Iterator[str]:
        seen: set[str] = set()
        while path and path not in seen and len(seen) < MOST_PAGES:
            seen.add(path)
            try:
                document, path = self.session.patiently(lambda at=path: self._page(at, scope))  # type: ignore[misc]
            except RegistryError as error:
                raise (RegistryError(error.kind, absent) if error.kind is Kind.NOT_FOUND else error) from None
            try:
                yield from as_texts(document.get(name), name)
            except DocumentError as error:
                raise RegistryError(Kind.FAILED, f"The list of {name} can't be read: {error}.") from None

    def _page(self, path: str, scope: str) -> tuple[dict[str, Any], str]:
        with self.session.send("GET", path, {"Accept": "application/json"}, scope=scope) as response:
            raw = self.session.read(response, "The list")
            link = response.links.get("next", {}).get("url", "")
        return self._parsed(raw, "The list"), _next(path, link)

    @contextmanager
    def _send(
        self, method: str, repository: str, path: str, headers: dict[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        scope = f"repository:{repository}:pull"
        address = f"/v2/{quote(repository)}/{quote(path, safe='/:@')}"
        with self.session.send(method, address, headers, scope=scope) as response:
            yield response


def _next(path: str, link: str) -> str:
    """Path and query of a list's next page, or nothing: it is the registry's own, whatever host the link names."""
    try:
        target = urlsplit(urljoin(path, link)) if link else None
    except ValueError:
        return ""
    return f"/{target.path.lstrip('/')}?{target.query}" if target else ""
