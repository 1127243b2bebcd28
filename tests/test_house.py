"""What the house promises that no import contract can keep: who reads what about a person."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from bot.features.access.service.visibility import ChannelVisibility, channel_visibility
from storage.queries import targets

ROOT = Path(__file__).parents[1]
ACCESS = ROOT / "bot/features/access"

# The decision table alone reads these of a session; everybody else asks `may`, `require`, `cached` or `decide`.
DECIDING = {"role", "groups_role", "member", "own_refusal"}
MAY_READ = {
    "bot/features/home/service.py": {"role"},  # shown to the person: "You are a controller"
    "bot/features/connections/service/connections.py": {"own_refusal"},  # the one way to Sage
}
RULES = "bot.features.access.model.rules"
ONLY_ACCESS_CALLS = {"figures_class", "role_of"}
# A stored class means nothing without the company that it is for: `channel_visibility` and `raised_channels` say both.
CLASSES = "visibility_of"


def product() -> list[Path]:
    return [path for path in (ROOT / "bot").rglob("*.py") if ACCESS not in path.parents]


def read_of_sessions(tree: ast.AST) -> set[str]:
    """Attributes that are read of something called a session."""
    attributes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {node.attr for node in attributes if ast.unparse(node.value).rpartition(".")[2] == "session"}


def called(tree: ast.AST) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {func.attr for func in calls if isinstance(func, ast.Attribute)}


def imported(tree: ast.AST) -> set[str]:
    return {each.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}


@pytest.mark.parametrize("path", product(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_but_the_access_feature_reads_a_role_or_a_class(path):
    name, tree = str(path.relative_to(ROOT)), ast.parse(path.read_text())
    assert read_of_sessions(tree) & DECIDING <= MAY_READ.get(name, set())
    assert RULES not in {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert called(tree) & ONLY_ACCESS_CALLS == set()
    assert CLASSES not in imported(tree)


@pytest.mark.parametrize("reader", [channel_visibility, ChannelVisibility.of, targets.figures_class])
def test_a_channels_class_is_never_read_without_its_company(reader):
    company = inspect.signature(reader).parameters["company_pk"]
    assert company.kind is company.KEYWORD_ONLY
    assert company.default is company.empty


def test_who_reads_a_role_is_noticed():
    tree = ast.parse("def f(session):\n    return session.role, self.session.own_refusal, targets.figures_class(tx)")
    assert read_of_sessions(tree) & DECIDING == {"role", "own_refusal"}
    assert called(tree) & ONLY_ACCESS_CALLS == {"figures_class"}
