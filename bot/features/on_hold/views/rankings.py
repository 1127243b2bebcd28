"""The message of a ranking of customers."""

from __future__ import annotations

from bot.command_names import CUSTOMER
from bot.domain.customer import Customer
from bot.features.assistant.model.questions import OverLimit
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.views import not_known
from bot.features.on_hold.model.ranking import MOST_SHOWN, Ranking, ReasonCount, ReasonCounts
from bot.slack.views.blocks import Block
from bot.slack.views.listing import company_named
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.table import Cell, Figure, amount, data_table
from bot.slack.views.text import escaped, moment, money, short

_OWING = ("ranking.balance", "Who owes the most")


def ranked(found: Ranking) -> Message:
    """Return the first customers and how many more there are."""
    shown = found.customers[:MOST_SHOWN]
    lines = [_line(customer) for customer in shown]
    rest = found.count - len(shown)
    top = joined([_opening(found), f"Filter: {escaped(found.asked, most=300)}" if found.asked else ""])
    small = [
        f"and {rest:,} more" if rest > 0 else "",
        "Your own customers only." if found.is_narrowed else "",
        f"Figures as at {moment(found.as_of)} ({_company(found)}). Use `{CUSTOMER}` for live figures.",
    ]
    table: list[Block] = [_table(found)] if shown else []
    return Message(joined([top, *lines, *small]), (section(top), *table, aside(*filter(None, small))))


def _table(found: Ranking) -> Block:
    kind, caption = ("ranking.limit", "Over the limit") if isinstance(found.question, OverLimit) else _OWING
    head = ("Account", "Name", "Balance", "Credit limit", "Hold")
    return data_table(kind, caption, head, [_row(customer) for customer in found.customers[:MOST_SHOWN]])


def _row(customer: Customer) -> tuple[Cell, ...]:
    limit = customer.credit_limit if customer.has_limit else None
    return (
        customer.reference,
        customer.name,
        amount(customer.currency, customer.balance) if customer.balance is not None else "",
        amount(customer.currency, limit) if limit is not None else "",
        "on hold" if customer.on_hold else "",
    )


def _opening(found: Ranking) -> str:
    count = found.count
    if isinstance(found.question, OverLimit):
        what = f"{count:,} account{'' if count == 1 else 's'} over the credit limit" if count else "Nobody is over"
        return f"*{what}* in {_company(found)}" if count else f"*{what} their credit limit* in {_company(found)}."
    return f"*Who owes the most* in {_company(found)}" if count else f"*Nobody owes anything* in {_company(found)}."


def _line(customer: Customer) -> str:
    """Return `*ABS001* ABS Garages Ltd · £2,464.16 of £4,000.00 · on hold`, cut so that twenty fit one text."""
    named = f"*{escaped(customer.reference, most=20)}* {escaped(customer.name, most=40)}"
    owed = money(customer.currency, customer.balance) if customer.balance is not None else "balance not given"
    limit = customer.credit_limit
    of = f" (limit {money(customer.currency, limit)})" if limit is not None and customer.has_limit else ""
    return f"{named} · {owed}{of}{' · on hold' if customer.on_hold else ''}"


def _company(found: Ranking) -> str:
    return company_named(found.company_name)


def reasons(found: ReasonCounts | NotKnown) -> Message:
    """Return the holds by reason, or why they aren't known."""
    if isinstance(found, NotKnown):
        return not_known(found)
    company = company_named(found.company_name)
    small = [
        "Your own customers only." if found.is_narrowed else "",
        "Holds are counted by the reason their text starts with. To change the list: `/sage settings hold-reasons`.",
        f"As at {moment(found.as_of)} ({company}).",
    ]
    said = [part for part in small if part]
    if not found.rows:
        return Message(
            joined(["No account is on hold, or was in the last 12 months.", *said]),
            (section("No account is on hold, or was in the last 12 months."), aside(*said)),
        )
    top = f"*Holds by reason* in {company}"
    lines = [_reason_line(row) for row in found.rows]
    head = ("Reason", "On hold now", "Balance of these", "Holds in 12 months")
    cells = [
        (row.kind, Figure(row.now, f"{row.now:,}"), _owed(row), Figure(row.within_a_year, f"{row.within_a_year:,}"))
        for row in found.rows
    ]
    table = data_table("on_hold.reasons", "Holds by reason", head, cells)
    return Message(joined([top, *lines, *said]), (section(top), table, aside(*said)))


def _reason_line(row: ReasonCount) -> str:
    owed = ", ".join(money(currency, value) for currency, value in row.owed)
    now = f"{row.now:,} now ({owed})" if owed else f"{row.now:,} now"
    return f"{escaped(row.kind, most=40)}: {now}, {row.within_a_year:,} in 12 months"


def _owed(row: ReasonCount) -> Cell:
    if len(row.owed) == 1:
        return amount(*row.owed[0])
    return ", ".join(short(currency).show(value) for currency, value in row.owed)
