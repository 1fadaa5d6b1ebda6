"""The rights: every address with its methods, and what each person gets there.

A page or an operation that is new gets its line here; `python -m tests.rights` writes docs/rights.md anew.
"""

import re
from dataclasses import dataclass

from ninja import Router

from analyzer.api.site import api
from tests.routes import routes

YES, NO, LOGIN = "yes", "404", "log in"
PEOPLE = ("owner", "uploader", "viewer", "another team", "nobody")


@dataclass(frozen=True, slots=True)
class Right:
    """What the people, in the order of PEOPLE, get; `meaning` is a sentence of the document."""

    name: str
    cells: tuple[str, str, str, str, str]
    meaning: str


SEE = Right("see", (YES, YES, YES, NO, LOGIN), "Whoever is in the team that holds it.")
ADD = Right("add", (YES, YES, NO, NO, LOGIN), "Those who may add images to the team.")
OWN = Right("decide", (YES, NO, NO, NO, LOGIN), "Owners of the team.")
OWNERS = Right("owners", (YES, NO, NO, YES, LOGIN), "Owners of any team, for their own teams.")
MINE = Right("own things", (YES, YES, YES, YES, LOGIN), "Everyone; each finds what their own teams hold, and no more.")
MAKER = Right("whose it is", (YES, NO, NO, NO, LOGIN), "One person's alone, here the owner's, also in a team.")
ADMIN = Right("administrators", (NO, NO, NO, NO, LOGIN), "Administrators of the instance; so is all below /admin/.")
OPEN = Right("open", (YES, YES, YES, YES, YES), "Everyone, also without an account: it holds nothing of anybody's.")
LINK = Right("by link", (YES, YES, YES, YES, YES), "Whoever has the link that an owner made; it tells one word.")
UNKNOWN = Right("secret link", (NO, NO, NO, NO, NO), "Whoever has the link, while it lasts: here one that nobody made.")
PROVIDER = Right("provider", (NO, NO, NO, NO, NO), "Everyone, where OIDC_ISSUER names a provider; here none is named.")
SECRET = Right("secret", (LOGIN, LOGIN, LOGIN, LOGIN, LOGIN), "Programs that bear the secret of this address.")
METRICS = Right("metrics", (NO, NO, NO, NO, NO), "Administrators, and programs that bear METRICS_TOKEN.")

RIGHTS = (SEE, ADD, OWN, OWNERS, MINE, MAKER, ADMIN, LINK, UNKNOWN, OPEN, PROVIDER, SECRET, METRICS)

