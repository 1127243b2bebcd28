"""What stands in `ops/` names only what there is."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
import yaml
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from bot.__main__ import cli
from bot.config import Settings
from bot.observability import metrics
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


COMPOSE = yaml.safe_load((OPS / "compose.yml").read_text())
UNITS = sorted((OPS / "systemd").glob("*.service"))


def commands():
    for name, each in COMPOSE["services"].items():
        if "command" in each:
            yield f"compose {name}", each["command"][1:]
    for unit in UNITS:
        for words in re.findall(r"^ExecStart\w*=/opt/sage200/bin/bot (.+)$", unit.read_text(), re.MULTILINE):
            yield unit.name, words.split()
    run = re.search(r"^CMD (\[.+\])$", (OPS / "Containerfile").read_text(), re.MULTILINE)
    yield "Containerfile", json.loads(run[1])[1:]
    for line in (OPS.parent / "Procfile").read_text().splitlines():
        yield f"Procfile {line.partition(':')[0]}", line.partition("-m bot ")[2].split()


@pytest.mark.parametrize(("where", "words"), list(commands()))
def test_what_is_started_is_a_command_with_that_option(where, words):
    command = typer.main.get_command(cli)
    for word in words:
        if word.startswith("-"):
            assert word in {option for each in command.params for option in each.opts}
        else:
            command = command.commands[word]


def test_containers_write_nowhere_but_to_their_volumes_and_have_no_rights():
    for name in ("upgrade", "web", "worker"):
        service = COMPOSE["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert "ports" not in service
    assert COMPOSE["services"]["proxy"]["ports"] == ["80:80", "443:443"]
    lines = (OPS / "Containerfile").read_text()
    assert "\nUSER 10001\n" in lines
    assert "requirements-dev" not in lines
    assert "--require-hashes -r requirements.txt" in lines


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_what_only_operators_may_read_is_kept_from_the_internet_and_no_code_is_logged(name):
    text = (OPS / name).read_text()
    assert {"/metrics", "/health/ready"} <= set(re.findall(r"/metrics|/health/ready", text))
    assert "404" in text
    assert re.search(r"access_log off|output discard", text)


def test_what_is_copied_into_the_container_is_not_ignored():
    ignored = (OPS.parent / ".dockerignore").read_text().split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (OPS / "Containerfile").read_text(), re.MULTILINE)
    for name in " ".join(copied).split():
        assert f"!{name}" in ignored
        assert (OPS.parent / name).exists()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_gives_time_to_finish_and_sets_only_what_there_is(unit):
    text = unit.read_text()
    assert int(re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)[1]) >= 45
    for pairs in re.findall(r"^Environment=(.+)$", text, re.MULTILINE):
        assert {pair.partition("=")[0].lower() for pair in pairs.split()} <= set(Settings.model_fields)
