"""Management commands run in this process."""

import io

from django.core.management import call_command


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and standard output of a `manage.py` command."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()
