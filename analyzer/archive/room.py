"""Room on a disk: what an archive inflates to must not take the last of it from everyone else."""

import errno
import os
from pathlib import Path


class Room:
    """The free bytes of the disk that `folder` lies on, of which `reserve` are left alone (MIN_FREE_DISK_BYTES)."""

    def __init__(self, folder: Path, reserve: int) -> None:
        self._folder = folder
        self._reserve = reserve

    def need(self, size: int) -> None:
        """Raises OSError (ENOSPC) if less than the reserve would be left after `size` bytes more."""
        if not self._reserve:
            return
        found = os.statvfs(self._folder)
        if found.f_bavail * found.f_frsize - size < self._reserve:
            raise OSError(errno.ENOSPC, f"MIN_FREE_DISK_BYTES={self._reserve} must stay free", str(self._folder))
