"""What went wrong with a server, in words for the person whose job it is."""

import errno

from django.db import DatabaseError, IntegrityError

from analyzer.services.chains import LayerGone


def in_words(error: Exception) -> str:
    """One sentence without the server's paths or data."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The server's disk is full; nothing was lost. Free some space (MIN_FREE_DISK_BYTES), then try again."
    if isinstance(error, FileNotFoundError):
        return "The archive is no longer on the server; add it again."
    if isinstance(error, OSError):
        return f"The server could not read or write a file ({errno.errorcode.get(error.errno or 0, 'unknown error')})."
    if isinstance(error, LayerGone | IntegrityError):
        return "Images that share its layers were removed meanwhile; try again."
    if isinstance(error, DatabaseError):
        return "The database did not answer; try again when it is back."
    if isinstance(error, MemoryError):
        return "The server ran out of memory."
    return f"The server met an unexpected error ({type(error).__name__}); its log has the details."
