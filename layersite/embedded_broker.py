"""The embedded broker: Kombu's transport of message files, which here appear whole.

Kombu makes a file and then writes into it. A worker that looks in between takes an empty message, which ends it, and
the work waits until the reconciler misses it.
"""

import os
import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]  # as the class above
        name = f"{monotonic_ns() // 1_000_000:015}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        part, whole = folder / f"{name}.part", folder / f"{name}.{queue}.msg"
        try:
            part.write_text(dumps(payload))
            os.replace(part, whole)
        except OSError as error:
            raise ChannelError(f"the message can't be written: {error}") from error


class Transport(filesystem.Transport):
    Channel = Channel
