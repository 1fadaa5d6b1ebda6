"""Which layers a search of the panel means: by digest, by what images are called, and by the paths in them."""

import re

from django.db.models import Q, QuerySet

from analyzer.models import Layer
from analyzer.selectors.finding.found import called, find
from analyzer.selectors.finding.query import NotAQuery, parse
from analyzer.selectors.finding.sight import Budget, everything

DIGITS = re.compile(r"(?:sha256:)?([0-9a-f]{4,64})")
SECONDS = 1.0
MATCHES = 400
PLACES = 4_000
MOST_CALLED = 100


def searched(layers: QuerySet[Layer], text: str) -> tuple[QuerySet[Layer], bool]:
    """Those of the layers that the text means, and whether some may have been left out as the time was over."""
    wanted = Q(pk__in=())
    digits = DIGITS.fullmatch(text)
    if digits:  # layers without an image too, which Find does not look at
        begin = f"sha256:{digits[1]}"
        wanted |= Q(diff_id__startswith=begin) | Q(blobs__digest__startswith=begin)
    sight = everything()
    images = {image.pk for image in called(sight, text, MOST_CALLED)}
    truncated = False
    try:
        found = find(sight, parse(text), Budget(SECONDS, MATCHES, PLACES))
    except NotAQuery:
        pass
    else:
        truncated = found.truncated
        wanted |= Q(diff_id__in={match.layer for match in found.matches if match.layer})
        images |= {image.pk for match in found.matches if match.kind == "image" for image in match.images}
    return layers.filter(wanted | Q(image_layers__image__in=images)), truncated
