"""The Docker Engine that the settings name, for those who may use it; for all others there is none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router, Schema

from analyzer.api import jobs
from analyzer.api.auth import person, viewer
from analyzer.api.problems import Problem
from analyzer.api.schemas import JobOut
from analyzer.models import Role
from analyzer.registry.daemon import DockerDaemon
from analyzer.registry.errors import Kind, RegistryError
from analyzer.selectors.access import team_for
from analyzer.selectors.engine import change_rows, container_rows, image_rows
from analyzer.services.engines import create_intake, engine_for, image_of

STATUS = {Kind.NOT_FOUND: 404, Kind.TIMEOUT: 504}

router = Router(tags=["engine"])


class EngineImageOut(Schema):
    image_id: str
    names: list[str] = Field(description="As the engine has them.")
    size: int = Field(description="Bytes, as `docker image ls` shows.")
    stored: bool = Field(description="A team of yours holds it already.")
    ref: str | None = Field(description="Its `ref` here, if so.")


class EngineContainerOut(Schema):
    id: str
    name: str
    image: str
    image_id: str
    state: str
    size: int | None = Field(description="Bytes of its writable layer.")
    ref: str | None = Field(description="The `ref` of its image here, if a team of yours holds it.")


class ChangeOut(Schema):
    change: str = Field(description="A added, C changed, D deleted, as `docker diff` says.")
    path: str
    size: int | None = Field(description="Bytes of a file, or of a link's target; null for folders and what is gone.")


class EngineImages(Schema):
    images: list[EngineImageOut]


class EngineContainers(Schema):
    containers: list[EngineContainerOut]


class Changes(Schema):
    container: str
    size: int | None
    changes: list[ChangeOut]


class Intake(Schema):
    image: str = Field(description="The `image_id` of an image of the engine.")
    team: str = Field(description="The team that gets it, by its slug.")


@router.get("/images/", response=EngineImages, url_name="api-engine-images", summary="Images of the engine")
def list_images(request: HttpRequest) -> dict[str, Any]:
    """As `docker image ls` lists them. 404 where there is no engine for you."""
    with _asked(request) as daemon:
        return {"images": image_rows(viewer(request), daemon.images())}


@router.get("/containers/", response=EngineContainers, url_name="api-engine-containers", summary="Its containers")
def list_containers(request: HttpRequest) -> dict[str, Any]:
    """All of them, also those that have ended."""
    with _asked(request) as daemon:
        return {"containers": container_rows(viewer(request), daemon.containers())}


@router.get(
    "/containers/{container_id}/changes/",
    response=Changes,
    url_name="api-engine-changes",
    summary="What a container changed",
)
def get_changes(request: HttpRequest, container_id: str) -> dict[str, Any]:
    """Its writable layer on top of its image, sorted by path, as `docker diff` tells, with sizes."""
    with _asked(request) as daemon:
        found = daemon.container(container_id)
        changes = change_rows(daemon.changes(found.container_id))
        return {"container": found.container_id, "size": found.size, "changes": changes}


@router.post("/intakes/", response={202: JobOut}, url_name="api-engine-intakes", summary="Take an image in")
def take(request: HttpRequest, asked: Intake) -> HttpResponse:
    """Under all the names that the engine has for it. 202 with the job, which reads the engine's stream."""
    user = person(request)
    with _asked(request) as daemon:
        team = team_for(user, asked.team, Role.UPLOADER)
        job = create_intake(team, user, image_of(daemon, asked.image))
    document = jobs.document(job, user)
    return JsonResponse(document, status=202, headers={"Location": document["url"]})


@contextmanager
def _asked(request: HttpRequest) -> Iterator[DockerDaemon]:
    """Raises Http404, Problem."""
    with engine_for(person(request)) as daemon:
        try:
            yield daemon
        except RegistryError as error:
            raise Problem(STATUS.get(error.kind, 502), str(error)) from error
