"""Runs a command with a PostgreSQL server beside it: `python -m tests.service.on_postgres pytest …`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.service import servers

if __name__ == "__main__":
    if not (list(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or os.environ.get("CI") == "true"):
        print("Tests on PostgreSQL left out: it is not installed", file=sys.stderr)
        sys.exit(0)
    command = [shutil.which(sys.argv[1]) or sys.argv[1], *sys.argv[2:]]
    with servers.postgres() as url:
        status = subprocess.run(command, env=os.environ | {"TEST_DATABASE_URL": url}, check=False).returncode
    sys.exit(status)
