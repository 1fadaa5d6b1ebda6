"""The form of a registry. A stored password is never filled in; an empty entry keeps it."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from analyzer.models import Team
from analyzer.services.registries import Entered


class RegistryForm(forms.Form):
    team = forms.ModelChoiceField(queryset=Team.objects.none(), to_field_name="slug", empty_label=None)
    name = forms.CharField(
        max_length=100,
        label="What your team calls it",
        error_messages={"required": "Give the registry a name."},
    )
    host = forms.CharField(
        max_length=255,
        help_text="As references write it: registry.example.org, localhost:5000, docker.io",
        error_messages={"required": "Say at which host it is."},
    )
    username = forms.CharField(max_length=255, required=False, label="User name, where it asks for one")
    password = forms.CharField(
        max_length=5_000, required=False, strip=False, label="Password or access token", widget=forms.PasswordInput
    )

    def __init__(self, *args: Any, teams: QuerySet[Team] | None = None, kept: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if teams is None:
            del self.fields["team"]
        else:
            self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        for name in ("host", "username"):
            self.fields[name].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        self.fields["password"].widget.attrs["autocomplete"] = "new-password"
        self.fields["password"].help_text = (
            "One is stored, and is never shown. Leave this empty to keep it."
            if kept
            else "Stored sealed, sent to this host alone, and never shown again. A token that may only read is best."
        )

    @property
    def entered(self) -> Entered:
        """What was entered, once it is valid."""
        data = self.cleaned_data
        return Entered(data["name"], data["host"], data["username"], data["password"])