PAGES: dict[str, dict[str, Right]] = {
    "/": {"GET": MINE},
    "/account/": {"GET": MINE, "POST": MINE},
    "/accounts/login/": {"GET": OPEN, "POST": OPEN},
    "/accounts/logout/": {"POST": OPEN},
    "/accounts/oidc/": {"GET": PROVIDER},
    "/accounts/oidc/callback/": {"GET": PROVIDER},
    "/accounts/password/": {"GET": MINE, "POST": MINE},
    "/accounts/password/changed/": {"GET": MINE},
    "/accounts/reset/": {"GET": OPEN, "POST": OPEN},
    "/accounts/reset/done/": {"GET": OPEN},
    "/accounts/reset/sent/": {"GET": OPEN},
    "/accounts/reset/{uidb64}/{token}/": {"GET": OPEN, "POST": OPEN},
    "/add/": {"GET": MINE},
    "/add/form/": {"POST": ADD},
    "/add/jobs/{job_id}/": {"GET": SEE},
    "/add/pull/": {"POST": ADD},
    "/add/sample/": {"POST": ADD},
    "/add/uploads/{upload_id}/cancel/": {"POST": MAKER},
    "/badges/{key}.svg": {"GET": LINK},
    "/compare/": {"GET": MINE},
    "/engine/": {"GET": ADMIN},
    "/engine/containers/{container_id}/": {"GET": ADMIN},
    "/engine/take/": {"POST": ADMIN},
    "/find/": {"GET": MINE},
    "/healthz": {"GET": OPEN},
    "/help/figures/": {"GET": MINE},
    "/help/layers/": {"GET": MINE},
    "/hooks/registries/{registry_id}/": {"POST": SECRET},
    "/hooks/registries/{registry_id}/{secret}/": {"POST": SECRET},
    "/images/": {"GET": MINE},
    "/images/delete/": {"GET": OWN, "POST": OWN},
    "/images/{ref}/": {"GET": SEE},
    "/images/{ref}/delete/": {"GET": OWN, "POST": OWN},
    "/images/{ref}/dockerfile/": {"GET": SEE},
    "/images/{ref}/file/": {"GET": SEE},
    "/images/{ref}/file/bytes/": {"GET": SEE},
    "/images/{ref}/files/": {"GET": SEE},
    "/images/{ref}/gate/": {"GET": SEE},
    "/images/{ref}/gate/badges/": {"POST": OWN},
    "/images/{ref}/gate/badges/{badge_id}/drop/": {"POST": OWN},
    "/images/{ref}/move/": {"GET": OWN, "POST": OWN},
    "/images/{ref}/packages/": {"GET": SEE},
    "/images/{ref}/tar/": {"GET": SEE},
    "/images/{ref}/waste/": {"GET": SEE},
    "/invitations/{secret}/": {"GET": UNKNOWN, "POST": UNKNOWN},
    "/jobs/": {"GET": MINE},
    "/jobs/rows/": {"GET": MINE},
    "/jobs/{job_id}/": {"GET": SEE},
    "/jobs/{job_id}/cancel/": {"POST": ADD},
    "/jobs/{job_id}/remove/": {"GET": ADD, "POST": ADD},
    "/jobs/{job_id}/retry/": {"POST": ADD},
    "/layers/{diff_id}/": {"GET": SEE},
    "/layers/{diff_id}/entries/": {"GET": SEE},
    "/layers/{diff_id}/file/": {"GET": SEE},
    "/layers/{diff_id}/map/": {"GET": SEE},
    "/layers/{diff_id}/tar/": {"GET": SEE},
    "/metrics": {"GET": METRICS},
    "/notices/": {"GET": MINE},
    "/notices/choice/": {"POST": MINE},
    "/notices/count/": {"GET": MINE},
    "/readyz": {"GET": OPEN},
    "/registries/": {"GET": MINE},
    "/registries/add/": {"GET": OWNERS, "POST": OWNERS},
    "/registries/{registry_id}/": {"GET": SEE},
    "/registries/{registry_id}/delete/": {"GET": OWN, "POST": OWN},
    "/registries/{registry_id}/edit/": {"GET": OWN, "POST": OWN},
    "/registries/{registry_id}/hook/": {"POST": OWN},
    "/registries/{registry_id}/matching/": {"GET": ADD, "POST": ADD},
    "/registries/{registry_id}/pull/": {"POST": ADD},
    "/registries/{registry_id}/repositories/": {"GET": ADD},
    "/registries/{registry_id}/tags/": {"GET": ADD},
    "/registries/{registry_id}/test/": {"POST": ADD},
    "/registries/{registry_id}/watches/add/": {"POST": OWN},
    "/reuse/": {"GET": MINE},
    "/reuse/bases/": {"GET": MINE},
    "/reuse/common-ground/": {"GET": MINE},
    "/reuse/compare/": {"GET": MINE},
    "/reuse/forest/": {"GET": MINE},
    "/reuse/grid/": {"GET": MINE},
    "/reuse/heat-map/": {"GET": MINE},
    "/reuse/near-misses/": {"GET": MINE},
    "/reuse/report/": {"GET": MINE},
    "/reuse/what-if/": {"GET": MINE},
    "/s/{secret}/": {"GET": UNKNOWN},
    "/share/": {"GET": ADD, "POST": ADD},
    "/share/links/": {"GET": MINE},
    "/share/links/{link_id}/revoke/": {"POST": MAKER},
    "/teams/": {"GET": MINE},
    "/teams/{slug}/": {"GET": SEE},
    "/teams/{slug}/invitations/{invitation_id}/withdraw/": {"POST": OWN},
    "/teams/{slug}/invite/": {"POST": OWN},
    "/teams/{slug}/leave/": {"GET": SEE, "POST": SEE},
    "/teams/{slug}/members/{user_id}/remove/": {"GET": OWN, "POST": OWN},
    "/teams/{slug}/members/{user_id}/role/": {"POST": OWN},
    "/teams/{slug}/retention/": {"GET": SEE},
    "/teams/{slug}/retention/daily/": {"POST": OWN},
    "/teams/{slug}/retention/rules/": {"POST": OWN},
    "/teams/{slug}/retention/rules/{rule_id}/": {"GET": OWN, "POST": OWN},
    "/teams/{slug}/retention/rules/{rule_id}/remove/": {"POST": OWN},
    "/teams/{slug}/retention/run/": {"POST": OWN},
    "/teams/{slug}/webhooks/": {"GET": OWN},
    "/teams/{slug}/webhooks/add/": {"POST": OWN},
    "/teams/{slug}/webhooks/{webhook_id}/": {"GET": OWN, "POST": OWN},
    "/teams/{slug}/webhooks/{webhook_id}/deliveries/{delivery_id}/again/": {"POST": OWN},
    "/teams/{slug}/webhooks/{webhook_id}/ping/": {"POST": OWN},
    "/teams/{slug}/webhooks/{webhook_id}/remove/": {"GET": OWN, "POST": OWN},
    "/teams/{slug}/webhooks/{webhook_id}/secret/": {"POST": OWN},
    "/teams/{slug}/tokens/": {"GET": OWN, "POST": OWN},
    "/teams/{slug}/tokens/{team_token_id}/revoke/": {"GET": OWN, "POST": OWN},
    "/tokens/": {"GET": MINE, "POST": MINE},
    "/tokens/{token_id}/revoke/": {"GET": MAKER, "POST": MAKER},
    "/watches/{watch_id}/": {"GET": SEE},
    "/watches/{watch_id}/delete/": {"GET": OWN, "POST": OWN},
    "/watches/{watch_id}/look/": {"POST": OWN},
    "/watches/{watch_id}/pause/": {"POST": OWN},
    "/watches/{watch_id}/resume/": {"POST": OWN},
}

