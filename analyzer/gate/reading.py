"""The text of a `.layersite-ci.yaml` or a `.dive-ci` as rules; a sentence with its line for what is wrong in one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from analyzer.filetree.pattern import Pattern
from analyzer.gate import dive
from analyzer.gate.places import Findings, ForbiddenFiles, NewestBase
from analyzer.gate.rule import Disabled, Rule
from analyzer.gate.ruleset import RuleSet
from analyzer.gate.sizes import Efficiency, Growth, OwnWaste, Size, Unshared, Waste
from analyzer.gate.yamldoc import BadRules, Value, read
from analyzer.oci.findings import CODES, Severity
from analyzer.units import parsed

FILES = (".layersite-ci.yaml", ".layersite-ci.yml", ".dive-ci")
"""Where rules are looked for, in this order."""

MOST_GLOBS = 100
LONGEST_GLOB = 500
_SWITCHED_OFF = {"disabled", "off", "false"}
_SIZE_NOT_SHARE = "is a size, as 20 MB or 20 MiB"
_HUMANIZED = re.compile(r"(\d[\d,]{0,20}(?:\.\d{1,6})?)\s*([a-z]*)", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


def rules_of(raw: str | bytes, name: str = "") -> RuleSet:
    """The rules of a file called `name`. A file with dive's names alone, or called `.dive-ci`, is one of dive's: what
    it leaves out is as dive has it. Raises BadRules."""
    text = raw.decode(errors="replace") if isinstance(raw, bytes) else raw
    document = read(raw)
    pairs = document.as_map("A file of rules") if document else ()
    top = {key.as_text("A name"): value for key, value in pairs}
    if set(top) <= {"rules"}:
        body = top.get("rules")
        empty = body is None or (body.text is not None and not body.text.strip())
        named = () if empty or body is None else body.as_map("rules")
    else:
        named = pairs  # dive from 0.14 on has its rules at the top
        other = next((key for key, _ in pairs if _dive_name(key) not in dive.DEFAULTS), None)
        if other is not None and (other.text or "").strip() != "rules":
            raise BadRules(f"{_shown(other)} belongs below rules.", other.line)
        if "rules" in top:
            raise BadRules(
                "Beside rules there is nothing else.", next(key for key, _ in pairs if key.text != "rules").line
            )
    found = [_rule(key, value) for key, value in named]
    twice = next((rule for at, rule in enumerate(found) if rule.name in {each.name for each in found[:at]}), None)
    if twice is not None:
        raise BadRules(f"{twice.name} stands twice.", twice.line)
    if name.endswith(".dive-ci") or (found and all(rule.name in dive.DEFAULTS for rule in found)):
        found += _left_out(found)
    if not found:
        raise BadRules(f"There are no rules here. There are: {', '.join(READERS)}.")
    return RuleSet(tuple(found), name, text)


def _left_out(found: list[Rule]) -> list[Rule]:
    """dive's own limits for the rules that its file does not name."""
    known = {rule.name for rule in found}
    return [
        cast("Rule", replace(cast("Any", _rule(Value(1, name), Value(1, limit))), line=None))
        for name, limit in dive.DEFAULTS.items()
        if name not in known
    ]


def _rule(key: Value, value: Value) -> Rule:
    name = _dive_name(key)
    reader = READERS.get(name)
    if reader is None:
        raise BadRules(f"{_shown(key)} is no rule. There are: {', '.join(READERS)}.", key.line)
    if value.text is not None and value.text.strip().lower() in _SWITCHED_OFF:
        return Disabled(name, key.line)
    return reader(name, value, key.line)


def _dive_name(key: Value) -> str:
    """The name of a rule, those of dive's as the table has them."""
    written = key.as_text("A rule's name")
    return _DIVE_NAMES.get(written.lower(), written)


def _share(name: str, value: Value) -> float:
    """A number from 0 to 1, or a percentage."""
    text = value.as_text(name)
    number, percent = text.removesuffix("%").strip(), text.endswith("%")
    try:
        share = float(number) / 100 if percent else float(number)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:  # nor is NaN
        raise BadRules(
            f"{name} is a number from 0 to 1, or a percentage, as 0.95 or 95 %; not {_shown(value)}.", value.line
        )
    return share


def _bytes(name: str, value: Value) -> int:
    text = value.as_text(name)
    if text.endswith("%"):
        raise BadRules(f"{name} {_SIZE_NOT_SHARE}; not a percentage.", value.line)
    try:
        return parsed(text)
    except ValueError as error:
        raise BadRules(f"{name} {_SIZE_NOT_SHARE}; not {_shown(value)}.", value.line) from error


