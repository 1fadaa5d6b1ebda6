"""What a first start makes, and the sentences of one that can't be."""

import socket

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.test import RequestFactory

from analyzer.models import Membership
from layersite import firststart


@pytest.mark.django_db
def test_the_first_administrator_can_log_in_and_owns_the_default_team() -> None:
    made = firststart.first_administrator()
    assert made
    name, password = made
    user = authenticate(RequestFactory().post("/"), username=name, password=password)
    assert isinstance(user, User)
    assert user.is_superuser
    assert Membership.objects.get(user=user).team.slug == "default"


@pytest.mark.django_db
def test_a_second_start_makes_no_other_administrator() -> None:
    firststart.first_administrator()
    assert firststart.first_administrator() is None
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_user_who_took_the_name_keeps_it() -> None:
    User.objects.create_user("admin", password="mine")
    made = firststart.first_administrator()
    assert made
    assert made[0].startswith("admin-")
    assert User.objects.get(username="admin").check_password("mine")


def test_a_port_in_use_is_said_with_a_way_out(settings: LazySettings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings.BIND, settings.PORT = "127.0.0.1", other.getsockname()[1]
        with pytest.raises(firststart.StartError, match=rf"in use by another program.*PORT={settings.PORT + 1}"):
            firststart.check_port()


def test_an_address_of_another_machine_is_said(settings: LazySettings) -> None:
    settings.BIND = "192.0.2.1"
    with pytest.raises(firststart.StartError, match=r"BIND=192\.0\.2\.1 is not an address of this machine"):
        firststart.check_port()


def test_a_free_port_is_fine(settings: LazySettings) -> None:
    settings.BIND, settings.PORT = "127.0.0.1", 0
    firststart.check_port()