OPERATIONS: dict[str, dict[str, Right]] = {
    "/api/v1/compare/": {"GET": SEE},
    "/api/v1/docs/": {"GET": OPEN},
    "/api/v1/engine/containers/": {"GET": ADMIN},
    "/api/v1/engine/containers/{container_id}/changes/": {"GET": ADMIN},
    "/api/v1/engine/images/": {"GET": ADMIN},
    "/api/v1/engine/intakes/": {"POST": ADMIN},
    "/api/v1/find/": {"GET": MINE},
    "/api/v1/gate/": {"POST": SEE},
    "/api/v1/gate/badge/": {"GET": SEE},
    "/api/v1/images/": {"GET": MINE},
    "/api/v1/images/{ref}/": {"GET": SEE, "DELETE": OWN},
    "/api/v1/images/{ref}/dockerfile/": {"GET": SEE},
    "/api/v1/images/{ref}/file/": {"GET": SEE},
    "/api/v1/images/{ref}/file/bytes/": {"GET": SEE},
    "/api/v1/images/{ref}/gate/": {"GET": SEE},
    "/api/v1/images/{ref}/merged/": {"GET": SEE},
    "/api/v1/images/{ref}/packages/": {"GET": SEE},
    "/api/v1/images/{ref}/tar/": {"GET": SEE},
    "/api/v1/images/{ref}/waste/": {"GET": SEE},
    "/api/v1/jobs/": {"GET": MINE},
    "/api/v1/jobs/{job_id}/": {"GET": SEE},
    "/api/v1/jobs/{job_id}/cancel/": {"POST": ADD},
    "/api/v1/jobs/{job_id}/retry/": {"POST": ADD},
    "/api/v1/layers/{diff_id}/": {"GET": SEE},
    "/api/v1/layers/{diff_id}/entries/": {"GET": SEE},
    "/api/v1/layers/{diff_id}/map/": {"GET": SEE},
    "/api/v1/layers/{diff_id}/near-misses/": {"GET": SEE},
    "/api/v1/layers/{diff_id}/packages/": {"GET": SEE},
    "/api/v1/links/": {"GET": MINE},
    "/api/v1/notices/": {"GET": MINE},
    "/api/v1/openapi.json": {"GET": OPEN},
    "/api/v1/overview/": {"GET": MINE},
    "/api/v1/pulls/": {"POST": ADD},
    "/api/v1/registries/": {"GET": MINE, "POST": OWN},
    "/api/v1/registries/watches/{watch_id}/": {"GET": SEE, "PATCH": OWN, "DELETE": OWN},
    "/api/v1/registries/watches/{watch_id}/tags/": {"GET": SEE},
    "/api/v1/registries/{registry_id}/": {"GET": SEE, "PUT": OWN, "DELETE": OWN},
    "/api/v1/registries/{registry_id}/matching/": {"GET": ADD},
    "/api/v1/registries/{registry_id}/pull/": {"POST": ADD},
    "/api/v1/registries/{registry_id}/repositories/": {"GET": ADD},
    "/api/v1/registries/{registry_id}/tags/": {"GET": ADD},
    "/api/v1/registries/{registry_id}/test/": {"POST": ADD},
    "/api/v1/registries/{registry_id}/watches/": {"GET": SEE, "POST": OWN},
    "/api/v1/reports/actions/": {"GET": MINE},
    "/api/v1/reports/bases/": {"GET": MINE},
    "/api/v1/reports/common-ground/": {"GET": MINE},
    "/api/v1/reports/compare/": {"GET": SEE},
    "/api/v1/reports/forest/": {"GET": MINE},
    "/api/v1/reports/free/": {"GET": SEE},
    "/api/v1/reports/grid/": {"GET": MINE},
    "/api/v1/reports/heat-map/": {"GET": MINE},
    "/api/v1/reports/layers/": {"GET": MINE},
    "/api/v1/reports/near-misses/": {"GET": MINE},
    "/api/v1/reports/pull/": {"GET": SEE},
    "/api/v1/reports/rebase/": {"GET": SEE},
    "/api/v1/reports/sharing/": {"GET": MINE},
    "/api/v1/teams/": {"GET": MINE},
    "/api/v1/teams/{team}/members/": {"GET": SEE},
    "/api/v1/teams/{team}/quotas/": {"GET": SEE},
    "/api/v1/teams/{team}/retention/": {"GET": SEE},
    "/api/v1/teams/{team}/retention/rules/": {"POST": OWN},
    "/api/v1/teams/{team}/retention/rules/{rule_id}/": {"PUT": OWN, "DELETE": OWN},
    "/api/v1/teams/{team}/retention/runs/": {"POST": OWN},
    "/api/v1/teams/{team}/tokens/": {"GET": OWN},
    "/api/v1/tokens/": {"GET": MINE},
    "/api/v1/uploads/": {"OPTIONS": OPEN, "GET": MINE, "POST": ADD, "PUT": ADD},
    "/api/v1/uploads/{file_name}": {"PUT": ADD},
    "/api/v1/uploads/{upload_id}/": {"HEAD": MAKER, "PATCH": MAKER, "DELETE": MAKER, "POST": MAKER},
}

TABLE = PAGES | OPERATIONS


def addresses() -> dict[str, set[str]]:
    """What there is: each address as the table writes it, with the methods that the API knows of it (pages: none)."""
    found: dict[str, set[str]] = {plain(route.template): set() for route in routes()}
    for prefix, router in api._routers:
        assert isinstance(router, Router)
        for path, view in router.path_operations.items():
            found[plain(f"/api/v1{prefix}{path}")] |= {method for each in view.operations for method in each.methods}
    return found


def plain(template: str) -> str:
    """`/images/{ref}/` of `/images/<image_ref:ref>/`."""
    return re.sub(r"[<{](?:\w+:)?(\w+)[>}]", r"{\1}", template)
