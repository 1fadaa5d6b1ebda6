"""Where the files of multipart forms go: to the staging folder for the form that adds images, else nowhere."""

import uuid
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from analyzer.archive.budget import LimitReached
from analyzer.blobstore.staging import Appender, NoSpace
from analyzer.services.uploads import staging


class StagedFile(UploadedFile):  # type: ignore[type-arg] # generic for mypy only
    """A file of the form; its bytes lie in the staging folder as the part file `upload`."""

    def __init__(self, upload: uuid.UUID, name: str, size: int) -> None:
        super().__init__(name=name, size=size)
        self.upload = upload


class StagingHandler(FileUploadHandler):
    """Writes each file of the form to a part file. `refusal` is what stopped it, if anything did.

    What lies in `staged` is the view's to take away or to discard.
    """

    chunk_size = 1 << 20

    def __init__(self) -> None:
        super().__init__()
        self.refusal: LimitReached | NoSpace | None = None
        self.staged: list[uuid.UUID] = []
        self._appender: Appender | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        upload = uuid.uuid4()
        staging().create(upload)
        self.staged.append(upload)
        self._appender = staging().appender(upload, 0)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            settings.LIMITS.check("max_archive_bytes", start + len(raw_data), "the archive")
            if self._appender is not None:
                self._appender.write(raw_data)
        except (LimitReached, NoSpace) as refusal:
            self.refusal = refusal
            raise StopUpload(connection_reset=True) from refusal

    def file_complete(self, file_size: int) -> StagedFile:
        self._close()
        return StagedFile(self.staged[-1], self.file_name or "", file_size)

    def discard(self) -> None:
        """Removes all that is still staged."""
        self._close()
        for upload in self.staged:
            staging().discard(upload)
        self.staged.clear()

    def _close(self) -> None:
        if self._appender is not None:
            appender, self._appender = self._appender, None
            appender.close()


class NoFiles(FileUploadHandler):
    """For all other forms: Django reads a form before it knows who sends it, so anybody could fill the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None
