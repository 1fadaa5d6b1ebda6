"""Secrets at rest: sealed with a key that is derived from SECRET_KEY, so that the database alone tells none.

The key is HKDF-SHA256 (RFC 5869) of SECRET_KEY, each of SECRET_KEY_FALLBACKS gives one more to read with; the seal is
Fernet: AES-128-CBC under HMAC-SHA256, with a random IV.
"""

import base64
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

PURPOSE = b"layersite: secrets at rest"


class SealBroken(Exception):
    """No key of the settings opens it; the message says so to a person."""


def seal(secret: str) -> str:
    """`secret` as it may be stored. An empty text stays one."""
    return _keys().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """The secret that `seal` was given. Raises SealBroken."""
    return _open(sealed).decode() if sealed else ""


def reseal(sealed: str) -> str:
    """The same secret under the newest key. Raises SealBroken."""
    return seal(unseal(sealed))


def _open(sealed: str) -> bytes:
    from cryptography.fernet import InvalidToken

    try:
        return _keys().decrypt(sealed)
    except InvalidToken:
        raise SealBroken(
            "The stored password can't be read, since SECRET_KEY has changed. Enter the password again, or let "
            "SECRET_KEY_FALLBACKS name the key of before."
        ) from None


def _keys() -> "MultiFernet":
    # Imported here: every command loads the models, few need this.
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(key: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return base64.urlsafe_b64encode(HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode()))
