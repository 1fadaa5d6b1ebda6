"""Registries that images are pulled from: which may be reached, and how."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from analyzer.registry.context import NetworkRules

from . import env


def hosts(name: str) -> frozenset[str]:
    """Hosts, `name` or `name:port`, separated by commas."""
    return frozenset(host.strip().lower() for host in env.text(name, "").split(",") if host.strip())


def ca_file() -> str:
    path = env.text("REGISTRY_CA_PATH", "")
    if path and not Path(path).is_file():
        raise ImproperlyConfigured(f"REGISTRY_CA_PATH={path} is no file")
    return path


def proxy() -> str:
    url = env.text("REGISTRY_PROXY", "")
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ImproperlyConfigured("REGISTRY_PROXY must be like http://proxy.example.org:3128")
    return url


REGISTRY_RULES = NetworkRules(
    private_hosts=hosts("REGISTRY_PRIVATE_HOSTS"),
    plain_http_hosts=hosts("REGISTRY_PLAIN_HTTP_HOSTS"),
    proxy=proxy(),
    no_proxy=hosts("REGISTRY_NO_PROXY"),
    ca_file=ca_file(),
    timeout=float(env.integer("REGISTRY_TIMEOUT_SECONDS", 30, least=1)),
    attempts=env.integer("REGISTRY_ATTEMPTS", 5, least=1),
)
# Webhooks of people: addresses inside are called only where they are named.
WEBHOOK_RULES = NetworkRules(
    private_hosts=hosts("WEBHOOK_PRIVATE_HOSTS"),
    private_setting="WEBHOOK_PRIVATE_HOSTS",
    proxy=REGISTRY_RULES.proxy,
    ca_file=REGISTRY_RULES.ca_file,
    timeout=10.0,
    # Nothing but the first line of an answer is waited for: whoever sends it a byte at a time has no longer.
    slow_seconds=10.0,
    slow_bytes=sys.maxsize,
)
# Blobs that one pull fetches at the same time.
PULL_PARALLEL = env.integer("PULL_PARALLEL", 3, least=1)
# Tags that one watch, or one pull by a pattern, may be about.
WATCH_MAX_TAGS = env.integer("WATCH_MAX_TAGS", 500, least=1)
