"""Log-in by an OpenID provider; none unless OIDC_ISSUER names one."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from . import env

OIDC_ISSUER = env.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET", "")
OIDC_NAME = env.text("OIDC_NAME", "single sign-on")
OIDC_SCOPES = env.text("OIDC_SCOPES", "openid profile email")
# Who has no account yet gets one at the first log-in.
OIDC_CREATE_USERS = env.switch("OIDC_CREATE_USERS", True)
# The slug of a team that such people see from the start.
OIDC_TEAM = env.text("OIDC_TEAM", "")

if OIDC_ISSUER:
    _issuer = urlsplit(OIDC_ISSUER)
    if _issuer.scheme != "https" and _issuer.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ImproperlyConfigured("OIDC_ISSUER must begin with https://; plain HTTP is for this machine's own only")
    if not OIDC_CLIENT_ID:
        raise ImproperlyConfigured("OIDC_ISSUER is set, so OIDC_CLIENT_ID must be too")
