"""Which step does which kind of upkeep."""

from analyzer.models import UpkeepKind
from analyzer.services import deleting, drift, dropping, recompressing, reindexing, upkeep, verifying

STEPS: dict[str, upkeep.Step] = {
    UpkeepKind.VERIFY: verifying.verify,
    UpkeepKind.REINDEX: reindexing.reindex,
    UpkeepKind.RECOMPRESS: recompressing.recompress,
    UpkeepKind.DROP: dropping.drop,
    UpkeepKind.DELETE: deleting.delete,
    UpkeepKind.CHECK: drift.check,
    UpkeepKind.MEND: drift.mend,
}


def run(pk: int) -> None:
    """Does the work of the row. Raises Taken."""
    upkeep.run(pk, STEPS)
