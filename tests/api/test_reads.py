"""What pages show beside the great reports: each operation gives what its schema says, and its page the same."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from analyzer.api import judged, layerparts, mine, reuse
from analyzer.api.teams import TokenOut
from analyzer.models import AuditLine, TokenScope
from analyzer.services.tokens import issue_team_token
from tests.api.client import Api
from tests.archives import docker_save
from tests.cast import Cast
from tests.rights.things import MINE, SECRETS, held
from tests.taking import run_job

READS: tuple[tuple[str, Any, str], ...] = (
    ("images/{ref}/gate/", judged.JudgedOut, ""),
    ("layers/{diff_id}/near-misses/", layerparts.NearsOut, "/layers/{diff_id}/?part=near"),
    ("layers/{diff_id}/packages/", layerparts.BroughtOut, "/layers/{diff_id}/?part=packages"),
    ("layers/{diff_id}/map/?at=srv", layerparts.MapOut, "/layers/{diff_id}/?part=map&at=srv"),
    ("reports/bases/", reuse.BasesOut, "/reuse/bases/?"),
    ("reports/actions/", reuse.ReportOut, "/reuse/report/?"),
    ("reports/layers/", reuse.LayersOut, ""),
    ("notices/", list[mine.NoticeOut], ""),
    ("links/", list[mine.LinkOut], ""),
    ("tokens/", list[TokenOut], ""),
    ("teams/{team}/tokens/", list[TokenOut], ""),
)


def test_each_gives_what_its_schema_and_its_page_say(cast: Cast, tmp_path: Path) -> None:
    run_job(tmp_path, docker_save(MINE), cast.team, name="mine.tar")
    things = held(tmp_path, SECRETS, cast.team, cast.alice, SECRETS.id)
    issue_team_token(cast.team, cast.alice, "CI")
    api, browser, found = Api(cast.alice), cast.client(cast.alice), {}
    for path, schema, page in READS:
        answer = api.get(path.format(**things))
        assert answer.status_code == 200, (path, answer.content)
        found[path] = document = answer.json()
        adapter = TypeAdapter(schema)
        assert adapter.dump_python(adapter.validate_python(document), exclude_unset=True) == document, path
        if page:
            address = page.format(**things)
            twin = browser.get(address + ("&" if "?" in address else "?") + "format=json").json()
            assert twin == document, path
    assert found["images/{ref}/gate/"]["rules"]
    assert found["reports/layers/"]["held"][0]["images"] == 2
    assert [part["path"] for part in found["layers/{diff_id}/map/?at=srv"]["map"]] == ["srv/recipe.txt"]
    assert found["links/"][0]["made_by"] == "alice"
    assert [each["name"] for each in found["tokens/"]] == ["tests", "alices-team token"]
    assert not AuditLine.objects.filter(action__startswith="gate").exists()

    reads = Api(cast.alice, scope=TokenScope.READ)
    assert [each["scope"] for each in reads.get("tokens/").json()] == ["read"]
    assert api.get("layers/{diff_id}/map/?at=nothing".format(**things)).status_code == 404
    assert api.get("reports/bases/?team=charlies-team").status_code == 404
