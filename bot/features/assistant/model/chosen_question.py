"""Validation of a question that a language model or a menu chose, not the grammar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from bot.domain.folding import folded
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.follow_up import is_of_many
from bot.features.assistant.model.questions import AboutMany, AboutOne, It, Named, Question, Subject
from bot.features.customers.model.lookup import LONGEST_WORDS

# Reading questions only: a chosen question may not change Sage, a subscription or a connection.
ABOUT_ONE: Mapping[str, type[AboutOne]] = {
    "card": ask.WholeCard,
    "is_on_hold": ask.IsOnHold,
    "why": ask.Why,
    "since_when": ask.SinceWhen,
    "balance": ask.Balance,
    "limit": ask.Limit,
    "headroom": ask.Headroom,
    "can_order": ask.CanOrder,
    "orders": ask.Orders,
    "invoices": ask.Invoices,
    "aged_debt": ask.AgedDebt,
    "overdue": ask.Overdue,
    "last_paid": ask.LastPaid,
    "days_late": ask.DaysLate,
    "contact": ask.Contact,
    "terms": ask.Terms,
    "rep": ask.Rep,
}
ABOUT_MANY: Mapping[str, type[AboutMany]] = {
    "who_is_on_hold": ask.WhoIsOnHold,
    "over_limit": ask.OverLimit,
    "largest": ask.Largest,
    "list_overdue": ask.ListOverdue,
    "list_promised": ask.ListPromised,
    "list_suggested": ask.ListSuggested,
}
KINDS = (*ABOUT_ONE, *ABOUT_MANY, "compare", "help")
FIELDS = frozenset({"question", "customer", "other", "amount", "words", "mine", "count"})
LONGEST_KEPT = 40
_MINE, _TOTALS = "mine", "totals"
MOST_AMOUNT, MOST_COUNT = Decimal(1_000_000_000), 50


def question_from(raw: object) -> Question | None:
    """Return the typed question; None if the value isn't exactly one. Its words are looked up like typed words."""
    if not isinstance(raw, dict) or not raw.keys() <= FIELDS or raw.get("question") not in KINDS:
        return None
    try:
        return _question(str(raw["question"]), raw)
    except (TypeError, ValueError, InvalidOperation):
        return None


def known_customer(question: Question) -> str:
    """Return a question about one customer as a menu carries it; empty for other questions and for changes."""
    kind = next((kind for kind, made in ABOUT_ONE.items() if type(question) is made), "")
    amount = question.amount if isinstance(question, ask.CanOrder) else None
    return f"{kind} {amount:f}" if amount is not None else kind


def question_of_menu(text: str, who: Subject) -> Question | None:
    """Return the question that `known_customer` wrote, about the chosen customer; None for any other text."""
    kind, _, amount = text.partition(" ")
    question = (
        question_from({"question": kind, **({"amount": amount} if amount else {})}) if kind in ABOUT_ONE else None
    )
    return replace(question, who=who) if isinstance(question, AboutOne) else None


def question_to_keep(question: Question) -> str:
    """Return the kind of a question as the memory keeps it; empty for one that no follow-up asks again."""
    if is_of_many(question) and not isinstance(question, AboutMany):
        return _TOTALS
    if isinstance(question, AboutMany):
        kind = next(kind for kind, made in ABOUT_MANY.items() if type(question) is made)
        return f"{kind} {_MINE}" if question.mine else kind
    asked = known_customer(question)
    return asked if len(asked) <= LONGEST_KEPT else asked.partition(" ")[0]


def kept_question(text: str) -> Question | None:
    """Return the question that `question_to_keep` wrote, about “it”; None if there is none to ask again."""
    kind, _, more = text.partition(" ")
    if kind == _TOTALS:
        return ask.CannotAnswer(ask.Topic.TOTALS)
    if kind in ABOUT_MANY:
        return ABOUT_MANY[kind](mine=more == _MINE)
    return question_of_menu(text, It())


def _question(kind: str, raw: Mapping[str, object]) -> Question:
    if kind == "can_order":
        return ask.CanOrder(_who(raw.get("customer")), _amount(raw.get("amount")))
    if kind in ABOUT_ONE:
        return ABOUT_ONE[kind](_who(raw.get("customer")))
    if kind == "compare":
        return ask.Compare(_who(raw.get("customer")), _who(raw.get("other")))
    return _about_many(kind, raw) if kind in ABOUT_MANY else ask.Help()


def _about_many(kind: str, raw: Mapping[str, object]) -> Question:
    if kind == "largest":
        return ask.Largest(count=_count(raw.get("count")))
    words, mine = _words(raw.get("words", "")), _flag(raw.get("mine"))
    if kind == "who_is_on_hold":
        return ask.WhoIsOnHold(words, mine, _amount(raw.get("amount")))
    return ABOUT_MANY[kind](words, mine)


def _who(value: object) -> Subject:
    if value is None:
        return It()
    words = _words(value)
    return Named(words) if words and words.casefold() != "it" else It()


def _words(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_WORDS:
        raise ValueError
    return folded(value)


def _flag(value: object) -> bool:
    if value not in {None, True, False}:
        raise ValueError
    return bool(value)


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 20:
        raise ValueError
    amount = Decimal(str(value))
    if not amount.is_finite() or not 0 < amount <= MOST_AMOUNT:
        raise ValueError
    return amount


def _count(value: object) -> int:
    if value is None:
        return ask.Largest().count
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return max(1, min(value, MOST_COUNT))
