import hashlib
import threading

import pytest

from analyzer.archive.hashing import Hasher, new_sha256, sha256_text


@pytest.mark.parametrize("aside", [False, True])
def test_digests_are_whole_when_the_hasher_has_ended(aside: bool) -> None:
    one, other = new_sha256(), new_sha256()
    with Hasher(aside=aside) as hasher:
        for ordinal in range(100):
            hasher.update(one, b"%d" % ordinal * 5000)
            hasher.update(other, b"%d" % ordinal * 10)
    assert one.digest() == hashlib.sha256(b"".join(b"%d" % n * 5000 for n in range(100))).digest()
    assert sha256_text(other) == "sha256:" + hashlib.sha256(b"".join(b"%d" % n * 10 for n in range(100))).hexdigest()


def test_the_thread_ends_when_the_work_is_given_up() -> None:
    def give_up() -> None:
        with Hasher(aside=True) as hasher:
            hasher.update(new_sha256(), b"x")
            raise KeyError

    with pytest.raises(KeyError):
        give_up()
    assert "hasher" not in {thread.name for thread in threading.enumerate()}
