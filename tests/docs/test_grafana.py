"""The dashboard is held to the metrics: each query names some that there are."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from tests.settings import ROOT

DASHBOARDS = sorted((ROOT / "docs/grafana").glob("*.json"))
NAME = re.compile(r"\b((?:layersite|django)_[a-z_]+)\b")
LABEL = re.compile(r'([a-z]+)=~?"')


@pytest.mark.django_db
def test_every_query_of_every_dashboard_names_metrics_and_labels_that_exist(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "t0ken"
    for _ in range(2):  # the first one is counted when it has been answered
        told = client.get("/metrics", headers={"authorization": "Bearer t0ken"}).content.decode()
    families = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE))
    existing = families | {f"{name}{end}" for name in families for end in ("_bucket", "_sum", "_count")}
    labels = set(re.findall(r'[{,]([a-z]+)="', told)) | {"job"}
    assert DASHBOARDS
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text())
        panels = dashboard["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels)
        asked = [target["expr"] for panel in panels for target in panel["targets"]]
        asked += [item["query"]["query"] for item in dashboard["templating"]["list"] if item["type"] == "query"]
        for query in asked:
            names = set(NAME.findall(query))
            assert names, query
            assert names <= existing, (query, names - existing)
            assert set(LABEL.findall(query)) <= labels, query
            assert query.count("(") == query.count(")")
        used = {name for query in asked for name in NAME.findall(query)}
        ours = {name for name in families if name.startswith("layersite_")}
        assert ours <= used, "a figure that nobody looks at"
