"""What the gate says of an image, and said before."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Field, Router, Schema

from analyzer.api.auth import viewer
from analyzer.api.gateschemas import FixOut, JudgedRuleOut
from analyzer.selectors.access import image_for
from analyzer.selectors.gate_page import gate_page
from analyzer.selectors.image import image_page
from analyzer.web.gate_twins import TABLES

router = Router(tags=["gate"])


class JudgedFixOut(FixOut):
    rule: str


class GateRunOut(Schema):
    at: str
    passed: bool
    reference: str | None = Field(description="As what the image was judged.")
    failed: list[str] = Field(description="The rules that kept the gate shut.")
    against: str | None
    rules_file: str | None
    team: str
    user: str | None


class JudgedOut(Schema):
    image_id: str
    passed: bool
    rules: list[JudgedRuleOut]
    fixes: list[JudgedFixOut]
    runs: list[GateRunOut] = Field(description="The newest first.")


@router.get("/{image_ref:ref}/gate/", response=JudgedOut, url_name="api-image-gate", summary="An image at the gate")
def get_gate(request: HttpRequest, ref: str) -> HttpResponse:
    """By the rules that its page judges it by, and what was said each time before. Nothing is kept; `POST
    /api/v1/gate/` judges by rules of yours."""
    image = image_for(viewer(request), ref)
    found = gate_page(viewer(request), image_page(viewer(request), image, timezone.now()), timezone.now())
    tables = {part: rows(found) for part, (rows, _) in TABLES.items()}
    return JsonResponse({"image_id": image.image_id, "passed": found.result.passed, **tables})
