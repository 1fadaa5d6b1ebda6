"""What never changes is kept for a while."""

from analyzer.selectors.memo import Memo


def test_the_least_lately_used_goes_first():
    memo: Memo[str] = Memo(2, lambda value: 1)
    memo.put("a", "A")
    memo.put("b", "B")
    assert memo.get("a") == "A"
    memo.put("c", "C")
    assert (memo.get("a"), memo.get("b"), memo.get("c")) == ("A", None, "C")


def test_a_heavy_value_drives_out_several():
    memo: Memo[str] = Memo(4, len)
    for name in ("a", "b", "c"):
        memo.put(name, name)
    memo.put("d", "ddd")
    assert (memo.get("a"), memo.get("b"), memo.get("c"), memo.get("d")) == (None, None, "c", "ddd")


def test_what_is_too_heavy_alone_is_not_kept():
    memo: Memo[str] = Memo(2, len)
    memo.put("a", "A")
    memo.put("b", "BBB")
    assert (memo.get("a"), memo.get("b")) == ("A", None)


def test_the_first_of_two_that_bring_the_same_stays():
    memo: Memo[list[int]] = Memo(2, len)
    first = [1]
    memo.put("a", first)
    memo.put("a", [2])
    assert memo.get("a") is first
