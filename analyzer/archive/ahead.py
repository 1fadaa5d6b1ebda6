"""One stage of a stream in a thread of its own: what it makes waits in a short queue for the stage after it.

This pays because reading, inflating and hashing all release the interpreter's lock.
"""

from collections.abc import Generator
from queue import SimpleQueue
from threading import Thread


def ahead(blocks: Generator[bytes, None, None], depth: int) -> Generator[bytes, None, None]:
    """The same blocks, made in a thread that is at most `depth` blocks ahead.

    What the stage raises is raised here. When this is closed early, the thread ends after the block it is at, `blocks`
    is closed there, and only then does close() return: nothing of the stage runs on afterwards.
    """
    ready: SimpleQueue[bytes | BaseException | None] = SimpleQueue()
    room: SimpleQueue[bool] = SimpleQueue()  # a token for each block that may be made
    for _ in range(depth):
        room.put(True)
    wanted = True

    def make() -> None:
        try:
            while room.get() and wanted and (block := next(blocks, None)) is not None:
                ready.put(block)
            blocks.close()
            ready.put(None)
        except BaseException as error:  # noqa: BLE001 (raised again by the reader of the queue)
            ready.put(error)

    thread = Thread(target=make, name="ahead")
    thread.start()
    try:
        while (block := ready.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
            room.put(True)
    finally:
        wanted = False
        room.put(True)
        thread.join()
