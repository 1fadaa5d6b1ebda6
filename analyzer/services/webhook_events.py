"""What webhooks of a team are told: no more than whoever is in that team alone may know."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from analyzer.filetree.waste import efficiency
from analyzer.gate.ruleset import Result
from analyzer.gate.verdict import SHUT
from analyzer.models import Archive, ArchiveImage, Image, Team, WebhookEvent
from analyzer.selectors.access import ref_of
from analyzer.services import webhooks
from analyzer.units import binary_text


def images_analysed(archive: Archive) -> None:
    """Each image of an archive that was just stored; a query where nobody wants to know."""
    hooks = webhooks.listening(archive.team, WebhookEvent.IMAGE)
    if not hooks:
        return
    rows = archive.archive_images.select_related("image__top_chain").order_by("position")
    for row in rows:
        names = " ".join(row.references) or row.image.image_id
        webhooks.tell(hooks, WebhookEvent.IMAGE, names, _analysed(archive, row))


def gate_failed(team: Team, image: Image, name: str, result: Result) -> None:
    """An image did not pass; the rules that failed, without the images of other teams that it was held against."""
    hooks = webhooks.listening(team, WebhookEvent.GATE)
    failed = [
        {"rule": each.rule, "value": each.value, "limit": each.limit, "unit": each.unit or None}
        for each in result.verdicts
        if each.outcome in SHUT
    ]
    document = {
        "image": {"image_id": image.image_id, "name": name or None, **_addresses(image, "gate/")},
        "rules_file": result.rules.name or None,
        "failed": failed,
    }
    webhooks.tell(hooks, WebhookEvent.GATE, name or image.image_id, document)


def quota_told(team: Team, event: WebhookEvent, fair: bool, limit: int, percent: int) -> None:
    """A quota fills up, or refused something. Of a fair cost no more than its part is told, as on the page."""
    document = {
        "quota": {"of": "fair_cost" if fair else "stored", "limit": limit, "percent": percent},
        "url": f"{settings.PUBLIC_URL}/teams/{team.slug}/",
    }
    about = f"{percent} % of {binary_text(limit)}"
    webhooks.tell(webhooks.listening(team, event), event, about, document)


def _analysed(archive: Archive, row: ArchiveImage) -> dict[str, Any]:
    image = row.image
    found = [finding for finding in archive.findings if finding.get("image_id") in (None, image.image_id)]
    whole = all(layer["status"] == "ok" for layer in row.layers)
    chain = image.top_chain if whole else None
    return {
        "archive": {"name": archive.name, "format": archive.format, "size": archive.size},
        "image": {
            "image_id": image.image_id,
            "references": row.references,
            "platform": {"os": image.os, "architecture": image.architecture, "variant": image.variant},
            "status": "ok" if whole else "partial",
            "size": image.size if whole else None,
            "layers": len(row.layers),
            "waste": chain.waste if chain else None,
            "efficiency": efficiency(chain.waste, chain.size) if chain else None,
            "findings": {
                severity: sum(1 for finding in found if finding["severity"] == severity)
                for severity in ("error", "warning", "info")
            },
            **_addresses(image),
        },
        "analysed": timezone.now().isoformat(),
    }


def _addresses(image: Image, page: str = "") -> dict[str, str]:
    ref = quote(ref_of(image), safe=":@")
    return {
        "url": f"{settings.PUBLIC_URL}/images/{ref}/{page}",
        "api_url": f"{settings.PUBLIC_URL}/api/v1/images/{ref}/",
    }
