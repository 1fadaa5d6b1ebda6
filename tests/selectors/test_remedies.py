"""The remedy of each kind of waste, in words that name what to do."""

from typing import Any

import pytest

from analyzer.filetree import compare
from analyzer.filetree.waste import Cause
from analyzer.selectors.remedies import Hidden, cache_of, remedy

PLAIN: dict[str, Any] = {
    "cause": Cause.DELETED,
    "size": 100,
    "copied": 0,
    "changed": 0,
    "brought_by": "RUN make",
    "hidden_by": "RUN rm x",
    "same_layer": False,
    "from_base": False,
    "in_base": False,
    "base": "",
    "cache": None,
}
COPY: dict[str, Any] = {"brought_by": "COPY . /srv"}
AGAIN: dict[str, Any] = {"cause": Cause.SUPERSEDED}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "join the two RUN lines"),
        (COPY, ".dockerignore"),
        ({"brought_by": ""}, "earlier stage"),
        ({"cache": b"var/cache/apt"}, "RUN --mount=type=cache,target=/var/cache/apt"),
        ({"from_base": True, "base": "debian:12"}, "debian:12 brings it"),
        ({"from_base": True, "in_base": True, "base": "debian:12"}, "hidden inside debian:12"),
        ({"same_layer": True}, "One layer holds it twice"),
        (AGAIN, "Both RUN lines write it"),
        (AGAIN | COPY, "prepare it in an earlier stage"),
        (AGAIN | COPY | {"hidden_by": "COPY b /srv"}, "Copied twice"),
        (AGAIN | {"brought_by": "ENV"}, "let only the later step write it"),
        (AGAIN | {"copied": 100, "changed": compare.OWNER}, "copied for their owner: set it in the RUN"),
        (AGAIN | COPY | {"copied": 100, "changed": compare.OWNER}, "COPY --chown sets it"),
        (AGAIN | COPY | {"copied": 51, "changed": compare.OWNER | compare.MODE}, "COPY --chown --chmod sets it"),
        (AGAIN | {"copied": 100, "changed": compare.MTIME}, "written again"),
        (AGAIN | {"copied": 100, "changed": compare.MODE, "from_base": True}, "touch only the files that need it"),
        (AGAIN | {"copied": 49, "changed": compare.OWNER}, "Both RUN lines write it"),
    ],
)
def test_each_kind_of_waste_has_its_remedy(more: dict[str, Any], says: str) -> None:
    assert says in remedy(Hidden(**(PLAIN | more)))


def test_a_cache_is_told_when_it_holds_half_of_the_bytes() -> None:
    assert cache_of([(b"var/cache/apt/pkgcache.bin", 50), (b"usr/bin/x", 50)]) == b"var/cache/apt"
    assert cache_of([(b"var/cache/apt/pkgcache.bin", 49), (b"usr/bin/x", 51)]) is None
    assert cache_of([(b"var/cache/aptitude/x", 50)]) is None
    assert cache_of([]) is None
