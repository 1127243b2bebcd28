"""What a follow-up asks, given the last question: “and LOW011?”, “just mine”, and “they” after a list."""

from __future__ import annotations

from dataclasses import replace

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.questions import (
    AboutMany,
    AboutOne,
    Again,
    CannotAnswer,
    It,
    Named,
    Question,
    Topic,
    Unsaid,
    WholeCard,
)

_FIRM_WORDS = (
    "ltd limited plc llp inc co sons bros group services motors garage garages tyres haulage autos cars transport "
    "hire engineering spares parts builders plumbing electrical supplies"
)
_FIRMS = frozenset(_FIRM_WORDS.split())
OF_MANY = frozenset({Topic.TOTALS, Topic.OTHER_LISTS})
# A list, and what it says of one of its customers.
_OF_ONE: dict[type[AboutMany], type[AboutOne]] = {
    ask.WhoIsOnHold: ask.IsOnHold,
    ask.ListPutOnHold: ask.HoldHistory,
    ask.ListReleased: ask.HoldHistory,
    ask.OverLimit: ask.Limit,
    ask.NearLimit: ask.Limit,
    ask.Largest: ask.Balance,
    ask.LedgerTotal: ask.Balance,
    ask.ListOverdue: ask.Overdue,
    ask.ListPromised: ask.Overdue,
    ask.ListBroken: ask.Overdue,
    ask.ListSuggested: ask.Overdue,
    ask.ListDisputed: ask.Overdue,
    ask.ListChase: ask.Overdue,
    ask.ListWarned: ask.Overdue,
}
_OF_ALL: dict[type[AboutOne], type[AboutMany]] = {
    ask.IsOnHold: ask.WhoIsOnHold,
    ask.Limit: ask.OverLimit,
    ask.Overdue: ask.ListOverdue,
    ask.AgedDebt: ask.ListOverdue,
}


def in_context(question: Question | None, last: Question | None) -> Question | None:
    """Return the question that is meant after the last one; None if a follow-up follows nothing."""
    if isinstance(question, Again) and question.period:
        if isinstance(last, ask.HoldsChanged):
            return replace(last, period=question.period, page=1)
        return CannotAnswer(Topic.HISTORY)
    if isinstance(question, Again):
        return _page(question, last) if turns_pages(question) else _again(question, last)
    if isinstance(question, ask.HoldsChanged) and isinstance(last, ask.HoldsChanged) and not question.period:
        return replace(question, period=last.period)  # “and who came off?”
    if isinstance(question, AboutOne) and isinstance(question.who, It) and is_of_many(last):
        return _of_all(question, last)
    return question


def of_value(question: AboutOne) -> AboutMany | CannotAnswer | None:
    """Return the question about the customers of the sales person or region that is named: “what does Priya owe”.

    None for one that can only be asked of one customer.
    """
    kind, words = _OF_ALL.get(type(question)), question.who.words if isinstance(question.who, Named) else ""
    if not words or isinstance(question, ask.Rep):
        return CannotAnswer(Topic.OTHER_LISTS) if words else None
    if isinstance(question, ask.Balance):
        return ask.Largest(words)
    return kind(words) if kind is not None else None


def turns_pages(question: Question) -> bool:
    """Return whether another page of the last list is asked for."""
    return isinstance(question, Again) and bool(question.turns or question.page)


def is_of_many(question: Question | None) -> bool:
    """Return whether “they” after this question are many customers."""
    return isinstance(question, AboutMany) or (isinstance(question, CannotAnswer) and question.topic in OF_MANY)


def could_be_name(words: str) -> bool:
    """Return whether words that nobody is called could be meant as a name: one word, a capital, a figure, a trade."""
    each = words.split()
    return len(each) == 1 or any(mark.isupper() or mark.isdigit() for mark in words) or not _FIRMS.isdisjoint(each)


def _again(again: Again, last: Question | None) -> Question | None:
    words = again.who.words if isinstance(again.who, Named) else ""
    if isinstance(last, AboutMany):
        return _narrowed(again, last, words)
    if again.mine or again.without or (again.minimum, again.most) != (None, None):
        return None
    if isinstance(again.who, It):
        kind = next((kind for one, kind in _OF_ALL.items() if isinstance(last, one)), None)
        return kind() if kind is not None else CannotAnswer(Topic.TOTALS)
    if isinstance(last, AboutOne):
        return replace(last, who=again.who)
    return None if again.is_place else WholeCard(again.who)


def _narrowed(again: Again, last: AboutMany, words: str) -> Question:
    if words and not again.is_place:
        return _OF_ONE[type(last)](again.who)
    narrowed = replace(last, words=words, also=()) if words else last
    narrowed = replace(narrowed, mine=again.mine or last.mine, without=(*last.without, *again.without), page=1)
    return replace(narrowed, minimum=again.minimum or last.minimum, most=again.most or last.most)


def _page(again: Again, last: Question | None) -> Question:
    if not isinstance(last, AboutMany):
        return CannotAnswer(Topic.PAGES)
    return replace(last, page=max(1, again.page or last.page + again.turns))


def _of_all(question: AboutOne, last: Question | None) -> Question:
    """Return the question about all of them; without a customer, if only one can be asked about."""
    kind = _OF_ALL.get(type(question))
    if kind is not None:
        if not isinstance(last, AboutMany):
            return kind()
        return kind(last.words, last.mine, currency=last.currency, also=last.also, without=last.without)
    if isinstance(question, ask.Why | ask.SinceWhen) and isinstance(last, ask.WhoIsOnHold):
        return last
    if isinstance(question, ask.Balance):
        return last if isinstance(last, ask.WhoIsOnHold | ask.Largest) else CannotAnswer(Topic.TOTALS)
    return replace(question, who=Unsaid())
