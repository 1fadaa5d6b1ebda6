"""What a job says of itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analyzer.models import Job, JobStage, JobState
from analyzer.selectors.jobs import JobCard
from analyzer.web.job_words import known_of, left_of, problem_of, progress_text, state_of, summary_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def card(state: str, stage: str = JobStage.LAYERS, **figures: Any) -> JobCard:
    return JobCard(Job(name="app.tar", state=state, stage=stage), **figures)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (card(JobState.QUEUED, JobStage.WAITING), "queued, next in line"),
        (card(JobState.QUEUED, JobStage.WAITING, ahead=2), "queued, 2 ahead"),
        (card(JobState.RUNNING, JobStage.OPENING), "opening the archive"),
        (card(JobState.RUNNING, blobs=6, blobs_ended=2), "reading layer 3 of 6"),
        (card(JobState.RUNNING, blobs=6, blobs_ended=6), "reading layer 6 of 6"),
        (card(JobState.RUNNING, JobStage.ASSEMBLING), "putting images together"),
        (card(JobState.PARTIAL, JobStage.ENDED), "analysed in part"),
        (card(JobState.CANCELLED, JobStage.ENDED), "cancelled"),
    ],
)
def test_the_state_is_told_in_a_few_words(job: JobCard, words: str):
    assert state_of(job) == words


def test_what_is_wrong_is_told_with_what_it_means_and_what_to_do():
    job = card(JobState.PARTIAL, JobStage.ENDED)
    job.statuses = {"ok": 2, "foreign": 1}
    assert problem_of(job) == (
        "1 of 3 layers is foreign: its bytes lie elsewhere, not in the archive. "
        "Its figures are left empty, and so are the size, merged view and waste of the images on top. "
        "Save the image again from an engine that holds the layer."
    )
    job.statuses = {"ok": 1, "damaged": 2}
    assert problem_of(job).startswith("2 of 3 layers are damaged: their bytes can't be read to the end. Their figures")


def test_a_job_that_went_well_has_no_problem_and_a_failed_one_its_reason():
    assert problem_of(card(JobState.DONE)) == ""
    failed = card(JobState.FAILED)
    failed.job.error = "Not an image archive."
    assert problem_of(failed) == "Not an image archive."


@pytest.mark.parametrize(
    ("known", "blobs", "words"),
    [
        (0, 3, ""),
        (1, 3, "1 of 3 layers was stored already"),
        (2, 3, "2 of 3 layers were stored already"),
        (3, 3, "all 3 layers were stored already"),
        (2, 2, "both layers were stored already"),
        (1, 1, "its layer was stored already"),
    ],
)
def test_layers_that_were_there_are_told(known: int, blobs: int, words: str):
    assert known_of(card(JobState.RUNNING, blobs=blobs, blobs_known=known)) == words


def test_the_time_left_is_by_the_speed_so_far():
    job = card(JobState.RUNNING, bytes_total=1000, bytes_done=250)
    job.job.started = NOW - timedelta(seconds=10)
    assert left_of(job.seconds_left(NOW)) == "30 s left"
    job.bytes_total = 10_000
    assert left_of(job.seconds_left(NOW)) == "6 min left"
    job.job.started = NOW
    assert left_of(job.seconds_left(NOW)) == ""


def test_a_list_is_summed_up():
    states: dict[str, int] = {JobState.RUNNING: 1, JobState.QUEUED: 1, JobState.DONE: 1200, JobState.FAILED: 1}
    assert summary_of(states) == "1 running, 1 waiting, 1,201 finished"
    assert summary_of({}) == "Nothing"


def test_progress_is_told_to_who_can_not_see_it():
    assert progress_text(card(JobState.RUNNING, bytes_total=2048, bytes_done=1024)) == "1.00 KiB of 2.00 KiB read"
    assert progress_text(card(JobState.RUNNING, JobStage.OPENING)) == "opening the archive"
