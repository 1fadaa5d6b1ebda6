"""What is sent to an address so that it is asked for its right and not refused for its form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client

from tests.cast import PASSWORD

ALICES = "alices-team"
NEW_PASSWORD = "a new battery staple"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Sent:
    """`form` goes as a form, `document` as JSON, `raw` as bytes; {places} in the texts are filled like the address."""

    query: str = ""
    form: Mapping[str, str] | None = None
    document: Mapping[str, Any] | None = None
    raw: bytes = b""
    headers: Mapping[str, str] | None = None
    files: Mapping[str, bytes] | None = None
    type: str = "application/octet-stream"


REGISTRY = {"team": ALICES, "name": "Another", "host": "registry.example.org", "username": "", "password": ""}
WATCH = {"repository": "corp/vault", "tag": "silver"}

SENT: dict[tuple[str, str], Sent] = {
    ("POST", "/accounts/password/"): Sent(
        form={"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    ),
    ("POST", "/add/form/"): Sent(form={"team": ALICES}, files={"files": b"no archive"}),
    ("POST", "/add/pull/"): Sent(form={"team": ALICES, "reference": "nginx"}),
    ("POST", "/add/sample/"): Sent(form={"team": ALICES}),
    ("GET", "/images/delete/"): Sent("image={ref}"),
    ("POST", "/account/"): Sent(form={"first_name": "A", "last_name": "B", "email": "a@example.org"}),
    ("POST", "/images/delete/"): Sent(form={"image": "{ref}"}),
    ("POST", "/images/{ref}/gate/badges/"): Sent(form={"reference": "{reference_id}", "shows": "gate"}),
    ("POST", "/images/{ref}/move/"): Sent(form={"from": ALICES, "to": "alices-second"}),
    ("GET", "/share/"): Sent("page=image&image={ref}"),
    ("POST", "/share/"): Sent(form={"page": "image", "image": "{ref}", "days": "7"}),
    ("POST", "/teams/{slug}/invite/"): Sent(form={"role": "viewer", "days": "7"}),
    ("POST", "/teams/{slug}/retention/rules/"): Sent(form={"pattern": "vault/*", "keep_last": "5"}),
    ("POST", "/teams/{slug}/retention/rules/{rule_id}/"): Sent(form={"pattern": "vault/*", "keep_days": "30"}),
    ("POST", "/teams/{slug}/webhooks/add/"): Sent(form={"url": "https://a.example.org/", "event": "gate.failed"}),
    ("POST", "/teams/{slug}/webhooks/{webhook_id}/"): Sent(form={"event": "gate.failed"}),
    ("POST", "/teams/{slug}/members/{user_id}/role/"): Sent(form={"role": "owner"}),
    ("GET", "/images/{ref}/file/"): Sent("path=srv/recipe.txt"),
    ("GET", "/images/{ref}/file/bytes/"): Sent("path=srv/recipe.txt"),
    ("GET", "/layers/{diff_id}/file/"): Sent("path=srv/recipe.txt"),
    ("POST", "/registries/add/"): Sent(form=REGISTRY),
    ("POST", "/registries/{registry_id}/edit/"): Sent(form=REGISTRY),
    ("POST", "/registries/{registry_id}/watches/add/"): Sent(form=WATCH | {"every": "3600"}),
    ("GET", "/registries/{registry_id}/tags/"): Sent("repository=corp/vault"),
    ("POST", "/registries/{registry_id}/pull/"): Sent(form=WATCH),
    ("GET", "/registries/{registry_id}/matching/"): Sent("repository=corp/vault&tag=*"),
    ("POST", "/registries/{registry_id}/matching/"): Sent(form=WATCH),
    ("POST", "/teams/{slug}/tokens/"): Sent(form={"name": "CI", "scope": "upload", "days": "30"}),
    ("POST", "/tokens/"): Sent(form={"name": "CI", "scope": "upload", "team": "", "days": "30"}),
    ("GET", "/api/v1/compare/"): Sent("a={ref}&b={ref}"),
    ("POST", "/api/v1/engine/intakes/"): Sent(document={"image": "sha256:" + "0" * 64, "team": ALICES}),
    ("POST", "/api/v1/gate/"): Sent(document={"image": "{ref}"}),
    ("GET", "/api/v1/gate/badge/"): Sent("image={ref}"),
    ("GET", "/api/v1/find/"): Sent("q=srv/recipe.txt"),
    ("GET", "/api/v1/images/{ref}/file/"): Sent("path=srv/recipe.txt"),
    ("GET", "/api/v1/images/{ref}/file/bytes/"): Sent("path=srv/recipe.txt"),
    ("POST", "/api/v1/pulls/"): Sent(document={"reference": "nginx", "team": ALICES}),
    ("POST", "/api/v1/registries/"): Sent(document=REGISTRY),
    ("PUT", "/api/v1/registries/{registry_id}/"): Sent(document=REGISTRY),
    ("GET", "/api/v1/registries/{registry_id}/tags/"): Sent("repository=corp/vault"),
    ("GET", "/api/v1/registries/{registry_id}/matching/"): Sent("repository=corp/vault"),
    ("POST", "/api/v1/registries/{registry_id}/pull/"): Sent(document=WATCH),
    ("POST", "/api/v1/registries/{registry_id}/watches/"): Sent(document=WATCH),
    ("PATCH", "/api/v1/registries/watches/{watch_id}/"): Sent(document={"paused": True}),
    ("GET", "/api/v1/reports/compare/"): Sent("image={ref}&image={ref}"),
    ("GET", "/api/v1/reports/free/"): Sent("image={ref}"),
    ("GET", "/api/v1/reports/pull/"): Sent("image={ref}"),
    ("GET", "/api/v1/reports/rebase/"): Sent("image={ref}&onto={ref}"),
    ("POST", "/api/v1/teams/{team}/retention/rules/"): Sent(document={"pattern": "vault/*", "keep_last": 5}),
    ("PUT", "/api/v1/teams/{team}/retention/rules/{rule_id}/"): Sent(document={"pattern": "vault/*", "keep_last": 5}),
    ("POST", "/api/v1/teams/{team}/retention/runs/"): Sent(document={"key": "0"}),
    ("POST", "/api/v1/uploads/"): Sent(f"team={ALICES}", headers=TUS | {"Upload-Length": "10"}),
    ("PUT", "/api/v1/uploads/"): Sent(f"team={ALICES}&name=a.tar", raw=b"no archive"),
    ("PUT", "/api/v1/uploads/{file_name}"): Sent(f"team={ALICES}", raw=b"no archive"),
    ("HEAD", "/api/v1/uploads/{upload_id}/"): Sent(headers=TUS),
    ("DELETE", "/api/v1/uploads/{upload_id}/"): Sent(headers=TUS),
    ("PATCH", "/api/v1/uploads/{upload_id}/"): Sent(
        raw=b"1234", headers=TUS | {"Upload-Offset": "0"}, type="application/offset+octet-stream"
    ),
    ("POST", "/api/v1/uploads/{upload_id}/"): Sent(headers=TUS | {"X-HTTP-Method-Override": "DELETE"}),
}


def ask(client: Client, method: str, address: str, things: Mapping[str, str]) -> HttpResponseBase:
    """The answer of `address`, whose places are filled from `things`."""
    sent = SENT.get((method, address), Sent())

    def filled(text: str) -> str:
        for name, value in things.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    query = filled(sent.query)
    to = filled(address) + (f"?{query}" if query else "")
    headers = dict(sent.headers or {})
    if sent.form is not None:
        fields: dict[str, Any] = {name: filled(value) for name, value in sent.form.items()}
        fields |= {name: SimpleUploadedFile(name, value) for name, value in (sent.files or {}).items()}
        return client.post(to, fields, headers=headers)
    if sent.document is not None:
        return client.generic(method, to, filled(json.dumps(sent.document)), "application/json", headers=headers)
    return client.generic(method, to, sent.raw, sent.type, headers=headers)


def repeats(method: str, address: str, word: bytes) -> bool:
    """Whether the word stands in what is sent, which the answer may say again."""
    return word.decode() in str(SENT.get((method, address)))
