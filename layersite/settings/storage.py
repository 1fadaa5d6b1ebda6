"""Where data lies: one folder, private to the user who runs the program."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from analyzer.blobstore.bucket import Bucket

from . import env

BASE_DIR = env.BASE_DIR
DATA_DIR = Path(env.text("DATA_DIR", "data"))
if not DATA_DIR.is_absolute():
    DATA_DIR = BASE_DIR / DATA_DIR

BLOB_DIR = DATA_DIR / "blobs"  # the content-addressed store
UPLOAD_DIR = DATA_DIR / "uploads"  # part files: the same filesystem as the blobs, so that finishing is a rename
PULL_DIR = DATA_DIR / "pulls"  # what is fetched from registries: the same filesystem again
WORK_DIR = DATA_DIR / "work"  # a compressed archive's plain form while it is read
CACHE_DIR = DATA_DIR / "cache"  # merged views, replayed from listings; may be deleted at any time
BROKER_DIR = DATA_DIR / "broker"  # messages of the embedded broker
RUN_DIR = DATA_DIR / "run"  # what lives as long as the processes do

try:
    for folder in (DATA_DIR, BLOB_DIR, UPLOAD_DIR, PULL_DIR, WORK_DIR, CACHE_DIR, BROKER_DIR, RUN_DIR):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR={DATA_DIR} can't be used: {error.strerror}") from error

# Off: an analysed archive's bytes are dropped, its figures and listings stay.
KEEP_BLOBS = env.switch("KEEP_BLOBS", True)


def bucket(url: str) -> Bucket | None:
    """The bucket that `s3://name/prefix` names, None for the file system."""
    named = [env.text(f"BLOB_STORE_{name}") for name in ("ENDPOINT", "REGION", "ACCESS_KEY", "SECRET_KEY")]
    if not url:
        return None
    scheme, _, rest = url.partition("://")
    name, _, prefix = rest.partition("/")
    if scheme != "s3" or not name:
        raise ImproperlyConfigured(f"BLOB_STORE_URL must be s3://bucket or s3://bucket/prefix, not {url!r}")
    return Bucket(name, f"{prefix.strip('/')}/" if prefix.strip("/") else "", *named)


# Blobs lie in BLOB_DIR, or in a bucket that several hosts share.
BLOB_STORE = bucket(env.text("BLOB_STORE_URL"))
# On: hosts have no DATA_DIR in common, so an archive that one has received comes to the others by the bucket.
BLOB_STORE_STAGING = env.switch("BLOB_STORE_STAGING", False)
if BLOB_STORE_STAGING and BLOB_STORE is None:
    raise ImproperlyConfigured("BLOB_STORE_STAGING=on needs a bucket: set BLOB_STORE_URL")
# An upload or a pull is refused when less than this would be left free.
MIN_FREE_DISK_BYTES = env.integer("MIN_FREE_DISK_BYTES", 1 << 30)
UPLOAD_EXPIRY_HOURS = env.integer("UPLOAD_EXPIRY_HOURS", 24, least=1)

# Django reads a form before it is known who sends it. Only the one that adds images has a place for files.
FILE_UPLOAD_HANDLERS = ["analyzer.web.upload_handlers.NoFiles"]
