"""Secrets by what a file holds: rules of detect-secrets (https://github.com/Yelp/detect-secrets), 1.5.

Of its rules those are used that look for a token of a fixed form. Those for random strings, passwords by a variable's
name, credentials in addresses, IP addresses and tokens without a telling prefix are not: in ordinary layers they
match thousands of files, and cost minutes. A rule is tried around the words that it can't do without, so that one
long line of a hostile file can't make it slow. What matched is never given out. Nothing asks the network.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from analyzer.secrets.names import PRIVATE_KEY

MOST_PLACES = 50
"""Of one word in one file."""

_BEFORE, _AFTER = 192, 320  # bytes around a word that a rule sees

_RULES = {
    "aws.AWSKeyDetector": (b"AKIA", b"ASIA", b"ABIA", b"ACCA", b"aws", b"AWS"),
    "azure_storage_key.AzureStorageKeyDetector": (b"AccountKey=",),
    "github_token.GitHubTokenDetector": (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"),
    "gitlab_token.GitLabTokenDetector": (
        *(b"glpat-", b"gldt-", b"glft-", b"glsoat-", b"glrt-", b"GR1348941"),
        *(b"glcbt-", b"glimt-", b"glptt-", b"glagent-", b"gloas-"),
    ),
    "npm.NpmDetector": (b":_authToken",),
    "openai.OpenAIDetector": (b"T3BlbkFJ",),
    "pypi_token.PypiTokenDetector": (b"pypi-Ag",),
    "sendgrid.SendGridDetector": (b"SG.",),
    "slack.SlackDetector": (b"xox", b"hooks.slack.com"),
    "square_oauth.SquareOAuthDetector": (b"sq0csp-",),
    "stripe.StripeDetector": (b"k_live_",),
}
"""Plugin → words of which one stands in whatever it matches."""

_KEY_WORDS = (b"PRIVATE KEY", b"PuTTY-User-Key-File-")

_SHORT = 1 << 10
"""Bytes up to which one search for all words at once is quicker than one for each: a millionth of a second, not ten."""

Rule = tuple[str, tuple[bytes, ...], tuple[re.Pattern[bytes], ...]]


def rules_in(data: bytes) -> list[str]:
    """The names of the rules that match, each once."""
    if len(data) <= _SHORT and not _any_word().search(data):
        return []
    found = []
    if any(word in data for word in _KEY_WORDS):
        found += ["Private Key"] if PRIVATE_KEY.search(data) else []
    return found + [name for name, words, patterns in _rules() if _matches(data, words, patterns)]


@cache
def _any_word() -> re.Pattern[bytes]:
    words = [*_KEY_WORDS, *(word for words in _RULES.values() for word in words)]
    return re.compile(b"|".join(map(re.escape, words)))


@cache
def _rules() -> tuple[Rule, ...]:
    """Loaded when first needed: it takes a quarter of a second."""
    return tuple(_load(name, words) for name, words in _RULES.items())


def _load(name: str, words: tuple[bytes, ...]) -> Rule:
    module, plugin = name.split(".")
    detector = getattr(import_module(f"detect_secrets.plugins.{module}"), plugin)
    patterns = (re.compile(each.pattern.encode(), each.flags & ~re.UNICODE) for each in detector.denylist)
    return detector.secret_type, words, tuple(patterns)


def _matches(data: bytes, words: tuple[bytes, ...], patterns: tuple[re.Pattern[bytes], ...]) -> bool:
    for word in words:
        if word in data:
            for window in _windows(data, word):
                if any(_is_whole(window, match) for pattern in patterns for match in pattern.finditer(window)):
                    return True
    return False


def _windows(data: bytes, word: bytes) -> Iterator[bytes]:
    at = data.find(word)
    for _ in range(MOST_PLACES):
        if at < 0:
            return
        yield data[max(at - _BEFORE, 0) : at + _AFTER]
        at = data.find(word, at + len(word))


_LETTERS = re.compile(rb"[A-Za-z0-9+]")


def _is_whole(window: bytes, match: re.Match[bytes]) -> bool:
    """Neither a piece of something longer, as of base64, nor a placeholder of a manual."""
    start, end = match.span()
    if _LETTERS.fullmatch(window[start - 1 : start]) or _LETTERS.fullmatch(window[end : end + 1]):
        return False
    token = match[0]
    return b"EXAMPLE" not in token.upper() and len(set(token[-20:])) >= 8
