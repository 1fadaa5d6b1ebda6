"""The figures that the gate's rules judge, gathered of one image as its viewer knows it."""

from collections.abc import Mapping, Sequence
from heapq import nsmallest

from analyzer.filetree.entry import Kind
from analyzer.filetree.layerdiff import Change
from analyzer.filetree.pattern import Pattern
from analyzer.gate.figures import Before, Figures, Part, Place, Told
from analyzer.gate.ruleset import RuleSet
from analyzer.gate.verdict import MOST_FIXES
from analyzer.models import ArchiveImage, Chain, Image, Reference, ReferenceMove
from analyzer.oci.reference import InvalidReference, parse_reference
from analyzer.selectors.access import Viewer, image_for, teams_of, visible_images
from analyzer.selectors.image import ImagePage
from analyzer.selectors.image_archives import problems_of
from analyzer.selectors.image_kin import kin_of
from analyzer.selectors.image_secrets import Secrets, secrets_of
from analyzer.selectors.image_waste import LayerChain
from analyzer.selectors.names import said, spoken
from analyzer.selectors.shown import shown, shown_text

_NO_PATHS = (Kind.WHITEOUT, Kind.OPAQUE, Kind.AUFS)


def figures_of(
    viewer: Viewer,
    page: ImagePage,
    chain: LayerChain | None,
    rules: RuleSet,
    before: Before | None,
    instructions: Mapping[int, str],
) -> Figures:
    """What the rules ask for. `chain`: the image's layers, None where one is missing. `instructions`: by layer."""
    image, top = page.image, page.image.top_chain
    lowest = (page.layers[0].size or 0) if page.layers else 0
    base = image_for(viewer, page.base.ref) if page.base else None
    whole = Part(0, 0) if not page.layers else part_of(top, lowest) if top is not None else None
    secrets = secrets_of(image) if rules.asks_for_findings else None
    forbidden, places = (0, ()) if chain is None else _forbidden(page, chain, rules.globs, instructions)
    return Figures(
        image=whole if image.size is not None else None,
        base=part_of(base.top_chain, lowest) if base is not None and base.top_chain is not None else None,
        base_name=page.base.name if page.base else "",
        newer_base=newer_push(viewer, image, base) if base is not None else "",
        unshared=page.figures.unique,
        before=before,
        forbidden=forbidden,
        forbidden_places=places,
        findings=_findings(page, secrets, instructions) if secrets is not None else (),
        unsearched=_unsearched(page, secrets) if secrets is not None and rules.needs_search else 0,
    )


def part_of(chain: Chain, bottom: int) -> Part:
    """A chain's own figures. `bottom`: bytes of its lowest layer."""
    return Part(chain.size, chain.waste, bottom, chain.dive_cumulative, chain.dive_minimal, chain.dive_wasted)


def before_of(viewer: Viewer, image: Image, name: str) -> Before:
    """The image that another one is compared with. Three queries."""
    rows = image.image_layers.select_related("chain").defer("chain__changes", "chain__findings").order_by("index")
    kin = kin_of(viewer, image, [row.chain for row in rows if row.chain is not None])
    return Before(name, image.size, kin.base.size if kin.base else None)


def newer_push(viewer: Viewer, image: Image, base: Image) -> str:
    """The name whose newest push the base is not; empty where it is, as far as the viewer's teams know.

    What the image says of its base decides; else the name that the base had last, where it has none any more.
    """
    teams = teams_of(viewer)
    claims = ArchiveImage.objects.filter(image=image, archive__team__in=teams).exclude(base_name="")
    claimed = _parts(claims.order_by("-pk").values_list("base_name", flat=True).first() or "")
    if claimed is not None:
        now = Reference.objects.filter(team__in=teams, repository=claimed[0], tag=claimed[1]).select_related("image")
        tops = {reference.image.top_chain_id for reference in now}
        if tops:
            return "" if base.top_chain_id in tops else said(*claimed)
    ending = visible_images(viewer).filter(top_chain=base.top_chain_id)
    if Reference.objects.filter(team__in=teams, image__in=ending).exists():
        return ""
    moves = ReferenceMove.objects.filter(reference__team__in=teams, image__in=ending).select_related("reference")
    last = moves.order_by("-at", "-pk").first()
    return spoken(last.reference) if last is not None else ""


def _parts(name: str) -> tuple[str, str] | None:
    try:
        reference = parse_reference(name)
    except InvalidReference:
        return None
    if reference.tag is None:  # told by its digest: no newer push is meant
        return None
    return f"{reference.registry}/{reference.repository}", reference.tag


def _forbidden(
    page: ImagePage, chain: LayerChain, globs: Sequence[str], instructions: Mapping[int, str]
) -> tuple[int, tuple[Place, ...]]:
    """How many entries of the image's own layers the globs match, hidden or not, and the largest of them.

    A folder counts where its layer adds it: one that only repeats the folder below is no file of this image's.
    """
    patterns = [Pattern("glob", glob) for glob in globs]
    found: list[tuple[int, int, int]] = []  # bytes, layer, row
    for layer in page.layers if patterns else ():
        if layer.in_base:
            continue
        listing, changes = chain.listings[layer.index], chain.diffs[layer.index].changes
        paths = listing.table["path"]
        for row in set().union(*(pattern.rows(paths) for pattern in patterns)):
            kind = listing.kinds[row]
            if kind not in _NO_PATHS and (kind != Kind.DIR or changes[row] == Change.ADDED):
                found.append((listing.sizes[row], layer.index, row))
    largest = nsmallest(MOST_FIXES, found, key=lambda place: (-place[0], place[1], place[2]))
    dead = {(item.layer, item.ordinal) for diff in chain.diffs for item in diff.dead} if largest else set()
    places = (
        Place(shown(chain.listings[at].paths[row]), at, size, (at, row) in dead, instructions.get(at, ""))
        for size, at, row in largest
    )
    return len(found), tuple(places)


def _findings(page: ImagePage, secrets: Secrets, instructions: Mapping[int, str]) -> tuple[Told, ...]:
    """Of the newest archive and of the search for secrets; those about layers of the base left out."""
    archive = page.arrivals[0].archive if page.arrivals else None
    problems = secrets.beside(problems_of(page.image, archive))
    depth = page.base.layers if page.base else 0
    return tuple(
        Told(
            problem.code,
            problem.severity,
            shown_text(problem.detail),
            problem.layer,
            shown_text(problem.path or "") if problem.raw is None else shown(problem.raw),
            problem.advice,
            instructions.get(problem.layer, "") if problem.layer is not None else "",
        )
        for problem in problems
        if problem.layer is None or problem.layer >= depth
    )


def _unsearched(page: ImagePage, secrets: Secrets) -> int:
    """Own layers that nobody searched for secrets yet."""
    return sum(layer.known and not layer.in_base and layer.index not in secrets.searched for layer in page.layers)