def _growth(name: str, value: Value, line: int) -> Rule:
    text = value.as_text(name)
    if not text.endswith("%"):
        return Growth(most=_bytes("growth, where it is no percentage,", value), line=line)
    try:
        share = float(text.removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1_000:
        raise BadRules(f"growth is a size or a percentage, as 20 MB or 10 %; not {_shown(value)}.", value.line)
    return Growth(share=share, line=line)


def _newest_base(name: str, value: Value, line: int) -> Rule:
    text = value.as_text(name).lower()
    if text not in {"true", "yes", "on"}:
        raise BadRules(f"newest-base is true or disabled; not {_shown(value)}.", value.line)
    return NewestBase(line)


def _forbidden(name: str, value: Value, line: int) -> Rule:
    globs = value.as_texts(name)
    if not globs:
        raise BadRules("forbidden-files is a list of globs, as '**/.git/**' or '*.pem'.", value.line)
    if len(globs) > MOST_GLOBS:
        raise BadRules(f"forbidden-files has more than {MOST_GLOBS} globs.", value.line)
    lines = [item.line for item in value.items] if value.items is not None else [value.line]
    for glob, at in zip(globs, lines, strict=True):
        if len(glob) > LONGEST_GLOB:
            raise BadRules(f"A glob has {LONGEST_GLOB} characters at most.", at)
        try:
            Pattern("glob", glob)
        except ValueError as error:
            raise BadRules(f"{glob[:60]!r} is no glob that can be read.", at) from error
    return ForbiddenFiles(tuple(dict.fromkeys(globs)), line)


def _findings(name: str, value: Value, line: int) -> Rule:
    codes = value.as_texts(name)
    if not codes:
        raise BadRules("findings is a list of codes, as secret-file, or of severities, as error.", value.line)
    lines = [item.line for item in value.items] if value.items is not None else [value.line]
    for code, at in zip(codes, lines, strict=True):
        if code not in CODES and code not in set(Severity):
            raise BadRules(f"{code[:60]!r} is no code of a finding; docs/findings.md lists them.", at)
    return Findings(tuple(dict.fromkeys(codes)), line)


def _dive_share(rule: type[dive.LowestEfficiency] | type[dive.HighestUserWastedPercent]) -> "Reader":
    def reader(name: str, value: Value, line: int) -> Rule:
        try:
            number = float(value.as_text(name))
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            raise BadRules(f"{name} is a number from 0 to 1; not {_shown(value)}.", value.line)
        return rule(number, line)

    return reader


def _dive_bytes(name: str, value: Value, line: int) -> Rule:
    """Sizes as dive reads them: KB, MB and K, M are powers of 1,000, KiB and Ki of 1,024."""
    found = _HUMANIZED.fullmatch(value.as_text(name))
    unit = found[2].lower() if found else "?"
    letter, rest = (unit[:1], unit[1:]) if unit != "b" else ("", "b")
    if (
        found is None
        or letter not in _POWERS
        or rest not in {"", "b", "i", "ib"}
        or (not letter and rest not in {"", "b"})
    ):
        raise BadRules(f"{name} {_SIZE_NOT_SHARE}; not {_shown(value)}.", value.line)
    number = float(found[1].replace(",", ""))
    return dive.HighestWastedBytes(int(number * (1024 if "i" in rest else 1000) ** _POWERS[letter]), line)


def _shown(value: Value) -> str:
    return repr((value.text or "").strip()[:60]) if value.text is not None else "a list or a map"


Reader = Callable[[str, Value, int], Rule]

READERS: Mapping[str, Reader] = {
    "efficiency": lambda name, value, line: Efficiency(_share(name, value), line),
    "waste": lambda name, value, line: Waste(_bytes(name, value), line),
    "own-waste": lambda name, value, line: OwnWaste(_bytes(name, value), line),
    "size": lambda name, value, line: Size(_bytes(name, value), line),
    "growth": _growth,
    "unshared": lambda name, value, line: Unshared(_bytes(name, value), line),
    "newest-base": _newest_base,
    "forbidden-files": _forbidden,
    "findings": _findings,
    "lowestEfficiency": _dive_share(dive.LowestEfficiency),
    "highestWastedBytes": _dive_bytes,
    "highestUserWastedPercent": _dive_share(dive.HighestUserWastedPercent),
}
"""Every rule that there is. A further one is a further dataclass, and its line here."""

_DIVE_NAMES = {name.lower(): name for name in dive.DEFAULTS} | {
    "lowest-efficiency-threshold": "lowestEfficiency",
    "highest-wasted-bytes": "highestWastedBytes",
    "highest-user-wasted-percent": "highestUserWastedPercent",
}
"""dive reads its names whatever their case, and from 0.14 on with dashes."""
