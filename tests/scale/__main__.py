"""`python -m tests.scale FOLDER --images 1000`: a DATA_DIR with a collection; log in as admin / admin-pass-1.

With DATABASE_URL the rows go there.
"""

import argparse
import os
import sys
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--density", type=float, default=1.0, help="scales the files of every layer")
    options = parser.parse_args()
    os.environ |= {"DATA_DIR": str(options.folder.resolve()), "DJANGO_SETTINGS_MODULE": "layersite.settings"}
    os.environ.setdefault("ENV_FILE", os.devnull)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db.models import Sum

    from analyzer.models import Content, Image, Layer
    from tests.scale.fill import fill, quickly

    call_command("migrate", verbosity=0)
    quickly()
    started = time.perf_counter()

    def report(done: int) -> None:
        if sys.stderr.isatty() or done % 100 == 0:
            print(f"\r{done:,} archives in {time.perf_counter() - started:.0f} s", end="", file=sys.stderr)

    fill(options.images, seed=options.seed, density=options.density, report=report)
    rows = Layer.objects.aggregate(entries=Sum("entries"), size=Sum("size"))
    files = Content.objects.aggregate(copies=Sum("copies"))["copies"]
    print(
        f"\r{Image.objects.count():,} images, {Layer.objects.count():,} layers, {rows['entries']:,} entries,"
        f" {files:,} files with {Content.objects.count():,} contents, {rows['size'] / 2**30:.1f} GiB of layers,"
        f" in {time.perf_counter() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
