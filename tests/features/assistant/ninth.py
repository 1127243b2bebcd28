"""The ninth held-out file, whose writer has intents of their own: what of it is read, and nothing silently left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules.left_out import left_out
from bot.features.assistant.model.grammar.rules.understand import pieces_of
from bot.features.assistant.model.questions import AboutMany, AboutOne, CannotAnswer, Question, Topic
from tests.features.assistant import held_out
from tests.features.assistant.held_out import Row

_ONE: dict[str, tuple[type[AboutOne], ...]] = {
    **held_out.ONE,
    "oldest": (ask.AgedDebt, ask.Overdue, ask.Invoices),  # each tells how old the oldest is
    "promises": (ask.Overdue,),
    "disputes": (ask.Overdue, ask.Invoices),
    "notes": (ask.WholeCard,),  # they stand there
    "days_late": (ask.DaysLate, ask.Terms),  # both say in how many days it pays
}
_MANY: dict[str, tuple[type, ...]] = {
    **{intent: held_out.OTHER[intent] for intent in held_out.OTHER if intent.startswith(("list_", "count_"))},
    "list_balances": (ask.Largest,),
    "list_customers": (),
    "list_paid": (),
    "list_orders_held": (),
    "list_held_in_period": (ask.ListPutOnHold,),
    "list_released_in_period": (ask.ListReleased,),
    "count_on_hold": (ask.WhoIsOnHold, ask.LedgerTotal),
    "count_overdue": (ask.ListOverdue, ask.LedgerTotal),
    "total_owed": (ask.LedgerTotal,),
    "total_overdue": (ask.LedgerTotal, ask.ListOverdue),  # each list has its total
    "next_page": (AboutMany,),
}
_CHANGES = {
    Topic.LIMITS,
    Topic.NOTES,
    Topic.SEVERAL,
    Topic.MESSAGES,
    Topic.CHASING,
    Topic.POSTING,
    Topic.ACCOUNTS,
    Topic.PROMISES,
    Topic.REQUESTS,
    Topic.REMINDERS,
    Topic.STATEMENTS,
    Topic.NOT_TO_BE_DONE,
}
_STATES = {"held": "hold stop", "disputed": "dispute query", "promised": "promise"}


def is_answered(row: Row, question: Question | None, found: tuple[str, ...]) -> bool:
    """Whether the question is read, and nothing it asks is silently left out."""
    meant = (row.intent, *row.also)
    return any(_is_meant(replace(row, intent=each), question, found) for each in meant) and not unsaid(row, question)


def is_many_as_one(row: Row, question: Question | None) -> bool:
    is_of_many = row.intent in _MANY and not any(each in _ONE for each in row.also)
    return is_of_many and isinstance(question, AboutOne | ask.OfEach | ask.Compare)


def _is_meant(row: Row, question: Question | None, found: tuple[str, ...]) -> bool:
    if row.intent in _MANY:
        return isinstance(question, _MANY[row.intent])
    if row.intent in _SPECIAL:
        return _SPECIAL[row.intent](question, found, row)
    each = question.questions if isinstance(question, ask.OfEach) else (question,)
    return all(isinstance(one, _ONE[row.intent]) for one in each) and set(found) == set(row.customers or ("",))


def _is_told_how(question: Question | None, found: tuple[str, ...], row: Row) -> bool:
    is_how = isinstance(question, ask.PutOnHold | ask.Release) and set(found) == set(row.customers)
    return is_how or (isinstance(question, CannotAnswer) and question.topic in _CHANGES)


def _is_nth(question: Question | None, found: tuple[str, ...], row: Row) -> bool:
    return isinstance(question, AboutOne) and (isinstance(question.who, ask.Nth) or found == (held_out.SHOWN,))


_SPECIAL: dict[str, Callable[[Question | None, tuple[str, ...], Row], bool]] = {
    "refused": lambda question, found, row: question is None or isinstance(question, CannotAnswer),
    "write": _is_told_how,
    "which": held_out.SPECIAL["ambiguous_it"],
    "compare": held_out.is_compared,
    "nth": _is_nth,
    **{
        intent: (lambda question, found, row: isinstance(question, held_out.OTHER[row.intent]))
        for intent in ("greeting", "thanks", "help")
    },
}


def unsaid(row: Row, question: Question | None) -> list[str]:
    """What is asked besides, and neither narrows the answer nor is said to be left out of it."""
    missing = (
        []
        if not isinstance(question, AboutMany)
        else [
            f"{name}:{value}"
            for name, value in row.conditions
            if not _is_used(row, question, name, value.replace("_", " "))
        ]
    )
    each = question.questions if isinstance(question, ask.OfEach) else (question,)
    amounts = [f"{(one.amount or Decimal()).normalize():f}" for one in each if isinstance(one, ask.CanOrder)]
    is_order = bool(amounts)
    wanted = [f"{Decimal(amount.replace(',', '')).normalize():f}" for amount in row.amounts]
    return [*missing, *(amount for amount in wanted if is_order and amount not in amounts)]


def _is_used(row: Row, question: AboutMany, name: str, value: str) -> bool:
    said = left_out(row.phrase, question)
    return _narrows(question, name, value) or _is_said(" ".join(said).casefold(), name, value)


def _narrows(question: AboutMany, name: str, value: str) -> bool:
    words = " ".join((question.words, *question.also)).casefold()
    if name in {"region", "rep", "reason"}:
        return value in words
    if name == "not_region":
        return value in " ".join(question.without).casefold()
    if name == "period":
        return value in getattr(question, "period", "").casefold()
    if name in {"amount_over", "amount_under", "days_over", "days_under", "top"}:
        field = {"amount_over": "minimum", "amount_under": "most", "days_over": "days", "days_under": "most_days"}
        return getattr(question, field.get(name, "count"), None) == Decimal(value)
    if name == "mine":
        return question.mine
    return held_out.is_in_state(question, "disputed" if name == "disputed" else name, value)


def _is_said(said: str, name: str, value: str) -> bool:
    if name in {"amount_over", "amount_under", "days_over", "days_under", "top"}:
        return any(piece.number == Decimal(value) for piece in pieces_of(said))
    if name == "mine":
        return "my" in said.split() or "mine" in said.split()
    return any(word in said for word in _STATES.get(name, value).split())
