"""Part files: whatever is killed when, the bytes that were told to be there are there, and in order."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.blobstore import staging as module
from analyzer.blobstore.staging import Gone, NoSpace, Staging, WrongOffset

ID = uuid.UUID(int=7)


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path)


def test_what_is_appended_is_the_file(staging: Staging) -> None:
    staging.create(ID)
    with staging.appender(ID, 0) as appender:
        appender.write(b"ab")
        appender.write(b"cd")
    assert appender.offset == staging.length(ID) == 4
    with staging.appender(ID, 4) as appender:
        appender.write(b"e")
    assert staging.finish(ID).read_bytes() == b"abcde"


def test_a_writer_elsewhere_than_at_the_end_is_told_where_the_end_is(staging: Staging) -> None:
    staging.create(ID)
    with staging.appender(ID, 0) as appender:
        appender.write(b"abc")
    for offset in (0, 2, 4):
        with pytest.raises(WrongOffset) as refusal, staging.appender(ID, offset):
            pass
        assert refusal.value.length == 3


def test_a_writer_that_was_overtaken_has_to_stop(staging: Staging) -> None:
    staging.create(ID)
    with staging.appender(ID, 0) as first, staging.appender(ID, 0) as second:
        second.write(b"new")
        with pytest.raises(WrongOffset):
            first.write(b"old")
        second.write(b"er")
    assert staging.finish(ID).read_bytes() == b"newer"


def test_a_writer_of_a_discarded_file_has_to_stop(staging: Staging) -> None:
    staging.create(ID)
    with staging.appender(ID, 0) as appender:
        staging.discard(ID)
        with pytest.raises(Gone):
            appender.write(b"x")
    with pytest.raises(Gone):
        staging.length(ID)
    with pytest.raises(Gone):
        staging.appender(ID, 0)
    with pytest.raises(Gone):
        staging.finish(ID)


def test_finishing_twice_is_finishing_once(staging: Staging) -> None:
    staging.create(ID)
    assert staging.finish(ID) == staging.finish(ID) == staging.archive(ID)


def test_many_writers_at_once_leave_each_block_once(staging: Staging) -> None:
    staging.create(ID)
    blocks = [bytes([number]) * 1000 for number in range(40)]

    def send() -> None:
        while (at := staging.length(ID) // 1000) < len(blocks):
            try:
                with staging.appender(ID, at * 1000) as appender:
                    for block in blocks[at : at + 3]:
                        appender.write(block)
            except WrongOffset:
                continue

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert staging.finish(ID).read_bytes() == b"".join(blocks)


def test_the_reserve_is_kept_free(tmp_path: Path) -> None:
    staging = Staging(tmp_path, reserve=1 << 60)
    with pytest.raises(NoSpace):
        staging.check_space(1)
    staging.create(ID)
    with staging.appender(ID, 0) as appender, pytest.raises(NoSpace):
        appender.write(b"x")
    assert staging.length(ID) == 0


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_keeps_what_was_written_before(
    staging: Staging, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, data: bytes) -> None:
        os.write(descriptor, data[:2])
        raise OSError(code, os.strerror(code))

    staging.create(ID)
    with staging.appender(ID, 0) as appender:
        appender.write(b"abc")
        monkeypatch.setattr(module, "write_all", full)
        with pytest.raises(NoSpace):
            appender.write(b"defg")
        monkeypatch.undo()
    assert staging.length(ID) == 5
    with staging.appender(ID, 5) as appender:
        appender.write(b"fg")
    assert staging.finish(ID).read_bytes() == b"abcdefg"


def test_another_error_of_the_disk_is_not_called_a_full_one(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(descriptor: int, data: bytes) -> None:
        raise OSError(errno.EIO, "broken")

    staging.create(ID)
    monkeypatch.setattr(module, "write_all", broken)
    with staging.appender(ID, 0) as appender, pytest.raises(OSError, match="broken"):
        appender.write(b"x")


@given(data=st.binary(max_size=300), steps=st.lists(st.tuples(st.integers(0, 80), st.integers(1, 40), st.booleans())))
def test_any_chunks_and_any_crashes_end_in_the_same_bytes(data: bytes, steps: list[tuple[int, int, bool]]) -> None:
    """A step sends so many bytes in blocks of that size; one that crashes got a part of its last block down."""
    with tempfile.TemporaryDirectory() as folder:
        staging = Staging(Path(folder))
        staging.create(ID)
        for count, block, crashes in [*steps, (len(data), 64, False)]:
            offset = staging.length(ID)
            assert data.startswith(staging.part(ID).read_bytes())
            sent = data[offset : offset + count]
            with staging.appender(ID, offset) as appender:
                for start in range(0, len(sent), block):
                    appender.write(sent[start : start + block])
            if crashes and staging.length(ID) < len(data):
                at = staging.length(ID)
                with open(staging.part(ID), "ab") as file:
                    file.write(data[at : at + block // 2])
        assert staging.finish(ID).read_bytes() == data


def test_a_killed_writer_leaves_a_beginning_of_its_bytes_and_no_lock(staging: Staging) -> None:
    staging.create(ID)
    program = (
        "import sys, uuid\nfrom pathlib import Path\nfrom analyzer.blobstore.staging import Staging\n"
        "with Staging(Path(sys.argv[1])).appender(uuid.UUID(int=7), 0) as appender:\n"
        "    for number in range(10**6):\n"
        "        appender.write(number.to_bytes(4, 'big') * 256)\n"
        "        if number == 50: print('going', flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(staging.folder)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"going\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()

    length = staging.length(ID)
    assert length >= 51 * 1024
    expected = b"".join(number.to_bytes(4, "big") * 256 for number in range(length // 1024 + 1))
    assert staging.part(ID).read_bytes() == expected[:length]
    with staging.appender(ID, length) as appender:
        appender.write(b"goes on")


def test_untouched_files_are_found_by_their_age(staging: Staging) -> None:
    staging.create(ID)
    assert staging.untouched(3600) == []
    os.utime(staging.part(ID), (1, 1))
    assert staging.untouched(3600) == [staging.part(ID)]
