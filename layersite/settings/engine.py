"""A Docker Engine whose images and containers administrators may look at; none unless it is named."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from analyzer.registry.engine import EngineContext, InvalidEngine

from . import env
from .limits import LIMITS


def engine() -> EngineContext | None:
    host, certs = env.text("DOCKER_ENGINE", ""), env.text("DOCKER_ENGINE_CERTS", "")
    timeout = env.integer("DOCKER_ENGINE_TIMEOUT_SECONDS", 30, least=1)
    try:
        return EngineContext(host, Path(certs) if certs else None, float(timeout), LIMITS) if host else None
    except InvalidEngine as error:
        raise ImproperlyConfigured(str(error)) from error


# An engine shows what no team holds: everything on its host.
DOCKER_ENGINE = engine()
# People who may use it beside the instance's administrators.
DOCKER_ENGINE_USERS = frozenset(name.strip() for name in env.text("DOCKER_ENGINE_USERS", "").split(",") if name.strip())
