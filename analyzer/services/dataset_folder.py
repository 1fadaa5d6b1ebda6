"""A folder of a data set: on a disk, or in object storage by a URL that Arrow knows (`s3://bucket/folder`)."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

AT_ONCE = 8
"""Files that are written at the same time: object storage takes its tens of milliseconds for each."""


class NotAFolder(ValueError):
    """The destination can't be one; the message is a sentence for a person."""


class DatasetFolder:
    """Names are relative to the folder, parts divided by `/`. Raises OSError where storage fails."""

    def __init__(self, destination: str) -> None:
        """Raises NotAFolder where Arrow makes nothing of the destination."""
        from pyarrow import ArrowException, fs

        self._files: Any
        try:
            if "://" in destination:
                self._files, self._root = fs.FileSystem.from_uri(destination)
            else:
                self._files, self._root = fs.LocalFileSystem(), str(Path(destination).resolve())
        except (ArrowException, ValueError) as error:
            raise NotAFolder(f"{destination} is no folder to write to: {error}") from error
        self._local = self._files.type_name == "local"

    def sizes(self, under: str = "") -> dict[str, int]:
        """Bytes of every file below, by name. A file without a byte counts as none: a disk lost it."""
        from pyarrow import fs

        base = self._at(under) if under else self._root
        found = self._files.get_file_info(fs.FileSelector(base, recursive=True, allow_not_found=True))
        skip = len(self._root.rstrip("/")) + 1
        return {info.path[skip:]: info.size for info in found if info.type == fs.FileType.File and info.size}

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None if there is none."""
        try:
            with self._files.open_input_stream(self._at(name)) as stream:
                return bytes(stream.read())
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """All of it or nothing: who reads meanwhile never sees half a file."""
        target = self._at(name)
        if not self._local:  # an object is there when all of it is
            with self._files.open_output_stream(target) as stream:
                stream.write(data)
            return
        draft = f"{target}.{os.getpid()}.draft"
        self._files.create_dir(target.rpartition("/")[0], recursive=True)
        with self._files.open_output_stream(draft) as stream:
            stream.write(data)
        self._files.move(draft, target)

    def write_all(self, files: Mapping[str, bytes]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.write, files.keys(), files.values()))

    def remove(self, name: str) -> None:
        """The file, and the folders that held it alone."""
        self._files.delete_file(self._at(name))
        while self._local and "/" in name:
            name = name.rpartition("/")[0]
            if os.listdir(self._at(name)):
                break
            self._files.delete_dir(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"
