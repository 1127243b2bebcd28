"""What people read states facts, in the words of credit control: nothing about the app's own workings."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

BOT = Path(__file__).parents[2] / "bot"
BANNED = {
    "the app as a person": (
        r"\bI(?:'m|'ve|'ll|'d)?\b|\bmy\b(?! wish)|\bour (?:copy|figure|own|cookie|side)\b|\bones of ours\b"
    ),
    "its inner workings": r"\bmy copy\b|\bcopy of the customers\b|\bthe mend\b|\bby hand\b|\bthe app (?:can't|may)\b",
    "the passive of telling": r"\b(?:is|are|be|been|being) (?:told|asked for it)\b|\btold at\b|\bhear (?:of|no)\b",
    "bookish": r"\b(?:whom|whoever|whomever|whosever)\b|\bwhich (?:these|those) are\b",
    "stiff": r"\bas in\b|\bif it (?:lasts|stays)\b|\bjust now\b|\bspeaks? against\b|\bin all:|\bso already\b",
    "news where alerts are meant": r"\bnews\b",
    "late money": r"\blate (?:money|debts?)\b|\bdays late or more\b",
    "an account as a person": r"\bNobody(?: in .*)? is (?:on hold|overdue|over)\b",
    "what stands somewhere": r"\b(?:it|they|which|what) stands? (?:on|beside|below|above)\b|\bonly mine\b",
    "a choice put as a fact": r"^That is (?:on or off|net or gross|an? (?:number|time|alert)|\d)",
    "a no in place of a not": r"(?<!here )\b(?:is|are|was|were) no (?!longer)|\b(?:counts?|overdue|told) no more\b",
    "a word-by-word translation": (
        r"\b(?:stands?|stood) still\b|\bgo(?:es)? on (?:again|by)\b|\bby (?:itself|themselves)\b|\ball the same\b|"
        r"\banother \w+ than\b|\bmakes (?:a new one|another)\b|\bwithin (?:a year|\{\}|\d+ days)"
    ),
    "percent with a space": r"(?:\d|\}) %(?! \w*[(:])",
    "a sign twice": r"− −",
}
# Text that people type, or that is read by no person in Slack.
ALLOWED = {
    "bot/features/card/views/not_understood.py": "“I don't know” names what was typed, as a person would",
    "bot/features/assistant/model/answers.py": "questions as people ask them: “Are any of my customers on hold?”",
    "bot/features/assistant/views/answer.py": "a conversation: “Sorry, I didn't understand that”",
}
_NOT_WORDS = re.compile(r"%[YmdHMBb]|\(\?|^[a-z_.:-]+$|in me\b|handover me\b|strftime")


def read_by_people() -> list[Path]:
    """Return every module whose texts a person reads: views, errors and what listeners and services refuse with."""
    folders = [each for each in (BOT / "features").rglob("*.py") if "/grammar/" not in str(each)]
    shared = [*(BOT / "slack" / "views").glob("*.py"), *(BOT / "domain").glob("*.py"), BOT / "errors.py"]
    return sorted([*folders, *shared, BOT / "slack" / "interaction.py", BOT / "web" / "pages.py"])


@functools.cache
def texts(path: Path) -> list[tuple[int, str]]:
    """Return (line, text) of every string of several words. Docstrings of errors are messages; others are not."""
    tree = ast.parse(path.read_text())
    skipped = _not_messages(tree, docstrings_are=path.name == "errors.py")
    found = [
        (node.lineno, _text(node)) for node in ast.walk(tree) if isinstance(node, ast.expr) and id(node) not in skipped
    ]
    return [(line, text) for line, text in found if " " in text and not _NOT_WORDS.search(text)]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _not_messages(tree: ast.Module, *, docstrings_are: bool) -> set[int]:
    """Return the ids of docstrings, of what is logged or matched, and of the parts of other texts."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if not (docstrings_are and isinstance(node, ast.ClassDef)):
                skipped |= {id(each.value) for each in node.body if isinstance(each, ast.Expr)}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log.", "re.compile")):
            skipped |= {id(each) for each in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            skipped |= {id(each) for each in node.values}
    return skipped


def test_no_text_has_a_turn_that_credit_control_would_not_write():
    bad = [
        f"{path.relative_to(BOT.parent)}:{line}: {kind}: {text[:100]}"
        for path in read_by_people()
        if str(path.relative_to(BOT.parent)) not in ALLOWED
        for line, text in texts(path)
        for kind, turn in BANNED.items()
        if re.search(turn, text)
    ]
    assert bad == []


@pytest.mark.parametrize("kind", BANNED)
def test_no_page_has_one_either(kind):
    pages = sorted((BOT / "web" / "templates").glob("*.html"))
    bad = [page.name for page in pages if re.search(BANNED[kind], re.sub(r"<[^>]*>|\{[^}]*\}", "", page.read_text()))]
    assert bad == []


def test_every_exception_is_needed():
    for name in ALLOWED:
        found = texts(BOT.parent / name)
        assert any(re.search(turn, text) for turn in BANNED.values() for _, text in found), name
