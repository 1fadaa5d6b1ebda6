"""Patience with a database: for one that is away, not for one that refuses."""

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from analyzer.services.leases import patiently


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_waited_for(away: type[Exception]) -> None:
    errors = [away("gone"), away("gone")]

    def action() -> None:
        if errors:
            raise errors.pop()

    patiently(action)
    assert not errors


@pytest.mark.parametrize("refusal", [DataError, IntegrityError])
def test_what_a_database_refuses_is_not_tried_again(refusal: type[Exception]) -> None:
    tries: list[int] = []

    def action() -> None:
        tries.append(1)
        raise refusal("value too long")

    with pytest.raises(refusal):
        patiently(action)
    assert len(tries) == 1
