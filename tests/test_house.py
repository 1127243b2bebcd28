"""What the house promises that no import contract can keep: who reads what about a person."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import get_type_hints

import pytest

from bot.features.access.service.visibility import ChannelVisibility, channel_visibility
from storage.queries.alerts import targets
from storage.queries.alerts.targets import ChannelOfCompany

ROOT = Path(__file__).parents[1]
ACCESS = ROOT / "bot/features/access"
DEMO = ROOT / "bot/demo"  # it has the plain names

# The decision table alone reads these of a session; everybody else asks `may`, `require`, `cached` or `decide`.
DECIDING = {"role", "groups_role", "member", "own_refusal"}
MAY_READ = {
    "bot/features/home/service.py": {"role"},  # shown to the person: "You are a controller"
    "bot/features/delivery/service/welcome.py": {"role"},  # told to the person: what their role means
    "bot/features/connections/service/connections.py": {"own_refusal"},  # the one way to Sage
}
RULES = "bot.features.access.model.rules"
ONLY_ACCESS_CALLS = {"figures_classes", "role_of"}
# A stored class means nothing without the company that it is for: `channel_visibility` and `raised_channels` say both.
CLASSES = "visibility_of"


# What grows while the process runs without a bound of its own, and what bounds it all the same.
BOUNDED_BY = {
    "bot/coordination/batched.py": "those who wait now",
    "bot/domain/filters/analysis_codes.py": "twenty codes",
    "bot/domain/schedule.py:_holidays": "the countries of the United Kingdom",
    "bot/domain/time_zones.py:known_zones": "called without arguments",
    "bot/features/assistant/service/answer_counts.py": "the kinds of question of the workspaces of a minute",
    "bot/features/audit/service/read_log.py": "lines that wait to be written",
    "bot/features/customers/service/copy_permission.py": "questions under way, of which a workspace has a limit",
    "bot/features/mirror/service/batch.py": "one reading",
    "bot/features/subscriptions/model/schedule_parser.py:_cities": "called without arguments",
    "bot/features/tokens/service/refresher.py": "refreshes under way",
    "bot/jobs/engine.py": "lanes",
    "bot/jobs/local.py": "jobs that wait",
    "bot/observability/logs.py": "a thousand causes, then begun anew",
    "bot/sage/decoding/readable.py": "one page of Sage's",
    "bot/coordination/background_tasks.py": "answers under way",
    "bot/slack/listener_frame.py": "listeners, at the start",
    "bot/web/http_server.py": "places of connections",
    "storage/compiled_statements.py": "so many characters of SQL, then the longest unused go",
    "storage/one_trip.py": "the rows of one statement",
}
EMPTY = {"{}", "[]", "set()", "dict()", "list()", "Counter()", "deque()", "OrderedDict()", "defaultdict(list)"}


@cache
def parsed(path: Path) -> ast.Module:
    """The module of a file, read once for all tests."""
    return ast.parse(path.read_text())


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node of it; to walk through all of the product takes a second each time."""
    return tuple(ast.walk(tree))


def growing(tree: ast.Module, name: str) -> Iterator[str]:
    """What can grow for ever: an unbounded cache of a function, a collection of an object or a module, begun empty."""
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef):
            if any(
                ast.unparse(each) in {"cache", "functools.cache", "lru_cache(maxsize=None)"}
                for each in node.decorator_list
            ):
                yield f"{name}:{node.name}"
            if node.name == "__init__":
                yield from (name for each in node.body if _begins_empty(each))
    yield from (name for each in tree.body if _begins_empty(each))


