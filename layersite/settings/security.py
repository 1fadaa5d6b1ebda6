"""Who may talk to the site, and what browsers are told to refuse."""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import env
from .database import DATABASE_IS_EMBEDDED
from .storage import DATA_DIR

DEBUG = env.switch("DEBUG", False)


def kept_secret(path: Path) -> str:
    """The secret in the file `path`, which is made at the first call and readable by its owner only."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(fresh, path)  # whole or not at all, and only one of two that start together wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii")


SECRET_KEY = env.text("SECRET_KEY", "")
if not SECRET_KEY:
    if not DATABASE_IS_EMBEDDED and not DEBUG:
        raise ImproperlyConfigured(
            "DATABASE_URL names a server, which several machines may share: set the same SECRET_KEY on them all."
        )
    SECRET_KEY = kept_secret(DATA_DIR / "secret_key")
# Keys of before: what they signed or sealed is still read, and sealed anew by `manage.py rotate_secrets`.
SECRET_KEY_FALLBACKS = [key for key in env.text("SECRET_KEY_FALLBACKS", "").split(",") if key]

# The address that people type, where it is not this machine's own: `https://layers.example.org`.
PUBLIC_URL = env.text("PUBLIC_URL", "").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS += [host.strip() for host in env.text("ALLOWED_HOSTS", "").split(",") if host.strip()]
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

# How many reverse proxies of ours stand in front. Their headers are believed, and nobody else's.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked for from inside, in plain HTTP
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("SESSION_DAYS", 14, least=1) * 86_400

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "style-src": [SELF, NONCE],
        "style-src-attr": ["'unsafe-inline'"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "analyzer.services.guessing.Held",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_RESET_TIMEOUT = env.integer("PASSWORD_RESET_HOURS", 24, least=1) * 3600
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# Requests a minute, 0 for as many as come: of the API by one token or one person; of the API, of forms to log in and of
# links by one address that nobody is known from.
REQUESTS_A_MINUTE = env.integer("REQUESTS_A_MINUTE", 1_200)
ANONYMOUS_REQUESTS_A_MINUTE = env.integer("ANONYMOUS_REQUESTS_A_MINUTE", 120)
# Attempts in a quarter of an hour under one name, from all addresses together, by browsers it never logged in with.
LOGIN_ATTEMPTS_OF_A_NAME = env.integer("LOGIN_ATTEMPTS_OF_A_NAME", 30)

AXES_FAILURE_LIMIT = env.integer("LOGIN_ATTEMPTS", 10, least=1)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/lockout.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "layersite.proxies.client_ip"

# /metrics answers who bears this token, and administrators.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
