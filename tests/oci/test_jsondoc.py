import time
from collections.abc import Callable
from typing import Any

import pytest

from analyzer.oci.jsondoc import (
    DocumentError,
    NestedTooDeep,
    as_count,
    as_flag,
    as_list,
    as_object,
    as_text,
    as_text_map,
    as_texts,
    parse,
)


def test_a_document_is_parsed() -> None:
    assert parse(b'{"a": [1, "b", null]}', 3) == {"a": [1, "b", None]}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b"\x00",
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b"1" * 10_000,
        b"\xff\xfe{\x00}\x00",
    ],
)
def test_what_is_no_json_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(DocumentError, match="it is not JSON"):
        parse(raw, 64)


@pytest.mark.parametrize("depth", [5, 1_000, 200_000])
@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_pathological_depth_is_refused_and_overflows_nothing(depth: int, pair: tuple[bytes, bytes]) -> None:
    opening, closing = pair
    with pytest.raises(NestedTooDeep):
        parse(opening * depth + b"1" + closing * depth, 4)


def test_the_allowed_depth_is_allowed() -> None:
    assert parse(b'[{"a": [[1]]}]', 4) == [{"a": [[1]]}]
    with pytest.raises(NestedTooDeep):
        parse(b'[{"a": [[[]]]}]', 4)


def test_depth_is_found_in_a_wide_document_without_a_wait() -> None:
    raw = b"[" + b",".join([b'{"a":{"b":1}}'] * 100_000) + b"]"
    began = time.process_time()
    assert len(parse(raw, 64)) == 100_000
    assert time.process_time() - began < 5


def test_what_no_database_can_store_becomes_a_replacement_character() -> None:
    assert parse(rb'{"a\u0000": ["\ud800", "\udfffx", "\u0000"]}', 8) == {"a\ufffd": ["\ufffd", "\ufffdx", "\ufffd"]}


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert parse(rb'"\ud83d\ude00"', 8) == "😀"


def test_invalid_utf8_is_replaced_as_engines_do() -> None:
    assert parse(b'["a\xffb"]', 8) == ["a\ufffdb"]


def test_null_and_absent_are_empty() -> None:
    assert as_object(None, "x") == {}
    assert as_list(None, "x") == []
    assert as_text(None, "x") == ""
    assert as_texts(None, "x") == []
    assert as_text_map(None, "x") == {}
    assert as_count(None, "x") is None
    assert as_flag(None, "x") is False


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (as_object, []),
        (as_list, {}),
        (as_list, "ab"),
        (as_text, 1),
        (as_texts, ["a", 1]),
        (as_text_map, {"a": 1}),
        (as_count, -1),
        (as_count, True),
        (as_count, 1.5),
        (as_count, 2**63),
        (as_flag, 1),
        (as_flag, "true"),
    ],
)
def test_a_wrong_type_is_named(read: Callable[[Any, str], object], value: object) -> None:
    with pytest.raises(DocumentError, match="part"):
        read(value, "part")


def test_the_largest_count_fits_64_bits() -> None:
    assert as_count(2**63 - 1, "x") == 2**63 - 1
