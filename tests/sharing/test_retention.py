"""Which images rules let go: by hand, and any rules at all against an oracle that asks for each image."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.retention import Push, Rule, Verdict, judged

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PATTERNS = ("*", "a*", "b", "c*")


def matches(push: Push[int], pattern: str) -> bool:
    return fnmatchcase(push.tag, pattern)


def pushed(image: int, tag: str, days: int, *, now: bool = True, repository: str = "app") -> Push[int]:
    return Push(image, repository, tag, NOW - timedelta(days=days), now)


def judge(pushes: list[Push[int]], rules: list[Rule], bases: dict[int, set[int]]) -> Verdict[int]:
    return judged(pushes, rules, bases, NOW, matches)


def test_a_rule_keeps_the_last_and_the_young_of_each_repository():
    pushes = [pushed(number, f"a{number}", days=number * 10) for number in range(1, 6)]
    pushes += [pushed(9, "a1", days=400, repository="other")]
    bases: dict[int, set[int]] = {}
    assert list(judge(pushes, [Rule("a*", last=2)], bases).goes) == [5, 4, 3]  # the oldest first; `other` has one
    assert list(judge(pushes, [Rule("a*", younger=timedelta(days=31))], bases).goes) == [9, 5, 4]
    assert list(judge(pushes, [Rule("a*", last=1, younger=timedelta(days=31))], bases).goes) == [5, 4]


def test_what_another_rule_keeps_and_what_has_a_name_no_rule_is_about_stays():
    pushes = [pushed(1, "a1", 30), pushed(2, "a2", 20), pushed(3, "a3", 10), pushed(1, "stable", 30)]
    assert judge(pushes, [Rule("a*", last=1)], {}).goes == {2: 0}
    assert judge(pushes, [Rule("a*", last=1), Rule("a2", last=1)], {}).goes == {}


def test_an_earlier_push_of_a_tag_goes_like_any_other_image():
    pushes = [pushed(1, "latest", 30, now=False), pushed(2, "latest", 20, now=False), pushed(3, "latest", 10)]
    assert list(judge(pushes, [Rule("latest", last=2)], {}).goes) == [1]


def test_a_base_in_use_stays_and_what_it_stands_on_too():
    pushes = [pushed(number, f"a{number}", days=50 - number) for number in range(1, 5)]
    chain = {4: {3}, 3: {2}, 2: set(), 1: set()}
    verdict = judge(pushes, [Rule("a*", last=1)], chain)
    assert (list(verdict.goes), verdict.in_use) == ([1], frozenset({2, 3}))


@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from("rs"), st.sampled_from(("a1", "a2", "b", "d")),
                       st.integers(0, 9), st.booleans()), max_size=14),
    st.lists(st.tuples(st.sampled_from(PATTERNS), st.none() | st.integers(1, 3), st.none() | st.integers(1, 9)),
             max_size=3),
    st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6))),
)  # fmt: skip
def test_rules_let_go_what_the_oracle_says(
    given_pushes: list[tuple[int, str, str, int, bool]],
    given_rules: list[tuple[str, int | None, int | None]],
    stands: set[tuple[int, int]],
):
    pushes = [pushed(image, tag, days, now=now, repository=of) for image, of, tag, days, now in given_pushes]
    rules = [Rule(glob, last, timedelta(days=days) if days else None) for glob, last, days in given_rules]
    bases = {image: {below for above, below in stands if above == image and below < above} for image in range(7)}

    def keeps(rule: Rule, image: int) -> bool | None:
        """None: the rule is not about the image."""
        verdicts = []
        for repository in "rs":
            about = [p for p in pushes if p.repository == repository and matches(p, rule.pattern)]
            newest = {p.image: max((q.at, pushes.index(q)) for q in about if q.image == p.image) for p in about}
            if image in newest:
                newer = sum(other > newest[image] for other in newest.values())
                young = rule.younger is not None and NOW - newest[image][0] < rule.younger
                verdicts.append(young or (rule.last is not None and newer < rule.last))
        return any(verdicts) if verdicts else None

    def stays(image: int) -> bool:
        said = [keeps(rule, image) for rule in rules]
        bare = any(p.now and not any(matches(p, r.pattern) for r in rules) for p in pushes if p.image == image)
        return bare or True in said or False not in said

    def used(image: int) -> bool:
        return any(image in bases[above] and (stays(above) or used(above)) for above in range(7))

    verdict = judge(pushes, rules, bases)
    assert set(verdict.goes) == {image for image in range(7) if not stays(image) and not used(image)}
    assert verdict.in_use == {image for image in range(7) if not stays(image) and used(image)}
    for image, index in verdict.goes.items():
        assert index == next(number for number, rule in enumerate(rules) if keeps(rule, image) is False)
