"""Whether a base is the newest push of its name, and what an image of a moving tag is compared with."""

from pathlib import Path
from typing import Any

from django.utils import timezone

from analyzer.gate.reading import rules_of
from analyzer.models import Image, Team
from analyzer.selectors.gate import judged
from analyzer.services.gate import Keeping, run_gate
from tests.archives import docker_save, image, layer, oci_layout
from tests.cast import Cast
from tests.taking import bring

OLD, NEW, APP, MORE = (layer({name: name.encode() * 100}) for name in ("old", "new", "app", "more"))
RULES = rules_of("rules: {newest-base: true, growth: 10 %}")
KEY = "org.opencontainers.image.base.name"


def told(cast: Cast, wanted: Any) -> dict[str, tuple[str, str]]:
    found = Image.objects.get(image_id=wanted.id)
    result = judged(cast.alice, found, RULES, Team.objects.filter(pk=cast.team.pk), timezone.now())
    return {verdict.rule: (verdict.outcome.value, verdict.detail) for verdict in result.verdicts}


def test_a_base_whose_name_means_another_image_now_is_not_the_newest(cast: Cast, tmp_path: Path):
    app = image([OLD, APP], tags=["app:1"])
    for built in (image([OLD], tags=["base:1"]), app):
        bring(tmp_path, docker_save(built), cast.team)
    assert told(cast, app)["newest-base"][0] == "passed"
    # What another team calls base:1 is none of this team's.
    bring(tmp_path, docker_save(image([NEW], tags=["base:1"])), cast.other_team)
    assert told(cast, app)["newest-base"][0] == "passed"
    bring(tmp_path, docker_save(image([NEW], tags=["base:1"])), cast.team)
    assert told(cast, app)["newest-base"] == ("failed", "It stands on an older push of base:1.")
    # The base has another name that still means it.
    bring(tmp_path, docker_save(image([OLD], tags=["base:1.0"])), cast.team)
    assert told(cast, app)["newest-base"][0] == "passed"


def test_what_an_image_says_of_its_base_decides(cast: Cast, tmp_path: Path):
    app = image([OLD, APP], tags=["app:1"], annotations={KEY: "base:1"})
    for built in (image([OLD], tags=["base:1.0"]), image([NEW], tags=["base:1"])):
        bring(tmp_path, docker_save(built), cast.team)
    bring(tmp_path, oci_layout(app), cast.team)
    assert told(cast, app)["newest-base"] == ("failed", "It stands on an older push of base:1.")


def test_growth_is_against_the_same_tag_then_the_same_repository_then_the_push_before(cast: Cast, tmp_path: Path):
    first, second, third = (image(layers, tags=["app:1"]) for layers in ([APP], [NEW, APP], [NEW, APP, MORE]))
    for built in (first, second):
        bring(tmp_path, docker_save(built), cast.team)
    assert told(cast, second)["growth"] == ("failed", f"+300 B against {first.id[7:19]}.")

    def accept(built: Any, tag: str) -> None:
        found = Image.objects.get(image_id=built.id)
        team = Team.objects.filter(pk=cast.team.pk)
        keeping = Keeping(cast.team, cast.alice, ("docker.io/library/app", tag))
        run_gate(cast.alice, found, rules_of("rules: {size: 1 GB}"), team, keeping=keeping)

    accept(second, "0.9")
    bring(tmp_path, docker_save(third), cast.team)
    assert told(cast, third)["growth"][1].startswith("+400 B against")  # 700 bytes: second has 600
    accept(first, "1")
    assert told(cast, third)["growth"][1] == f"+700 B against {first.id[7:19]}."
