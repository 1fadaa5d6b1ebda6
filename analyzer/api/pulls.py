"""Pulls: an image of a registry as a job."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import Field, Router, Schema

from analyzer.api import tus
from analyzer.api.auth import viewer
from analyzer.api.jobs import document
from analyzer.api.problems import Problem
from analyzer.api.schemas import JobOut
from analyzer.api.uploads import team_of
from analyzer.oci.reference import InvalidReference
from analyzer.registry.context import Credentials
from analyzer.registry.platforms import InvalidPlatform
from analyzer.services import pulls

router = Router(tags=["pulls"])


class PullIn(Schema):
    """What is to be pulled."""

    reference: str = Field(max_length=1_000, description="As `nginx`, or `registry/repository:tag`, or with a digest.")
    platform: str = Field(
        "", max_length=100, description="os/arch[/variant], or `all`; linux/amd64, or the only one there is, if empty."
    )
    team: str = Field("", description="The team that gets the images, by its slug; the first of yours if empty.")
    username: str = Field(
        "", max_length=255, description="Who asks the registry; if empty, as the team's registry of that host says."
    )
    password: str = Field("", max_length=10_000, description="Or a token. Kept sealed until the job has ended.")


@router.post("/", response={202: JobOut}, url_name="api-pulls", summary="Pull an image from a registry")
def create(request: HttpRequest, asked: PullIn) -> HttpResponse:
    """Answers with the job that pulls it, and then goes on as one of an upload does."""
    user = viewer(request)
    credentials = Credentials(asked.username, asked.password) if asked.username else None
    try:
        job = pulls.create_pull(
            team=team_of(user, asked.team),
            user=user,
            reference=asked.reference.strip(),
            platform=asked.platform.strip() or None,
            credentials=credentials,
        )
    except (InvalidReference, InvalidPlatform) as error:
        raise Problem(422, pulls.refusal_in_words(error)) from None
    response = JsonResponse(document(job, user), status=202)
    response["Location"] = reverse("api-job", args=[job.pk])
    response[tus.JOB] = str(job.pk)
    return response
