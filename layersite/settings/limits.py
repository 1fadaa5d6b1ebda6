"""Limits on what an archive may hold. Each refusal names the variable that raises it."""

from dataclasses import fields

from analyzer.archive.budget import Limits

from . import env

LIMITS = Limits(
    **{field.name: env.integer(field.name.upper(), getattr(Limits(), field.name), 1) for field in fields(Limits)}
)
