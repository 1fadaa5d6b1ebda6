"""Each refusal is one sentence for a person that names what an administrator can change."""

from pathlib import Path

import pytest

from analyzer.archive.budget import LimitReached
from analyzer.blobstore.staging import Gone, NoSpace, WrongOffset
from analyzer.services.quotas import QuotaReached
from analyzer.services.refusals import REFUSED, explain
from analyzer.services.uploads import Empty, Interrupted, TooLong

REFUSALS: list[Exception] = [
    LimitReached("MAX_ARCHIVE_BYTES", 1 << 30, "the archive"),
    NoSpace(),
    Gone(),
    WrongOffset(1234567),
    Empty(),
    Interrupted(),
    TooLong(),
    QuotaReached("A team uses 100 % of its quota."),
]


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    assert {type(refusal) for refusal in REFUSALS} == set(REFUSED)
    sentences = [explain(refusal) for refusal in REFUSALS]
    assert len(set(sentences)) == len(REFUSALS)
    assert all(sentence[0].isupper() and sentence[-1] in ".?" for sentence in sentences)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (REFUSALS[0], "at most 1.00 GiB (1,073,741,824 bytes). An administrator can raise MAX_ARCHIVE_BYTES."),
        (REFUSALS[1], "MIN_FREE_DISK_BYTES"),
        (REFUSALS[3], "up to byte 1,234,567"),
    ],
)
def test_figures_and_settings_are_named(refusal: Exception, words: str) -> None:
    assert words in explain(refusal)


def test_the_settings_that_are_named_are_documented() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    for name in ("MAX_ARCHIVE_BYTES", "MIN_FREE_DISK_BYTES", "UPLOAD_EXPIRY_HOURS"):
        assert f"`{name}`" in documented
