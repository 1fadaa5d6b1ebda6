"""Which step does which kind of upkeep."""

from analyzer.models import UpkeepKind
from analyzer.services import deleting, upkeep, verifying

STEPS: dict[str, upkeep.Step] = {
    UpkeepKind.VERIFY: verifying.verify,
    UpkeepKind.DELETE: deleting.delete,
}


def run(pk: int) -> None:
    """Does the work of the row. Raises Taken."""
    upkeep.run(pk, STEPS)
