"""`manage.py analyze`, again and again in one process: a line of archives in, its status out."""

import json
import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        try:
            call_command("analyze", *json.loads(line), stdout=sys.stderr)
            status: object = 0
        except SystemExit as end:
            status = end.code
        print(status, flush=True)
