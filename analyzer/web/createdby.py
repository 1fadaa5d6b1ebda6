"""The text of a history step as a person would have written it in a Dockerfile."""

import re

MOST = 2_000  # characters that a page shows of a step; its JSON has all

_DIGEST = re.compile(r"\b(sha256:|dir:|file:|multi:)?([0-9a-f]{8})[0-9a-f]{56}\b")
_SHELL = re.compile(r"(?:RUN )?(?:\|\d+ .*?)?/bin/sh -c (?P<nop>#\(nop\))?", re.DOTALL)


def instruction(created_by: str) -> str:
    """`created_by` as an instruction: what the builder put around it is left out.

    The classic builder writes `/bin/sh -c #(nop) CMD …` for steps without a layer and `/bin/sh -c …` for RUN,
    BuildKit `RUN /bin/sh -c … # buildkit`; build arguments stand before the shell as `|2 A=1 B=2`.
    """
    text = created_by.strip().removesuffix("# buildkit").rstrip()
    shell = _SHELL.match(text)
    if shell is None:
        return text
    command = text[shell.end() :].strip()
    return command if shell["nop"] else f"RUN {command}"


def clipped(text: str, most: int = MOST) -> str:
    """As much of a text as a page shows."""
    return text if len(text) <= most else f"{text[:most]}… and {len(text) - most:,} more characters"


def shortened(created_by: str) -> str:
    """The instruction with its digests cut to eight digits."""
    return _DIGEST.sub(lambda found: f"{found[1] or ''}{found[2]}…", clipped(instruction(created_by)))
