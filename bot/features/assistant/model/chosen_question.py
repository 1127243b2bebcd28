"""A question as a menu, and the memory of a conversation, carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from bot.domain.filters.customer_states import state_typed
from bot.domain.text.parsing import whole_number
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.follow_up import is_of_many
from bot.features.assistant.model.questions import AboutMany, AboutOne, It, Question, Subject

# Reading questions only: a chosen question may not change Sage, a subscription or a connection.
ABOUT_ONE: Mapping[str, type[AboutOne]] = {
    "card": ask.WholeCard,
    "is_on_hold": ask.IsOnHold,
    "why": ask.Why,
    "since_when": ask.SinceWhen,
    "hold_history": ask.HoldHistory,
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
    "list_put_on_hold": ask.ListPutOnHold,
    "list_released": ask.ListReleased,
    "over_limit": ask.OverLimit,
    "near_limit": ask.NearLimit,
    "largest": ask.Largest,
    "ledger_total": ask.LedgerTotal,
    "list_overdue": ask.ListOverdue,
    "list_promised": ask.ListPromised,
    "list_broken": ask.ListBroken,
    "list_suggested": ask.ListSuggested,
    "list_disputed": ask.ListDisputed,
    "list_chase": ask.ListChase,
    "list_warned": ask.ListWarned,
}
LONGEST_KEPT = 300
_LONGEST_OF_ONE = 40
_CURRENCIES = {"", "GBP", "EUR", "$"}
_OF_LISTS = {"GBP", "EUR", "USD"}
_MINE, _TOTALS, _NAMED = "mine", "totals", "named"
# What was typed, behind a letter each: words that narrow, that leave out, and a period. No word has a tab in it.
_TYPED, _WORDS, _WITHOUT, _PERIOD = "\t", "w", "x", "t"
_MOST_AMOUNT = Decimal(1_000_000_000)


def known_customer(question: Question) -> str:
    """Return a question about one customer as a menu carries it; empty for other questions and for changes."""
    kind = next((kind for kind, made in ABOUT_ONE.items() if type(question) is made), "")
    if not isinstance(question, ask.CanOrder) or question.amount is None:
        return kind
    return f"{kind} {question.amount:f} {question.currency}".rstrip()


def question_of_menu(text: str, who: Subject) -> Question | None:
    """Return the question that `known_customer` wrote, about the chosen customer; None for any other text."""
    kind, _, typed = text.partition(" ")
    if kind not in ABOUT_ONE:
        return None
    question = ABOUT_ONE[kind](who)
    if not typed:
        return question
    number, _, currency = typed.partition(" ")
    amount = _amount(number)
    if not isinstance(question, ask.CanOrder) or amount is None or currency not in _CURRENCIES:
        return None
    return replace(question, amount=amount, currency=currency)


def question_to_keep(question: Question) -> str:
    """Return a question as the memory keeps it, a list with what narrows it; empty where no follow-up asks it again.

    A list of which too much was typed is kept without that.
    """
    if is_of_many(question) and not isinstance(question, AboutMany):
        return _TOTALS
    if isinstance(question, AboutMany):
        kind = next(kind for kind, made in ABOUT_MANY.items() if type(question) is made)
        kept = [kind, _MINE if question.mine else ""]
        kept += [f"{question.minimum:f}" if question.minimum else "", f"{question.days}d" if question.days else ""]
        kept += [f"<{question.most:f}"] if question.most is not None else []
        kept += [f"<{question.most_days}d"] if question.most_days else []
        kept += [f"n{question.count}"] if question.count != type(question)().count else []
        kept += [f"p{question.page}"] if question.page > 1 else []
        kept += [f"in{question.currency}"] if question.currency else []
        kept += [f"{question.percent}%"] if isinstance(question, ask.NearLimit) else []
        kept += [each.typed for each in question.states]
        text = _TYPED.join([" ".join(filter(None, kept)), *_typed(question)])
        return text if len(text) <= LONGEST_KEPT else f"{kind} {_NAMED}"
    asked = known_customer(question)
    return asked if len(asked) <= _LONGEST_OF_ONE else asked.partition(" ")[0]


def _typed(question: AboutMany) -> list[str]:
    words = [each for each in (question.words, *question.also) if each]
    typed = [(_WORDS, each) for each in words] + [(_WITHOUT, each) for each in question.without]
    typed += [(_PERIOD, question.period)] if isinstance(question, ask.HoldsChanged) and question.period else []
    return [f"{letter}{' '.join(each.split())}" for letter, each in typed]


def kept_question(text: str) -> Question | None:
    """Return the question that `question_to_keep` wrote, about “it”; None if there is none to ask again."""
    text, *typed = text.split(_TYPED)
    kind, _, more = text.partition(" ")
    if kind == _TOTALS:
        return ask.CannotAnswer(ask.Topic.TOTALS)
    if kind in ABOUT_MANY:
        words = [word for word in more.split() if not word.startswith("<")]
        bounds = [word[1:] for word in more.split() if word.startswith("<")]
        days = next((whole_number(word[:-1], digits=3) for word in words if word.endswith("d")), None)
        amounts = (_amount(word) for word in words if word[0].isdigit() and not word.endswith(("d", "+", "%")))
        states = tuple(found[0] for word in words if (found := state_typed([word])) is not None)
        currency = next((word[2:] for word in words if word[2:] in _OF_LISTS and word.startswith("in")), "")
        made = ABOUT_MANY[kind](mine=_MINE in words, minimum=next(amounts, None), days=days or 0, states=states)
        most_days = next((whole_number(word[:-1], digits=3) for word in bounds if word.endswith("d")), None)
        most = next((_amount(word) for word in bounds if not word.endswith("d")), None)
        made = replace(made, currency=currency, most=most, most_days=most_days or 0, page=_after("p", words) or 1)
        first, *also = [each[1:] for each in typed if each.startswith(_WORDS)] or [""]
        without = tuple(each[1:] for each in typed if each.startswith(_WITHOUT))
        made = replace(made, words=first, also=tuple(also), without=without)
        made = replace(made, count=_after("n", words) or made.count)
        if isinstance(made, ask.HoldsChanged):
            return replace(made, period=next((each[1:] for each in typed if each.startswith(_PERIOD)), ""))
        percent = next((whole_number(word[:-1], digits=3) for word in words if word.endswith("%")), None)
        return replace(made, percent=percent) if isinstance(made, ask.NearLimit) and percent else made
    return question_of_menu(text, It())


def _after(letter: str, words: Sequence[str]) -> int | None:
    """Return the number behind a letter, as in `p2`; None if no word is one."""
    numbers = (whole_number(word[1:], digits=4) for word in words if word.startswith(letter))
    return next((number for number in numbers if number), None)


def is_named(text: str) -> bool:
    """Return whether the list that `question_to_keep` wrote was narrowed by more than is kept."""
    return _NAMED in text.split()


def _amount(text: str) -> Decimal | None:
    """Return the amount that a menu carries; None for any other text."""
    try:
        amount = Decimal(text[:20])
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount <= _MOST_AMOUNT else None
