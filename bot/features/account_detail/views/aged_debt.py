"""A customer's debt by age as a table, with the words around its chart."""

from __future__ import annotations

import re
from typing import TypeGuard

from bot.features.account_detail.model import AgeBy, AgedDebt, PayingHabit
from bot.features.account_detail.views.documents import AGED, detail_title, detail_value, habit_words
from bot.features.customers import views as sources
from bot.slack.views.blocks import Block, button_element, rich_text_block, rich_text_preformatted, rich_text_words
from bot.slack.views.message import Message, aside, buttons, heading, joined, note, section
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
    """Return the table of aged debt, with buttons for the other ways to count age."""
    # A preformatted table: every Slack client shows it, in an ephemeral message too, and parses nothing inside.
    head = f"*Aged debt {_BY[found.by]}*{', the company’s own way' if found.is_own_choice else ''}"
    lines = [f"{escaped(label, most=40)}: {amount}" for label, amount in _rows(found)]
    differs = ""
    if found.differs_from_balance and found.customer.balance is not None:
        balance = money(found.customer.currency, found.customer.balance)
        differs = f"The balance is {balance}, which these ages do not add up to: both are Sage 200's own figures."
    habit = f"The customer {habit_words(found.habit)}" if _is_known(found.habit) else ""
    source = sources.customer_line(found.source)
    body: Block = _table(found) if found.buckets else section("Nothing has been posted to this account.")
    ways = [
        button_element(_BY[by].capitalize(), f"{AGED}.{by.value}", value=detail_value(found.customer))
        for by in AgeBy
        if by is not found.by
    ]
    blocks: list[Block] = [heading(detail_title(found.customer)), section(head), body]
    blocks += [
        *([section(differs)] if differs else []),
        *([section(habit)] if habit else []),
        buttons(*ways),
        aside(source),
    ]
    said = lines if found.buckets else ["Nothing has been posted to this account."]
    return Message(joined([escaped(detail_title(found.customer)), head, *said, differs, habit, source]), tuple(blocks))


def alt(found: AgedDebt) -> str:
    """Return the alternative text of the chart."""
    rows = "; ".join(f"{plain(label, most=40)} {_plain_money(found, place)}" for place, (label, _) in _places(found))
    return plain(f"Bars of aged debt {_BY[found.by]} of {detail_title(found.customer)}: {rows}", most=900)


def picture_comment(found: AgedDebt) -> str:
    """Return the text above the chart."""
    return joined(
        [f"Aged debt {_BY[found.by]}: {escaped(detail_title(found.customer))}", sources.customer_line(found.source)]
    )


def picture_name(found: AgedDebt) -> str:
    """Return the chart's file name, of letters, digits and hyphens alone."""
    reference = re.sub("[^A-Za-z0-9-]+", "-", found.customer.reference).strip("-") or "customer"
    return f"aged-debt-{reference[:20]}-{found.source.as_of:%Y-%m-%d}.png"


def picture_sent() -> Message:
    """Return the notice that the chart was sent to the app's conversation."""
    return note("A picture of these bars is in your conversation with the app, under *Apps* → *Sage 200*.")


def picture_not_sent() -> Message:
    """Return the notice that the chart could not be sent."""
    return note("The picture of these bars could not be sent. The table above has all of its figures.")


def _is_known(habit: PayingHabit | None) -> TypeGuard[PayingHabit]:
    return habit is not None and habit.days_late is not None


def _rows(found: AgedDebt) -> list[tuple[str, str]]:
    currency = found.customer.currency
    return [
        *((bucket.label, money(currency, bucket.amount)) for bucket in found.buckets),
        ("Total", money(currency, found.total)),
    ]


def _places(found: AgedDebt) -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate((bucket.label, "") for bucket in found.buckets))


def _plain_money(found: AgedDebt, place: int) -> str:
    return found.customer.currency.show(found.buckets[place].amount)


def _table(found: AgedDebt) -> Block:
    currency = short(found.customer.currency)
    rows = [(plain(bucket.label, most=24), plain(currency.show(bucket.amount), most=24)) for bucket in found.buckets]
    rows.append(("Total", plain(currency.show(found.total), most=24)))
    left, right = (max(len(row[side]) for row in rows) for side in (0, 1))
    text = "\n".join(f"{label:<{left}}  {amount:>{right}}" for label, amount in rows)
    return rich_text_block(rich_text_preformatted([rich_text_words(text)]))
