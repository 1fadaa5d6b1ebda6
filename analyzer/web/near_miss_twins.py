"""Near misses as JSON and CSV: every pair of the scope, and in which family it is."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from analyzer.selectors.near_misses import Family, Pair, files_of, homes, not_compared
from analyzer.selectors.sharing_report import scope_document
from analyzer.sharing.nearmiss import LEAST_COMMON
from analyzer.web.near_miss_words import remedy
from analyzer.web.reuse_frame import Frame
from analyzer.web.twins import twin, wanted

COLUMNS = (
    "first",
    "second",
    "common",
    "larger",
    "share",
    "rest",
    "share_of_rest",
    "set_aside",
    "reasons",
    "first_images",
    "second_images",
    "family",
)


def near_miss_twin(
    request: HttpRequest, framed: Frame, pairs: Sequence[Pair], families: Sequence[Family]
) -> HttpResponse:
    """All pairs, the greatest first; JSON also has the families and what was asked for."""
    found = pair_rows(framed, pairs, families)
    if wanted(request) == "csv":
        return twin(request, "near_misses", found, COLUMNS)
    return twin(
        request,
        "near_misses",
        found,
        COLUMNS,
        scope=scope_document(framed.query),
        least_common=LEAST_COMMON,
        lost=sum(family.lost for family in families),
        not_compared=not_compared(framed.scope),
        families=_families(framed, families),
    )


def pair_rows(framed: Frame, pairs: Sequence[Pair], families: Sequence[Family]) -> list[dict[str, Any]]:
    """Sizes in bytes, shares from 0 to 1; `differs` counts paths by reason; `family` numbers them from 1."""
    numbers = {pk: number for number, family in enumerate(families, 1) for pk in family.layers}
    files = files_of(pairs)
    layers = framed.scope.layers
    where = homes(framed.scope, numbers)
    return [
        {
            "first": layers[pair.first].diff_id,
            "second": layers[pair.second].diff_id,
            "common": pair.common,
            "larger": pair.larger,
            "share": round(pair.common / pair.larger, 4),
            "rest": pair.rest,
            "share_of_rest": round(pair.common / pair.rest, 4),
            "set_aside": [file["path"] for file in files.get(pair.pk, []) if file["aside"]],
            "reasons": list(pair.reasons),
            "differs": pair.differs,
            "files": files.get(pair.pk, []),
            "first_images": [image.image_id for image in where[pair.first]],
            "second_images": [image.image_id for image in where[pair.second]],
            "family": numbers[pair.first],
        }
        for pair in pairs
    ]


def _families(framed: Frame, families: Sequence[Family]) -> list[dict[str, Any]]:
    where = homes(framed.scope, {pk for family in families for pk in family.layers})
    return [
        {
            "family": number,
            "layers": [framed.scope.layers[pk].diff_id for pk in family.layers],
            "pairs": family.pairs,
            "lost": family.lost,
            "reasons": list(family.reasons),
            "remedy": remedy(family, len({image.pk for pk in family.layers for image in where[pk]})),
        }
        for number, family in enumerate(families, 1)
    ]
