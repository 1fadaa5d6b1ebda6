"""What a person can do about hidden bytes, in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.filetree import compare
from analyzer.filetree.waste import Cause

MOSTLY = 0.5  # of a line's bytes: then the sentence speaks of that part

# Folders that only tools look at: a cache mount keeps them out of every layer. The Dockerfile reference, "RUN --mount".
CACHES = (
    b"var/lib/apt/lists",
    b"var/cache/apt",
    b"var/cache/apk",
    b"var/cache/dnf",
    b"var/cache/yum",
    b"root/.cache",
    b"root/.npm",
    b"root/.m2",
    b"root/.cargo",
    b"go/pkg/mod",
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a sentence is made of. Instructions are as in a Dockerfile, "" where none is known."""

    cause: Cause
    size: int
    copied: int  # bytes that the hiding layer holds again
    changed: int  # bits of `compare`: what differs in those
    brought_by: str
    hidden_by: str
    same_layer: bool
    from_base: bool  # the base brought it
    in_base: bool  # the base hides it too
    base: str
    cache: bytes | None  # the folder of CACHES in which most of it lies


def remedy(hidden: Hidden) -> str:
    """One sentence, or two."""
    if hidden.in_base:
        return f"It is hidden inside {hidden.base or 'the base'}: only its own build can mend that."
    if hidden.same_layer:
        return "One layer holds it twice: whatever wrote its tar did."
    if hidden.cause == Cause.SUPERSEDED and hidden.size and hidden.copied >= hidden.size * MOSTLY:
        return _copied(hidden)
    if hidden.from_base:
        return (
            f"{hidden.base or 'The base'} brings it, and hiding frees nothing: stand on a base without it, or copy what"
            " is needed into a new stage."
        )
    if hidden.cache is not None:
        where = "/" + hidden.cache.decode()
        return (
            f"A cache: RUN --mount=type=cache,target={where} keeps it out of every layer, or remove it in the same RUN."
        )
    return _superseded(hidden) if hidden.cause == Cause.SUPERSEDED else _removed(hidden)


def cache_of(held: Sequence[tuple[bytes, int]]) -> bytes | None:
    """The folder of CACHES with most of the bytes at these paths; None if less than half of them lie in any one."""
    sums = dict.fromkeys(CACHES, 0)
    for path, size in held:
        for folder in CACHES:
            if path.startswith(folder + b"/") or path == folder:
                sums[folder] += size
                break
    best = max(CACHES, key=lambda folder: sums[folder])
    return best if sums[best] and sums[best] >= sum(size for _, size in held) * MOSTLY else None


def _word(instruction: str) -> str:
    return instruction.partition(" ")[0].upper()


def _copied(hidden: Hidden) -> str:
    """Files that were written again as they were, with other metadata or none."""
    owner, mode = hidden.changed & compare.OWNER, hidden.changed & compare.MODE
    what = "owner and mode" if owner and mode else "owner" if owner else "mode" if mode else ""
    if hidden.from_base:
        why = f", copied for their {what}" if what else ", written again"
        return f"The same bytes as {hidden.base or 'the base'} has{why}: touch only the files that need it."
    if not what:
        return "The same bytes were written again: write them once, or copy only what changed."
    if _word(hidden.brought_by) in {"COPY", "ADD"}:
        flags = " ".join(flag for flag, wanted in (("--chown", owner), ("--chmod", mode)) if wanted)
        word = _word(hidden.brought_by)
        return f"The same bytes, copied for their {what}: {word} {flags} sets it while copying."
    return f"The same bytes, copied for their {what}: set it in the RUN that makes the files, joined with &&."


def _superseded(hidden: Hidden) -> str:
    words = _word(hidden.brought_by), _word(hidden.hidden_by)
    if words == ("RUN", "RUN"):
        return "Both RUN lines write it: join them with &&, so that only the last version is kept."
    if words[0] in {"COPY", "ADD"} and words[1] in {"COPY", "ADD"}:
        return "Copied twice: copy it only in the later step, or name it in .dockerignore for the first."
    if words[0] in {"COPY", "ADD"}:
        return "It is rewritten after it was copied: prepare it in an earlier stage, and COPY --from what came of it."
    return "It is written twice: let only the later step write it, or take the result from an earlier stage."


def _removed(hidden: Hidden) -> str:
    if _word(hidden.brought_by) in {"COPY", "ADD"}:
        return (
            "It was copied only to be removed: RUN --mount=type=bind reads it without a copy, or an earlier stage takes"
            " it; what nobody needs belongs in .dockerignore."
        )
    if _word(hidden.brought_by) == "RUN" and _word(hidden.hidden_by) == "RUN":
        return "Removed a step too late: join the two RUN lines with &&, so that it never gets into a layer."
    return "Removed a step too late: make and remove it in one step, or leave it in an earlier stage."
