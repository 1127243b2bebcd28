"""A customer's debt by age as a chart and a table."""

from __future__ import annotations

import re
from typing import TypeGuard

from bot.features.account_detail.model import AgeBy, AgedDebt, PayingHabit
from bot.features.account_detail.views.documents import AGED, detail_title, detail_value, habit_words
from bot.features.customers import views as sources
from bot.slack.views.blocks import Block, button_element
from bot.slack.views.message import Message, aside, buttons, heading, joined, section
from bot.slack.views.table import Cell, amount, bar_chart, data_table
from bot.slack.views.text import escaped, money, plain, short

AGED_BY = re.compile(rf"{re.escape(AGED)}\.[a-z]{{1,20}}")
_BY = {
    AgeBy.DUE_DATE: "by due date",
    AgeBy.TRANSACTION_DATE: "by transaction date",
    AgeBy.CALENDAR_MONTH: "by calendar month",
}


def aged_by_chosen(action_id: str) -> AgeBy | None:
    """Return the way to count age in a button's action id; None for the company's own."""
    name = action_id.removeprefix(f"{AGED}.")
    return AgeBy(name) if name in set(AgeBy) else None


def aged_debt(found: AgedDebt) -> Message:
    """Return the chart and the table of aged debt, with buttons for the other ways to count age."""
    head = f"*Aged debt {_BY[found.by]}*{', the company’s own way' if found.is_own_choice else ''}"
    lines = [f"{escaped(label, most=40)}: {amount}" for label, amount in _rows(found)]
    differs = ""
    if found.differs_from_balance and found.customer.balance is not None:
        balance = money(found.customer.currency, found.customer.balance)
        differs = f"The balance is {balance}, which these ages do not add up to: both are Sage 200's own figures."
    habit = f"The customer {habit_words(found.habit)}" if _is_known(found.habit) else ""
    source = sources.customer_line(found.source)
    body = [_chart(found), _table(found)] if found.buckets else [section("Nothing has been posted to this account.")]
    about = detail_value(found.customer, found.source.company_key)
    ways = [
        button_element(_BY[by].capitalize(), f"{AGED}.{by.value}", value=about) for by in AgeBy if by is not found.by
    ]
    blocks: list[Block] = [heading(detail_title(found.customer)), section(head), *body]
    blocks += [
        *([section(differs)] if differs else []),
        *([section(habit)] if habit else []),
        buttons(*ways),
        aside(source),
    ]
    said = lines if found.buckets else ["Nothing has been posted to this account."]
    return Message(joined([escaped(detail_title(found.customer)), head, *said, differs, habit, source]), tuple(blocks))


def _is_known(habit: PayingHabit | None) -> TypeGuard[PayingHabit]:
    return habit is not None and habit.days_late is not None


def _rows(found: AgedDebt) -> list[tuple[str, str]]:
    currency = found.customer.currency
    return [
        *((bucket.label, money(currency, bucket.amount)) for bucket in found.buckets),
        ("Total", money(currency, found.total)),
    ]


def _chart(found: AgedDebt) -> Block:
    return bar_chart(
        f"{AGED}.chart",
        f"Aged debt of {plain(found.customer.reference, most=20)}",
        [("Debt", [bucket.amount for bucket in found.buckets])],
        labels=[bucket.label for bucket in found.buckets],
        x_label=f"Age {_BY[found.by]}",
        y_label=f"Owed, {short(found.customer.currency).iso or short(found.customer.currency).symbol}".rstrip(", "),
    )


def _table(found: AgedDebt) -> Block:
    currency = found.customer.currency
    rows: list[tuple[Cell, ...]] = [(bucket.label, amount(currency, bucket.amount)) for bucket in found.buckets]
    return data_table(f"{AGED}.table", "Aged debt", ("Age", "Owed"), [*rows, ("Total", amount(currency, found.total))])
