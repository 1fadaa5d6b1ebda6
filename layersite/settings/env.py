"""The only place where the environment is read.

Every variable may instead name a file that holds its value: NAME_FILE, as container secrets do.
A file of such lines, `.env` beside manage.py or what ENV_FILE names, is read first; what the environment already
says wins over it.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environ import Env

BASE_DIR = Path(__file__).resolve().parents[2]

# What was asked for, with its default as it would be written in `.env`. The documentation is held to this.
variables: dict[str, str] = {"ENV_FILE": ".env"}

env_file = BASE_DIR / (os.environ.get("ENV_FILE") or ".env")
if env_file.is_file():
    Env.read_env(env_file)


def text(name: str, default: str = "") -> str:
    """The value of `name`; an empty value counts as not given."""
    variables[name] = default
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE={path} can't be read: {error.strerror}") from error
    return default


def integer(name: str, default: int, least: int = 0) -> int:
    """The value of `name` as a whole number, not below `least`."""
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None
    if number < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {number}")
    return number


def switch(name: str, default: bool) -> bool:
    """The value of `name` as on or off."""
    value = text(name, "on" if default else "off").lower()
    if value in {"1", "on", "true", "yes"}:
        return True
    if value in {"0", "off", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}")
