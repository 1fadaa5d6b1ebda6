"""What a job says of itself, in words for a person."""

from collections.abc import Mapping

from analyzer.models import Job, JobSource, JobStage, JobState
from analyzer.selectors.arrivals import Arrival
from analyzer.selectors.jobs import JobCard
from analyzer.units import binary_text, grouped

ENDINGS = {
    JobState.DONE: "done",
    JobState.PARTIAL: "analysed in part",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "cancelled",
}

STATUSES = {
    "missing": ("missing: its bytes are not in the archive", "Save the image again where all of its layers are."),
    "foreign": (
        "foreign: its bytes lie elsewhere, not in the archive",
        "Save the image again from an engine that holds the layer.",
    ),
    "damaged": ("damaged: its bytes can't be read to the end", "Make the archive again and add it once more."),
    "unsupported": ("not readable here", "The job's findings say why."),
}


def state_of(card: JobCard) -> str:
    """The state in a few words, with the layer that is being read."""
    job = card.job
    if job.state == JobState.QUEUED:
        return f"queued, {card.ahead} ahead" if card.ahead else "queued, next in line"
    if job.state != JobState.RUNNING:
        return ENDINGS[JobState(job.state)]
    if job.stage == JobStage.FETCHING:
        return "fetching from the registry"
    if job.stage == JobStage.LAYERS and card.blobs:
        return f"reading layer {min(card.blobs_ended + 1, card.blobs)} of {card.blobs}"
    return "putting images together" if job.stage == JobStage.ASSEMBLING else "opening the archive"


def arrival_state(arrival: Arrival) -> str:
    """The state of what came in, with or without a job."""
    return state_of(arrival.card) if arrival.card else ENDINGS[JobState(arrival.state)]


def problem_of(card: JobCard) -> str:
    """What happened, what it means for the figures, and what to do; empty where nothing is wrong."""
    if card.job.state == JobState.FAILED:
        return card.job.error or "It failed, and nothing says why."
    if card.job.state != JobState.PARTIAL:
        return ""
    layers = sum(card.statuses.values())
    wrong = {status: number for status, number in card.statuses.items() if status in STATUSES}
    if not wrong:
        return "Some layers were not read; the findings say which. Their figures are left empty."
    told = [_count(number, layers, STATUSES[status][0]) for status, number in wrong.items()]
    whose = "Its figures are" if sum(wrong.values()) == 1 else "Their figures are"
    advice = [STATUSES[status][1] for status in wrong]
    meaning = f"{whose} left empty, and so are the size, merged view and waste of the images on top."
    return " ".join([*told, meaning, *advice])


def _count(number: int, layers: int, what: str) -> str:
    if number == 1:
        return f"1 of {layers} layers is {what}."
    return (
        f"{number} of {layers} layers are {what.replace('its bytes lie', 'their bytes lie').replace('its', 'their')}."
    )


def known_of(card: JobCard) -> str:
    """How many layers were stored already; empty where none was."""
    if not card.blobs_known:
        return ""
    if card.blobs_known == card.blobs:
        which = {1: "its layer was", 2: "both layers were"}.get(card.blobs, f"all {grouped(card.blobs)} layers were")
        return f"{which} stored already"
    verb = "was" if card.blobs_known == 1 else "were"
    return f"{card.blobs_known} of {card.blobs} layers {verb} stored already"


def fetched_of(job: Job) -> str:
    """How much came out of a registry, and how much had not to; empty for what came otherwise."""
    if job.source != JobSource.REGISTRY or not (job.fetch_total or job.fetched or job.saved):
        return ""
    done = job.fetched >= job.fetch_total
    told = f"{binary_text(job.fetched)}{'' if done else f' of {binary_text(job.fetch_total)}'} fetched"
    return f"{told}, {binary_text(job.saved)} saved: those layers are stored" if job.saved else told


def left_of(seconds: int | None) -> str:
    """`4 s left`, `3 min left`."""
    if seconds is None:
        return ""
    return f"{seconds} s left" if seconds < 100 else f"{round(seconds / 60)} min left"


def summary_of(states: Mapping[str, int]) -> str:
    """`2 running, 1 waiting, 3 finished`, by how many jobs are in each state."""
    running, waiting = states.get(JobState.RUNNING, 0), states.get(JobState.QUEUED, 0)
    counts = ((running, "running"), (waiting, "waiting"), (sum(states.values()) - running - waiting, "finished"))
    return ", ".join(f"{grouped(number)} {word}" for number, word in counts if number) or "Nothing"


def progress_text(card: JobCard) -> str:
    """For those who can't see the strip: how much of the archive's layers is read."""
    if card.job.stage == JobStage.FETCHING and (card.job.fetch_total or card.job.fetched):
        return fetched_of(card.job)
    if not card.bytes_total:
        return state_of(card)
    return f"{binary_text(card.bytes_done)} of {binary_text(card.bytes_total)} read"
