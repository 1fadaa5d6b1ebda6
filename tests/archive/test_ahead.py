import threading
from collections.abc import Generator
from contextlib import closing

import pytest

from analyzer.archive.ahead import ahead


def counted(closed: list[str], ordinals: int = 100) -> Generator[bytes, None, None]:
    try:
        for ordinal in range(ordinals):
            yield b"%d" % ordinal
    finally:
        closed.append(threading.current_thread().name)


def test_the_same_blocks_come_in_the_same_order() -> None:
    for depth in (1, 2, 7):
        assert list(ahead(counted([]), depth)) == [b"%d" % ordinal for ordinal in range(100)]


def test_what_the_stage_raises_is_raised_where_its_blocks_are_read() -> None:
    def failing() -> Generator[bytes, None, None]:
        yield b"first"
        raise ValueError("second")

    blocks = ahead(failing(), 3)
    assert next(blocks) == b"first"
    with pytest.raises(ValueError, match="second"):
        next(blocks)
    assert "ahead" not in {thread.name for thread in threading.enumerate()}


def test_the_stage_is_at_most_so_many_blocks_ahead() -> None:
    made: list[int] = []

    def making() -> Generator[bytes, None, None]:
        for ordinal in range(50):
            made.append(ordinal)
            yield b"x"

    for read, _ in enumerate(ahead(making(), 3)):
        assert len(made) <= read + 4


def test_closing_early_ends_the_thread_and_closes_the_stage() -> None:
    closed: list[str] = []
    with closing(ahead(counted(closed), 3)) as blocks:
        assert next(blocks) == b"0"
    assert closed == ["ahead"]
    assert "ahead" not in {thread.name for thread in threading.enumerate()}


def test_stages_may_follow_each_other() -> None:
    assert len(list(ahead(ahead(counted([]), 2), 2))) == 100
