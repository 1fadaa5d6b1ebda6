"""Why an upload is refused, in one sentence for a person: what happened, and what to do."""

from django.conf import settings

from analyzer.archive.budget import LimitReached
from analyzer.blobstore.staging import Gone, NoSpace, WrongOffset
from analyzer.services.quotas import QuotaReached
from analyzer.services.uploads import Empty, Interrupted, TooLong
from analyzer.units import binary_text, exact

REFUSED = (LimitReached, NoSpace, QuotaReached, Gone, WrongOffset, Empty, Interrupted, TooLong)
"""What `begin`, `receive`, `finish` and `receive_whole` may raise."""


def explain(refusal: Exception) -> str:
    """The sentence for one of REFUSED."""
    match refusal:
        case LimitReached(setting=setting, limit=limit):
            return (
                f"The archive is larger than this server takes: at most {binary_text(limit)} ({exact(limit)}). "
                f"An administrator can raise {setting}."
            )
        case NoSpace():
            return (
                "The server's disk is too full to take this archive: "
                f"{binary_text(settings.MIN_FREE_DISK_BYTES)} must stay free (MIN_FREE_DISK_BYTES). "
                "What has arrived of a resumable upload is kept; go on when there is room."
            )
        case QuotaReached():
            return str(refusal)
        case Gone():
            return "This upload is no longer here: it was cancelled or has expired. Begin it again."
        case WrongOffset(length=length):
            return f"The upload has arrived up to byte {length:,}: go on from there."
        case Empty():
            return "Nothing arrived, and an empty file is no image archive. Did the command before the pipe fail?"
        case TooLong():
            return "More bytes were sent than the upload was announced with."
        case _:
            return "The connection broke before the end of the archive."
