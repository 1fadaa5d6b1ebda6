"""Who may use the Docker Engine that the settings name.

An engine shows what no team holds, everything on its host. So it is there for the instance's administrators, and for
people whom DOCKER_ENGINE_USERS names; for all others it does not exist, nor by a token that is good for one team.
"""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from analyzer.selectors.access import borne_by


def may_use_engine(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether there is an engine for this person."""
    if settings.DOCKER_ENGINE is None or not isinstance(user, User):
        return False
    token = borne_by(user)
    if token is not None and token.team_id is not None:
        return False
    return user.is_active and (user.is_superuser or user.username in settings.DOCKER_ENGINE_USERS)
