"""An image judged by the rules of a gate."""

from datetime import datetime

from django.db.models import QuerySet

from analyzer.gate.ruleset import Result, RuleSet, Subject, lenses, with_fixes
from analyzer.gate.verdict import Lens
from analyzer.models import Image, Team
from analyzer.selectors.access import Viewer, ref_of
from analyzer.selectors.gate_before import Compared, Name, compared_with, same_layers
from analyzer.selectors.gate_figures import before_of, figures_of
from analyzer.selectors.gate_fixes import fixes_of, one_line
from analyzer.selectors.gate_names import name_among
from analyzer.selectors.image import ImagePage, image_page
from analyzer.selectors.image_waste import instructions_of, layer_chain, waste_page
from analyzer.selectors.names import name_of, references_of


def judged(
    viewer: Viewer,
    image: Image,
    rules: RuleSet,
    teams: QuerySet[Team],
    now: datetime,
    *,
    name: Name | None = None,
    against: Image | None = None,
    page: ImagePage | None = None,
) -> Result:
    """What the rules say of an image that the viewer may see.

    It is compared with `against`; where that is None, with what these teams accepted last under its `name`, which is
    its first reference where none is given. `page` is the image's own, where it is at hand.
    """
    page = page or image_page(viewer, image, now)
    if name is None:
        name = name_among(page.references, teams)
    if against is not None:
        compared = Compared(against, changed=not same_layers(against, image))
    else:
        compared = compared_with(viewer, image, teams, name, rules)
    other = _subject(viewer, compared.image) if compared.image is not None else None
    instructions = {index: one_line(text) for index, text in instructions_of(page).items()}
    before = before_of(viewer, compared.image, other.name) if compared.image is not None and other else None
    chain = layer_chain(image) if compared.changed and rules.globs else None
    figures = figures_of(viewer, page, chain, rules, before, instructions)
    verdicts = rules.judge(figures, changed=compared.changed)
    wanted = lenses(verdicts)
    waste = waste_page(image, page) if Lens.WASTE in wanted else None
    found = {lens: fixes_of(lens, page, waste, compared.image, instructions) for lens in wanted}
    return Result(
        image=_subject(viewer, image),
        against=other,
        base=page.base.name if page.base else "",
        changed=compared.changed,
        rules=rules,
        verdicts=with_fixes(verdicts, found),
    )


def _subject(viewer: Viewer, image: Image) -> Subject:
    known = references_of(viewer, [image.pk]).get(image.pk, [])
    references = tuple(dict.fromkeys(f"{each.repository}:{each.tag}" for each in known))
    return Subject(name_of(known, image.image_id), image.image_id, ref_of(image), references, image.size)
