"""Messages of the embedded broker are seen whole or not at all."""

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from layersite.embedded_broker import Channel, Transport


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    made = Connection("filesystem://localhost", transport=Transport, transport_options=folders).channel()
    assert isinstance(made, Channel)
    return made


def test_a_worker_that_looks_while_a_message_is_written_finds_none(channel: Channel) -> None:
    class Slow:
        """Looks into the queue just when it is to be written."""

        def __json__(self) -> str:
            with pytest.raises(Empty):
                channel._get("layers")
            return "written"

    payload: dict[str, Any] = {"word": Slow()}
    channel._put("layers", payload)
    assert channel._get("layers") == {"word": "written"}


def test_each_queue_gives_each_of_its_messages_once_and_leaves_nothing(channel: Channel, tmp_path: Path) -> None:
    for number in range(3):
        channel._put("layers", {"number": number})
    channel._put("others", {"number": 9})
    got = sorted(channel._get("layers")["number"] for _ in range(3))
    with pytest.raises(Empty):
        channel._get("layers")
    assert got == [0, 1, 2]
    assert channel._get("others") == {"number": 9}
    assert not list(tmp_path.iterdir())
