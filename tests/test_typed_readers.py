"""Every reader of typed text answers or refuses at once, whatever is typed: the one place where time is asserted."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from time import thread_time
from typing import Any

import pytest

import bot
from bot.domain.customer import CustomerName
from bot.errors import BotError
from bot.features.access.model.authorization import Policy
from bot.features.access.model.commands import NO_PERMISSIONS
from bot.features.assistant.model.questions import ListOverdue
from tests.builders import LABELS, NOW, customer

LENGTH = 160_000
SECONDS = 0.5
"""Of processor time for one text; a person's text is cut to 3,000 characters before it gets here."""
TYPED = {"text", "typed", "words", "word", "mention", "name", "reference", "value", "target", "label"}
PLACES = ("bot.domain.", "bot.sage.search_variants", "bot.slack.interaction", "bot.slack.views.text")
# These write text.
WRITERS = {"bot.domain.text.csv_file", "bot.features.holds.views", "bot.features.card.views.picker"}
VALUES = {slot: [f"Value {slot} {number}" for number in range(1_000)] for slot in LABELS}
NAMES = [CustomerName(number, f"REF{number:04}", f"Customer {number} Ltd") for number in range(1_000)]
REST: dict[str, Any] = {
    "read": lambda text: None,
    "hint": "",
    "kinds": {"holds": None},
    "labels": LABELS,
    "values": VALUES,
    "known": VALUES[3],
    "names": NAMES,
    "mine": (),
    "zone": "Europe/London",
    "now": NOW,
    "digits": 9,
    "title": "",
    "default": None,
    "name": "Priya",
    "permissions": NO_PERMISSIONS,
    "policy": Policy(),
    "by": "by",
    "who": "",
    "me": "U0PRIYA",
    "here": "C0SALES",
    "customer": customer(),
    "today": NOW.date(),
    "reasons": VALUES[3],
    "question": ListOverdue(),
    "lacks_scope": "",
    "again": "press *Channels* again",
}
MUST_BE_HERE = {
    "parse_customer_filter",
    "parse_on_hold_query",
    "parse_holds_query",
    "period_typed",
    "parse_subscribe_command",
    "parse_schedule",
    "parse_mute",
    "parse_role_command",
    "parse_roster",
    "customers_typed",
    "name_words",
    "parse_settings_command",
    "parse_customer_command",
    "amount",
    "read_amount",
    "reason_from",
    "asked_words",
    "nearest",
    "read_mentions",
    "understand",
    "user_named",
    "parse_audit_query",
    "parse_channel_command",
    "parse_promise",
    "parse_dispute",
    "note_from",
    "list_typed",
    "same",
}
PIECES = {
    "letters": "a",
    "words": "a ",
    "values": "a,",
    "filter": "region:a,",
    "nots": "not region:",
    "quotes": '"',
    "escapes": '\\"',
    "open quotes": '"a ',
    "marks": ":=!=",
    "digits": "9",
    "thousands": "9,",
    "amounts": "£1 ",
    "spaces": " ",
    "lines": "\n",
    "mentions": "<@U1|",
    "emoji": ":a",
    "brackets": "([{",
    "dashes": "—",
    "accents": "a\u0301\u0316",
    "a heap of accents": "\u0301\u0316",
    "unseen": "\u200b\u2068",
    "days": "mon,tue ",
    "zones": "Europe/",
    "hidden spaces": "\u00a0\u3000",
    "and": "and or ",
    "numbers": "one hundred and a half ",
}
TEXTS = {kind: (piece * (LENGTH // len(piece) + 1))[:LENGTH] for kind, piece in PIECES.items()}


def readers() -> Iterator[Callable[..., object]]:
    """The public functions whose first argument is typed text."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        ours = module.name.startswith(PLACES) or ".model" in module.name or ".views" in module.name
        if not ours or module.name in WRITERS or module.name.startswith("bot.slack.views."):
            continue
        for _, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters.values()), None)
            typed = first is not None and first.name in TYPED and str(first.annotation) == "str"
            if typed and function.__module__ == module.name and not function.__name__.startswith("_"):
                yield function


READERS = {f"{each.__module__}.{each.__name__}": each for each in readers()}


def rest_of(function: Callable[..., object]) -> dict[str, Any]:
    _, *others = inspect.signature(function).parameters.values()
    needed = [each for each in others if each.default is each.empty and each.kind is not each.VAR_POSITIONAL]
    unknown = [each.name for each in needed if each.name not in REST]
    assert not unknown, f"say in REST what {function.__name__} is given for {unknown}"
    return {each.name: REST[each.name] for each in needed}


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_reader_returns_or_refuses_at_once(name):
    read, rest = READERS[name], rest_of(READERS[name])
    read_in: dict[str, float] = {}
    for kind, text in TEXTS.items():
        began = thread_time()
        with contextlib.suppress(BotError):
            read(text, **rest)
        read_in[kind] = thread_time() - began
    assert {kind: seconds for kind, seconds in read_in.items() if seconds > SECONDS} == {}


def test_no_grammar_is_left_out():
    assert {each.rpartition(".")[2] for each in READERS} >= MUST_BE_HERE