def _begins_empty(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and ast.unparse(node.value) in EMPTY


def product() -> list[Path]:
    return [path for path in (ROOT / "bot").rglob("*.py") if ACCESS not in path.parents]


def read_of_sessions(tree: ast.AST) -> set[str]:
    """Attributes that are read of something called a session."""
    attributes = (node for node in nodes(tree) if isinstance(node, ast.Attribute))
    return {node.attr for node in attributes if ast.unparse(node.value).rpartition(".")[2] == "session"}


def called(tree: ast.AST) -> set[str]:
    calls = (node.func for node in nodes(tree) if isinstance(node, ast.Call))
    return {func.attr for func in calls if isinstance(func, ast.Attribute)}


def imported(tree: ast.AST) -> set[str]:
    return {each.name for node in nodes(tree) if isinstance(node, ast.ImportFrom) for each in node.names}


def test_nobody_but_the_access_feature_reads_a_role_or_a_class():
    found: dict[str, object] = {}
    for path in product():
        name, tree = str(path.relative_to(ROOT)), parsed(path)
        read = (read_of_sessions(tree) & DECIDING) - MAY_READ.get(name, set()) | called(tree) & ONLY_ACCESS_CALLS
        modules = {node.module for node in nodes(tree) if isinstance(node, ast.ImportFrom)}
        read |= ({RULES} & modules) | ({CLASSES} & imported(tree))
        if read:
            found[name] = read
    assert found == {}


@pytest.mark.parametrize("reader", [channel_visibility, ChannelVisibility.of, ChannelOfCompany])
def test_a_channels_class_is_never_read_without_its_company(reader):
    company = inspect.signature(reader).parameters["company_pk"]
    assert company.kind is company.KEYWORD_ONLY or reader is ChannelOfCompany
    assert company.default is company.empty
    assert get_type_hints(targets.figures_classes)["places"] == Collection[ChannelOfCompany]


def test_who_reads_a_role_is_noticed():
    tree = ast.parse("def f(session):\n    return session.role, self.session.own_refusal, targets.figures_classes(tx)")
    assert read_of_sessions(tree) & DECIDING == {"role", "own_refusal"}
    assert called(tree) & ONLY_ACCESS_CALLS == {"figures_classes"}


# The operator may give the generic commands a prefix: sentences are given their names (`bot/command_names.py`).
_COMMAND = re.compile(r"(?<![\w/}.])/(?:customer|onhold|overdue)\b")
_NAMES = {"CUSTOMER", "ONHOLD", "OVERDUE"}
_NAMES_THEM = {"bot/command_names.py", "bot/features/access/model/commands.py"}


def spelled_out(tree: ast.AST) -> list[str]:
    """Texts, but for docstrings, that spell a command's name."""
    docs = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in nodes(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in texts if id(node) not in docs and _COMMAND.search(node.value)]


def written_at_import(tree: ast.AST) -> list[int]:
    """Lines where a name is made text before the settings are read: outside functions, and in their defaults."""
    found: list[int] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            defaults = [*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)]
            found += [line for each in defaults for line in written_at_import(ast.Expression(each))]
        elif isinstance(node, ast.FormattedValue | ast.Call) and _NAMES & {
            each.id for each in ast.walk(node) if isinstance(each, ast.Name)
        }:
            found.append(node.lineno)
        elif not isinstance(node, ast.Lambda):
            found += written_at_import(node)
    return found


def test_sentences_are_given_the_names_of_the_commands():
    """Write `f"{CUSTOMER} ABS001"` in a function, or `{customer}` in a table that `named` reads."""
    paths = [
        path
        for path in (ROOT / "bot").rglob("*.py")
        if str(path.relative_to(ROOT)) not in _NAMES_THEM and path.parent != DEMO
    ]
    trees = {str(path.relative_to(ROOT)): parsed(path) for path in paths}
    assert {name: texts for name, tree in trees.items() if (texts := spelled_out(tree))} == {}
    assert {name: lines for name, tree in trees.items() if (lines := written_at_import(tree))} == {}


def test_a_spelled_name_and_one_written_too_early_are_noticed():
    early = "A = f'{CUSTOMER} x'\nclass C:\n    hint = str(ONHOLD)\ndef f(text=f'{OVERDUE}'):\n    return f'{CUSTOMER}'"
    assert written_at_import(ast.parse(early)) == [1, 3, 4]
    spelled = ast.parse("def f():\n    'Of /customer.'\n    return f'Type `/onhold {x}`'")
    assert spelled_out(spelled) == ["Type `/onhold "]


# Turns that leave the reader to guess who or what is meant: name the thing, and say what comes back.
_ANYWHERE = re.compile(r"\b(?:whoever|whomever|so it is)\b", re.I)
_OPENING = re.compile(r"The same\b")
_OPENING_A_FUNCTION = re.compile(r"(?:Whether|What|Why|How|Who|It|That|The same)\b")


def riddles(tree: ast.AST) -> Iterator[str]:
    """Docstrings that don't say what a thing is or a function returns, by its name."""
    for node in nodes(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node) or ""
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if _ANYWHERE.search(text) or (_OPENING_A_FUNCTION if is_function else _OPENING).match(text):
                yield f"{getattr(node, 'name', 'module')}: {text.splitlines()[0]}"


def test_docstrings_begin_with_a_verb_and_name_things():
    paths = [path for folder in ("bot", "storage") for path in (ROOT / folder).rglob("*.py")]
    assert [(str(path.relative_to(ROOT)), each) for path in paths for each in riddles(parsed(path))] == []


def test_a_riddle_is_noticed():
    tree = ast.parse(
        '"""The same for lists."""\ndef f():\n    """Whether it is."""\n'
        'class C:\n    """What a row says, to whoever asks."""\n    def g(self):\n        """Return whether it is."""'
    )
    assert [each.partition(":")[0] for each in riddles(tree)] == ["module", "f", "C"]


def test_all_that_grows_has_a_bound():
    found = set()
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]:
        name = str(path.relative_to(ROOT))
        if not name.startswith("bot/demo/"):
            found |= set(growing(parsed(path), name))
    assert found == set(BOUNDED_BY)


def test_what_grows_is_noticed():
    tree = ast.parse(
        "@cache\ndef f(): ...\nKNOWN = {}\nclass A:\n    def __init__(self):\n        self.seen: set[str] = set()"
    )
    assert sorted(growing(tree, "a.py")) == ["a.py", "a.py", "a.py:f"]


def test_a_card_is_drawn_in_one_way():
    """With all that belongs to it, whatever button draws it again."""
    drawn = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        if "customer_card(" in path.read_text() and "/views/" not in path.as_posix()
    }
    assert drawn == {"bot/features/card/listeners/whole.py"}
