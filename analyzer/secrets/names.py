"""Well-known names of files that hold secrets, and what stands in such a file if it does hold one."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple


class NameRule(NamedTuple):
    """`proof` is looked for where the bytes can be read: without it the file is let alone."""

    words: str
    proof: re.Pattern[bytes] | None
    sure: bool = True
    """Whether the name alone tells, where the bytes can't be read."""


PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]){1,8}"
    rb"(?:[A-Za-z-]{1,40}: [^\r\n]{0,200}\s{1,4}){0,5}[A-Za-z0-9+/=\s\\]{64}"
    rb"|PuTTY-User-Key-File-[23]: "
)
"""A key with its body: programs and manuals that only name the first line are none."""


def _proof(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode(), re.IGNORECASE | re.MULTILINE)


_ENVIRONMENT = NameRule(
    "environment file",
    _proof(
        r"^[ \t]*(?:export[ \t]+)?\w{0,60}(?:SECRET|TOKEN|PASSWORD|PASSWD|PWD|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY"
        r"|CREDENTIAL)\w{0,60}[ \t]*=[ \t]*['\"]?[^\s'\"$<#{]"
    ),
)
_KEY = NameRule("private key", PRIVATE_KEY)
_STORE = NameRule("key store", None)
_DOCKER = NameRule("Docker registry credentials", _proof(r'"(?:auth|identitytoken|password)"\s*:\s*"[^"]'))
_KUBERNETES = NameRule(
    "Kubernetes credentials", _proof(r"\b(?:client-key-data|token|password)['\"]?[ \t]*:[ \t]*['\"]?[^\s'\"]")
)
_CLOUD = NameRule(
    "cloud credentials",
    _proof(
        r"\b(?:aws_secret_access_key|gs_secret_access_key|secret_key|private_key|refresh_?token|client_?secret"
        r"|access_?token)['\"]?[ \t]*[=:][ \t]*['\"]?[^\s'\"$]"
    ),
)
_TERRAFORM = NameRule(
    "Terraform state or variables",
    _proof(r"\b\w{0,40}(?:password|secret|token|private_key)\w{0,40}\"?\s*[=:]\s*\"[^\"]"),
)
_NPM = NameRule("npm credentials", _proof(r"^[^;#\n]{0,200}(?:_authToken|_auth|_password)[ \t]*=[ \t]*['\"]?[^\s'\"$]"))
_NETRC = NameRule("login file of netrc", _proof(r"\bpassword\s{1,20}\S"))
_PASSWORD = _proof(r"^[ \t]*password[ \t]*[=:][ \t]*[^\s$]")
_CARGO = NameRule("Cargo credentials", _proof(r"^[ \t]*token[ \t]*=[ \t]*[\"'][^\"'\s]"))

_NAMES = {
    b".env": _ENVIRONMENT,
    b".npmrc": _NPM,
    b".yarnrc.yml": NameRule(
        "npm credentials", _proof(r"npmAuth(?:Token|Ident)[ \t]*:[ \t]*['\"]?[^\s'\"$]"), sure=False
    ),
    b".pypirc": NameRule("PyPI credentials", _PASSWORD),
    b".netrc": _NETRC,
    b"_netrc": _NETRC,
    b".git-credentials": NameRule("Git credentials", _proof(r"://[^/\s@]{1,400}@")),
    b".dockercfg": _DOCKER,
    b".dockerconfigjson": _DOCKER,
    b"kubeconfig": _KUBERNETES,
    b"terraform.tfstate": _TERRAFORM,
    b"terraform.tfstate.backup": _TERRAFORM,
    b"terraform.tfvars": _TERRAFORM,
    b".pgpass": NameRule("PostgreSQL passwords", _proof(r"^[^#\n:]{1,200}(?::[^:\n]{1,200}){4}$")),
    b".my.cnf": NameRule("MySQL password", _PASSWORD),
    b".htpasswd": NameRule("password hashes", _proof(r"^[^:#\s]{1,200}:\S")),
    b".vault-token": NameRule("Vault token", _proof(r"^\S{8}")),
    b".s3cfg": _CLOUD,
    b".boto": _CLOUD,
    b"application_default_credentials.json": _CLOUD,
    b"id_rsa": _KEY,
    b"id_dsa": _KEY,
    b"id_ecdsa": _KEY,
    b"id_ed25519": _KEY,
    b"tls.key": _KEY,
    b"server.key": _KEY,
    b"private.key": _KEY,
    b"private.pem": _KEY,
    b"privkey.pem": _KEY,
    b"ssh_host_rsa_key": _KEY,
    b"ssh_host_ecdsa_key": _KEY,
    b"ssh_host_ed25519_key": _KEY,
}
_PLACES = {
    b".docker/config.json": _DOCKER,
    b".kube/config": _KUBERNETES,
    b"kubernetes/admin.conf": _KUBERNETES,
    b".aws/credentials": _CLOUD,
    b"gcloud/credentials.db": NameRule("cloud credentials", None),
    b"gcloud/access_tokens.db": NameRule("cloud credentials", None),
    b".azure/accessTokens.json": _CLOUD,
    b".azure/msal_token_cache.json": _CLOUD,
    b"gh/hosts.yml": NameRule("GitHub credentials", _proof(r"oauth_token[ \t]*:[ \t]*\S")),
    b".gem/credentials": NameRule("RubyGems credentials", _proof(r"api_key[ \t]*:[ \t]*\S")),
    b".cargo/credentials": _CARGO,
    b".cargo/credentials.toml": _CARGO,
    b"config/master.key": NameRule("Rails master key", _proof(r"^[0-9a-f]{32}\s*$")),
}
"""By the last two names of the path."""
_PLACED = {place[place.rfind(b"/") + 1 :] for place in _PLACES}

_ENDS = {b".p12": _STORE, b".pfx": _STORE, b".jks": _STORE, b".keystore": _STORE, b".kdbx": _STORE, b".ppk": _KEY}
_TEMPLATES = (b".example", b".sample", b".template", b".dist", b".tpl", b".defaults")
_MOUNTED = NameRule("mounted secret", None)
_SECRET_FOLDERS = (b"run/secrets/", b"etc/ssl/private/")


_KNOWN = _NAMES.keys() | _PLACED
_LAST_FOUR = frozenset(end[-4:] for end in _ENDS)


def suspects(paths: Sequence[bytes]) -> list[int]:
    """The rows of sorted paths that `by_name` may have a rule for: a quarter of a microsecond a path, for each of each
    layer is asked."""
    names = [path[path.rfind(b"/") + 1 :] for path in paths]
    found = {at for at, name in enumerate(names) if name in _KNOWN or name[-4:] in _LAST_FOUR or name[:5] == b".env."}
    for folder in _SECRET_FOLDERS:
        start = bisect_left(paths, folder)
        found.update(range(start, bisect_left(paths, folder[:-1] + b"0", start)))  # "0" is the byte after "/"
    return sorted(found)


def by_name(path: bytes) -> NameRule | None:
    """The rule that a path falls under."""
    name = path[path.rfind(b"/") + 1 :]
    if (rule := _NAMES.get(name)) is not None:
        return rule
    if name[:5] == b".env.":
        return None if name.endswith(_TEMPLATES) else _ENVIRONMENT
    if (rule := _ENDS.get(name[name.rfind(b".") :])) is not None:
        return None if b"trust" in name or name == b"cacerts.jks" else rule
    if path.startswith(_SECRET_FOLDERS):
        return _MOUNTED if path.startswith(b"run/") else _KEY
    return _PLACES.get(b"/".join(path.rsplit(b"/", 2)[-2:])) if name in _PLACED else None
