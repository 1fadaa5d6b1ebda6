"""Results in each format: what CI systems read of them, and names that mean ill."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.gate.output import CONTENT_TYPES, FORMATS
from analyzer.gate.output.as_markdown import code, plain
from analyzer.gate.output.as_sarif import DESCRIPTIONS
from analyzer.gate.output.badge import TONES, Word, badge_svg
from analyzer.gate.reading import READERS
from analyzer.gate.ruleset import Result, RuleSet, Subject
from analyzer.gate.verdict import Fix, Outcome, Verdict

HOSTILE = (
    "</code><script>alert(1)</script>",
    "`` ` ``` <img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png)",
    "a|b\n| c | d |\r\n# heading @everyone #1 www.evil.example https://evil.example",
    "]]>&lt;!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "\x1b[2J\x00\x07\ud800\ufffe\u2028\u202e",
    '" onload="alert(1)',
    "-->",
)
BY_NAME = dict(zip(("script", "ticks", "link", "table", "entity", "control", "quote", "comment"), HOSTILE, strict=True))


def result(text: str = "srv/app", *, changed: bool = True, outcome: Outcome = Outcome.FAILED) -> Result:
    fix = Fix(f"80 MiB of {text}.", f"Do not {text}.", 80 << 20, 3, f"COPY {text}", f"RUN {text}", text)
    verdicts = (
        Verdict("waste", outcome, "at most 1 B", f"80 MiB {text}.", "bytes", 8.0, 1.0, fixes=(fix,), line=4),
        Verdict("size", Outcome.PASSED, "at most 1 GiB", "80 MiB in all.", "bytes", 8.0, 9.0),
        Verdict("growth", Outcome.SKIPPED, "at most 10 %", "Nothing to compare with."),
        Verdict("findings", Outcome.UNKNOWN if outcome is Outcome.FAILED else outcome, "none", "Not known.", line=9),
    )
    subject = Subject(text, "sha256:" + "0" * 64, "sha256:" + "0" * 64, (text,), 80 << 20)
    return Result(subject, subject, text, changed, RuleSet((), ".layersite-ci.yaml", "rules"), verdicts)


def test_every_rule_has_a_description_and_every_format_a_type():
    assert DESCRIPTIONS.keys() == READERS.keys()
    assert CONTENT_TYPES.keys() == FORMATS.keys()


def test_a_junit_report_is_what_ci_systems_read():
    root = ElementTree.fromstring(FORMATS["junit"](result()))  # noqa: S314
    (suite,) = root
    for each in (root, suite):
        assert {key: each.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
            "tests": "4",
            "failures": "1",
            "errors": "1",
            "skipped": "1",
        }
    cases = {case.get("name"): case for case in suite}
    assert [case.tag for case in suite] == ["testcase"] * 4
    assert all(case.get("classname") and case.get("time") for case in suite)
    (failure,) = cases["waste"]
    assert (failure.tag, failure.get("type")) == ("failure", "failed")
    assert (cases["waste"].get("file"), cases["waste"].get("line")) == (".layersite-ci.yaml", "4")
    assert "COPY srv/app" in (failure.text or "")
    assert [[child.tag for child in cases[name]] for name in ("size", "growth", "findings")] == [
        [],
        ["skipped"],
        ["error"],
    ]


def check_sarif(document: Any) -> list[Any]:
    """The essentials of SARIF 2.1.0 (3.13, 3.14, 3.19, 3.27, 3.28), and what code scanning asks for."""
    assert (document["version"], document["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-2.1.0.json")
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "layersite"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
    for each in run["results"]:
        assert ids[each["ruleIndex"]] == each["ruleId"]
        assert each["level"] in {"none", "note", "warning", "error"}
        assert each["message"]["text"]
        (location,) = each["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?!/)[A-Za-z0-9._~%/-]+", uri)
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        for logical in location.get("logicalLocations", ()):
            assert logical["name"]
        for key, value in each["partialFingerprints"].items():
            assert key
            assert isinstance(value, str)
    results: list[Any] = run["results"]
    return results


def test_a_sarif_log_is_what_code_scanning_reads():
    told = check_sarif(json.loads(FORMATS["sarif"](result())))
    assert [(each["ruleId"], each["level"]) for each in told] == [("waste", "error"), ("findings", "warning")]
    (place,) = told[0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == ".layersite-ci.yaml"
    assert place["physicalLocation"]["region"]["startLine"] == 4
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "srv/app: layer 3: srv/app"
    assert check_sarif(json.loads(FORMATS["sarif"](result(outcome=Outcome.PASSED)))) == []


def test_nothing_is_said_where_nothing_changed():
    silent = result(changed=False, outcome=Outcome.PASSED)
    assert (FORMATS["text"](silent), FORMATS["markdown"](silent)) == ("", "")
    assert json.loads(FORMATS["json"](silent))["changed"] is False
    assert FORMATS["text"](result(changed=False))


def test_a_comment_has_the_lines_to_fix_and_a_row_a_rule():
    text = FORMATS["markdown"](result())
    assert text.startswith("<!-- layersite gate -->\n### ❌ `srv/app`: the gate is shut")
    assert "   - `COPY srv/app`\n   - hidden by `RUN srv/app`\n" in text
    assert text.count("\n| ") == 5


@pytest.mark.parametrize("text", list(BY_NAME.values()), ids=list(BY_NAME))
def test_names_that_mean_ill_are_text_in_every_format(text: str):
    for name, made in FORMATS.items():
        out = made(result(text))
        out.encode()
        unseen = "[\x00\x1b\u202e]" if name in {"text", "markdown"} else "[\x00\x1b]"
        assert not re.search(unseen, out), name
        if name == "junit":
            assert "<script" not in out
            assert "<!ENTITY" not in out
            (suite,) = ElementTree.fromstring(out)  # noqa: S314
            assert len(suite) == 4
        elif name == "sarif":
            assert len(check_sarif(json.loads(out))) == 2
        elif name == "markdown":
            harmless_markdown(out)
        elif name == "text":
            assert len(out.splitlines()) == len(FORMATS["text"](result()).splitlines())


def harmless_markdown(out: str) -> None:
    """Outside of code there is no markup but ours, and the lines are as many as of a plain name."""
    assert len(out.split("\n")) == len(FORMATS["markdown"](result()).split("\n"))
    for line in out.split("\n")[1:]:
        outside = re.sub(r"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        outside = re.sub(r"\\.", "", outside).removeprefix("### ").strip("| ")
        assert not re.search(r"[<>`\[\]]|@\w|https?://|www\.", outside), line
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 5, line


@given(st.text(max_size=80))
def test_code_ends_where_it_is_meant_to(text: str):
    made = code(text)
    fence = re.match("`+", made)
    assert fence
    inside = made[len(fence[0]) : -len(fence[0])]
    assert made.endswith(fence[0])
    assert fence[0] not in re.findall("`+", inside)
    assert "\n" not in made
    assert not re.search(r"(?<!\\)[<>\[\]|`]", plain(text))


@given(st.text(max_size=80))
def test_a_badge_is_well_formed_whatever_its_words(text: str):
    for tone in TONES:
        svg = badge_svg(Word(text, text, tone))
        root = ElementTree.fromstring(svg)  # noqa: S314
        assert {each.tag.rpartition("}")[2] for each in root.iter()} == {
            *("svg", "title", "clipPath", "rect", "g", "text"),
        }
        assert int(root.get("width", "0")) < 1000
