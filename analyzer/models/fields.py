"""Field types that several models share."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    CharField = models.CharField[Any, Any]
else:
    CharField = models.CharField


class DigestField(CharField):
    """`sha256:` and 64 hexadecimal digits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 71
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs


class TextChoiceField(CharField):
    """One of a few words; what they are is the code's business, not the migration's."""

    def __init__(self, choices_of: type[models.TextChoices] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        if choices_of is not None:
            kwargs["choices"] = choices_of.choices
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs
