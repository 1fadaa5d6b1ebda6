"""What has to be so before the site can run: a free port, a current database, someone who can log in."""

import errno
import secrets
import socket

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, transaction


class StartError(Exception):
    """The site can't start; the message is one sentence for a person."""


def check_port() -> None:
    """Raises StartError where BIND and PORT can't be listened on."""
    family = socket.AF_INET6 if ":" in settings.BIND else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.BIND, settings.PORT))
        except OSError as error:
            raise StartError(port_trouble(error)) from error


def port_trouble(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {settings.PORT} is in use by another program: stop that one, "
                f"or choose another port: `make run PORT={settings.PORT + 1}`."
            )
        case errno.EACCES:
            return f"Port {settings.PORT} is reserved for root: choose one above 1023, as in `make run PORT=8000`."
        case _:
            return f"BIND={settings.BIND} is not an address of this machine ({error.strerror})."


def prepare_database() -> None:
    """Bring the tables up to date. Raises StartError when the database can't be used."""
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise StartError(f"The database can't be used: {str(error).strip().splitlines()[0]}") from error


def first_administrator() -> tuple[str, str] | None:
    """Name and password of the administrator that this call made, None if there is one already."""
    from analyzer.models import Membership, Role, Team

    users = get_user_model().objects
    with transaction.atomic():
        if users.filter(is_superuser=True).exists():
            return None
        taken = users.filter(username="admin").exists()
        name, password = f"admin-{secrets.token_hex(2)}" if taken else "admin", secrets.token_urlsafe(12)
        user = users.create_superuser(username=name, password=password)
        for team in Team.objects.all():
            Membership.objects.create(team=team, user=user, role=Role.OWNER)
    return name, password
