"""Rules as people write them, dive's among them, and a sentence with its line for what is wrong in one."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.gate.reading import READERS, rules_of
from analyzer.gate.yamldoc import MOST_BYTES, BadRules

EVERY = """\
# what the team agreed on
rules:
  efficiency: 95 %
  waste: 20 MB
  own-waste: 5 MiB
  size: 1.5 GiB
  growth: 10 %
  unshared: 100MB
  newest-base: true
  forbidden-files:
    - "**/.git/**"
    - '*.pem'
  findings: [secret-file, error]
  lowestEfficiency: 0.95
  highestWastedBytes: "20MB"
  highestUserWastedPercent: disabled
"""


def test_every_rule_is_read_with_its_line():
    rules = rules_of(EVERY, ".layersite-ci.yaml")
    assert [rule.name for rule in rules.rules] == list(READERS)
    assert [rule.line for rule in rules.rules] == [3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16]
    assert rules.globs == ("**/.git/**", "*.pem")
    assert [rule.allowed for rule in rules.rules] == [
        "at least 95 %",
        "at most 19.1 MiB",
        "at most 5.00 MiB",
        "at most 1.50 GiB",
        "at most 10 %",
        "at most 95.4 MiB",
        "the newest push of its base",
        "none of 2 patterns",
        "none of secret-file, error",
        "at least 0.95",
        "at most 20,000,000 bytes",
        "disabled",
    ]


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("rules:\n  lowestEfficiency: 0.95\n", ["at least 0.95", "disabled", "at most 0.1"]),
        ("rules:\n  LOWESTEFFICIENCY: '0.95'\n", ["at least 0.95", "disabled", "at most 0.1"]),
        ("rules:\n  lowestEfficiency: disabled\n", ["disabled", "disabled", "at most 0.1"]),
        (
            "lowest-efficiency-threshold: 0.95\nhighest-user-wasted-percent: off\n",
            ["at least 0.95", "disabled", "disabled"],
        ),
        ("", ["at least 0.9", "disabled", "at most 0.1"]),
        ("rules: {}", ["at least 0.9", "disabled", "at most 0.1"]),
    ],
)
def test_a_file_of_dives_has_dives_names_and_defaults(text: str, limits: list[str]):
    rules = {rule.name: rule.allowed for rule in rules_of(text, ".dive-ci").rules}
    order = ["lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent"]
    assert [rules[name] for name in order] == limits
    assert len(rules) == 3


@pytest.mark.parametrize(
    ("written", "size"),
    [
        *(("20MB", 20_000_000), ("20 mb", 20_000_000), ("20m", 20_000_000), ("20MiB", 20 << 20), ("20Mi", 20 << 20)),
        *(("1.5GB", 1_500_000_000), ("1,000", 1000), ("7", 7), ("7B", 7), ("1KiB", 1024)),
    ],
)
def test_dives_sizes_are_as_dive_reads_them(written: str, size: int):
    (rule, *_) = rules_of(f"rules:\n  highestWastedBytes: '{written}'").rules
    assert rule.allowed == f"at most {size:,} bytes"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There are no rules here. There are: efficiency, waste"),
        ("rules:", "There are no rules here"),
        ("rules:\n  eficiency: 1", "Line 2: 'eficiency' is no rule. There are: efficiency, waste"),
        ("efficiency: 1", "Line 1: 'efficiency' belongs below rules."),
        ("rules: {size: 1}\nlowestEfficiency: 1", "Line 2: Beside rules there is nothing else."),
        ("rules:\n  waste: 10 %", "Line 2: waste is a size, as 20 MB or 20 MiB; not a percentage."),
        ("rules:\n  size: 3 parsecs", "Line 2: size is a size, as 20 MB or 20 MiB; not '3 parsecs'."),
        ("rules:\n  size: [1, 2]", "Line 2: size is one value on a line."),
        ("rules:\n  efficiency: 95", "Line 2: efficiency is a number from 0 to 1, or a percentage"),
        ("rules:\n  efficiency: nan", "efficiency is a number from 0 to 1"),
        ("rules:\n  growth: ten %", "Line 2: growth is a size or a percentage"),
        ("rules:\n  growth: ten", "Line 2: growth, where it is no percentage, is a size"),
        ("rules:\n  newest-base: maybe", "Line 2: newest-base is true or disabled; not 'maybe'."),
        ("rules:\n  forbidden-files: []", "Line 2: forbidden-files is a list of globs"),
        ("rules:\n  forbidden-files:\n    - a\n    - '[z-a]'", "Line 4: '[z-a]' is no glob that can be read."),
        ("rules:\n  findings:\n    - nope", "Line 3: 'nope' is no code of a finding; docs/findings.md lists them."),
        ("rules:\n  size: 1\n  size: 2", "Line 3: size stands twice."),
        ("rules:\n  lowestEfficiency: 1\n  LowestEfficiency: 1", "Line 3: lowestEfficiency stands twice."),
        ("rules:\n  lowestEfficiency: 90 %", "Line 2: lowestEfficiency is a number from 0 to 1; not '90 %'."),
        ("rules:\n  highestWastedBytes: 20 QB", "Line 2: highestWastedBytes is a size"),
        ("- a\n- b", "Line 1: A file of rules is a list of names"),
        ("rules:\n\tsize: 1", "Line 2: This is no YAML"),
        ("{a: b", "This is no YAML"),
        ("\x00", "This is no YAML"),
        ("\ud800", "The rules are not UTF-8."),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_with_its_line(text: str, says: str):
    with pytest.raises(BadRules) as refused:
        rules_of(text)
    assert says in str(refused.value)


BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "Anchors and aliases are not allowed"),
        ("rules: &r\n  <<: *r\n", "Anchors and aliases are not allowed"),
        ("rules: {size: !!python/object/apply:os.system ['true']}", "Tags are not allowed"),
        ("rules: {size: !!int 1}", "Tags are not allowed"),
        ("[" * 60_000, "not nested more than 4 deep"),
        ("{a: " * 15_000, "not nested more than 4 deep"),
        ("\n".join(" " * depth + "a:" for depth in range(300)), "not nested more than 4 deep"),
        ("a" * MOST_BYTES + "a", "larger than 64 KiB"),
        ("rules: {forbidden-files: [" + "x," * 30_000 + "]}", "more than 2,000 values"),
        ("rules: {forbidden-files: [" + "x," * 200 + "]}", "more than 100 globs"),
        (f"rules: {{forbidden-files: ['{'*' * 501}']}}", "A glob has 500 characters at most"),
        ("---\nrules: {size: 1}\n---\nrules: {size: 2}\n", "The rules are one document"),
        ("? " * 20_000, "not nested more than 4 deep"),
        ("- " * 20_000, "not nested more than 4 deep"),
        ("!" * 60_000, "Line 1: Tags are not allowed"),
        ("'" * 60_001, "Line 1"),
        ("rules: {size: " + "9" * 60_000 + "}", "size is a size"),
        ("rules: {highestWastedBytes: " + "9" * 60_000 + "}", "is a size"),
    ],
)
def test_a_text_that_means_ill_is_refused_within_a_second(text: str, says: str):
    start = time.process_time()
    with pytest.raises(BadRules) as refused:
        rules_of(text)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 300
    assert time.process_time() - start < 1


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_rules_or_refused(text: str | bytes):
    with suppress(BadRules):
        assert rules_of(text).rules
