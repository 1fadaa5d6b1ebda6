"""What to watch: a repository and a tag, each a name or a glob, and how often."""

from typing import Any

from django import forms

from analyzer.models import Watch

WORDS = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


class WatchForm(forms.Form):
    repository = forms.CharField(
        max_length=255,
        label="Repository or pattern",
        widget=forms.TextInput(attrs={**WORDS, "placeholder": "team/app or team/*"}),
        error_messages={"required": "Say which repository."},
    )
    tag = forms.CharField(
        max_length=128,
        required=False,
        label="Tag or pattern",
        widget=forms.TextInput(attrs={**WORDS, "placeholder": "latest or 1.*"}),
    )
    every = forms.TypedChoiceField(choices=Watch.EVERY, coerce=int, initial=3600, label="Look every")
    from_now_on = forms.BooleanField(required=False, label="only what is pushed from now on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
