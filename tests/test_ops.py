"""What stands in `ops/` names only what there is."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from bot import metrics
from bot.web.outlook import DatabaseOutlook
from storage.queries.operations import Due, Outlook

OPS = Path(__file__).parents[1] / "ops"
RULES = yaml.safe_load((OPS / "prometheus-rules.yml").read_text())
DASHBOARD = json.loads((OPS / "grafana-dashboard.json").read_text())
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEEN = re.compile(r"\b(sage200_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)(=~|!=|!~|=)"([^"]*)"')


def expressions():
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield f"rule {rule['alert']}", rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]


def shown():
    """Every metric by name, with the label names and, of those known beforehand, the values."""
    outlook = DatabaseOutlook(None, lambda: NOW, worker="worker")
    kinds = ("messages", "sign-ins", "slack-tokens", "copies")
    outlook._found = Outlook({kind: Due(1, NOW) for kind in kinds}, [NOW], NOW)
    registry = CollectorRegistry()
    registry.register(outlook)
    names = {
        f"{name}{end}"
        for name in re.findall(r"^# TYPE (sage200_\w+?)(?:_total)? ", generate_latest(REGISTRY).decode(), re.MULTILINE)
        for end in ("", "_total", "_sum", "_count", "_bucket")
    }
    text = generate_latest(registry).decode()
    return names | set(re.findall(r"^(sage200_\w+)", text, re.MULTILINE)), text


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_every_metric_is_there(where, expression):
    names, rows = shown()
    found = SEEN.findall(expression)
    assert found or "up{" in expression
    for name, labels in found:
        assert name in names
        for label, sign, value in LABEL.findall(labels):
            if name in rows and sign == "=":
                assert f'{label}="{value}"' in rows


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_every_label_is_there(where, expression):
    known = {
        f"sage200_{each._name.removeprefix('sage200_')}": set(each._labelnames)
        for each in vars(metrics).values()
        if hasattr(each, "_labelnames")
    }
    for name, labels in SEEN.findall(expression):
        of = next((known[each] for each in known if re.fullmatch(rf"{each}(_total|_sum|_count|_bucket)?", name)), None)
        if of is not None:
            assert {label for label, _, _ in LABEL.findall(labels)} <= of | {"le"}


def test_a_bucket_that_a_rule_compares_with_is_one():
    bounds = {
        f"{each._name}_bucket": {str(float(bound)) for bound in each._upper_bounds}
        for each in vars(metrics).values()
        if hasattr(each, "_upper_bounds")
    }
    for _, expression in expressions():
        for name, labels in SEEN.findall(expression):
            for label, _, value in LABEL.findall(labels):
                if label == "le" and name in bounds:
                    assert value in bounds[name]


def test_who_watches_is_told_what_to_do():
    for group in RULES["groups"]:
        names = [rule["alert"] for rule in group["rules"]]
        assert len(names) == len(set(names))
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"page", "ticket"}
            assert rule["annotations"]["summary"].endswith(".")


def test_no_panel_covers_another():
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(places) == len(set(places))
    assert {each["name"] for each in DASHBOARD["templating"]["list"]} == {"source"}
