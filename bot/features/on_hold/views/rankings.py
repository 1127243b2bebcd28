"""The message of a ranking of customers."""

from __future__ import annotations

from bot.command_names import CUSTOMER
from bot.domain.customer import Customer
from bot.domain.money import percent_shown
from bot.features.assistant.model.questions import Largest, NearLimit
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.views import not_known
from bot.features.on_hold.model.ranking import RankedBy, Ranking, ReasonCount, ReasonCounts, as_typed, used_at_least
from bot.features.overdue.model.list import DebtNotKnown
from bot.features.overdue.views.list import debt_unknown
from bot.slack.views import listing as lists
from bot.slack.views.blocks import Block
from bot.slack.views.listing import company_named
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.table import Cell, Figure, amount, data_table
from bot.slack.views.text import escaped, moment, money, short

PAGE, CSV = "ranking.page", "ranking.csv"
TURNED = lists.page_ids(PAGE)


def ranked(found: Ranking | NotKnown | DebtNotKnown) -> Message:
    """Return the page, or why there is none."""
    if isinstance(found, NotKnown):
        return not_known(found)
    if isinstance(found, DebtNotKnown):
        return debt_unknown(found)
    top = joined([_opening(found), lists.asked_for(found.asked, is_narrowed=found.is_narrowed)])
    word, _, rest = as_typed(found.question, found.words).partition(" ")
    small = [
        *lists.rest_typed(f"/sage {word}", rest, page=found.page, pages=found.pages),
        f"Figures as at {moment(found.as_of)} ({_company(found)}). Use `{CUSTOMER}` for live figures.",
    ]
    if not found.customers:
        return lists.nothing_listed([top], small, command=f"/sage {word}", meant=found.meant)
    words = f"{word} {rest}".rstrip()
    elements = lists.page_buttons(
        PAGE, CSV, page=found.page, pages=found.pages, words=words, company_key=found.company_key
    )
    lines = [_line(each, says_used=isinstance(found.question, NearLimit)) for each in found.customers]
    return lists.list_page(top, lines, small, elements, table=_table(found))


def comment(found: Ranking) -> str:
    """Return the text above the file."""
    asked = lists.asked_for(found.asked, is_narrowed=found.is_narrowed)
    return joined([_opening(found), asked, f"Figures as at {moment(found.as_of)}"])


def file_name(found: Ranking) -> str:
    """Return the file's name, with the day of its figures."""
    used = used_at_least(found.question)
    what = "balances" if used is None else "over-limit" if used == 100 else f"limit-{used}-percent-used"
    return f"{what}-{found.as_of:%Y-%m-%d}.csv"


def _table(found: Ranking) -> Block:
    kind, caption = "ranking.limit", "Over the limit"
    if isinstance(found.question, Largest):
        kind, caption = "ranking.balance", "Who owes the most"
    elif isinstance(found.question, NearLimit):
        caption = f"{found.question.percent}% of the limit used, or more"
    head = ("Account", "Name", "Balance", "Credit limit", "Used", "Hold")
    return data_table(kind, caption, head, [_row(customer) for customer in found.customers])


def _row(customer: Customer) -> tuple[Cell, ...]:
    limit = customer.credit_limit if customer.has_limit else None
    return (
        customer.reference,
        customer.name,
        amount(customer.currency, customer.balance) if customer.balance is not None else "",
        amount(customer.currency, limit) if limit is not None else "",
        f"{used}%" if (used := percent_shown(customer.percent_used)) is not None else "",
        "on hold" if customer.on_hold else "",
    )


def _opening(found: Ranking) -> str:
    company, question = _company(found), found.question
    if not found.count:
        nobody = "Nobody owes anything" if isinstance(question, Largest) else "No accounts are over their credit limit"
        if isinstance(question, NearLimit):
            nobody = f"No accounts have used {question.percent}% of their credit limit"
        return f"*{nobody}* in {company}{' with that filter' if found.asked else ''}."
    counted = lists.counted(found.count, "account", "accounts")
    page = f", page {found.page:,} of {found.pages:,}" if found.pages > 1 else ""
    if isinstance(question, NearLimit):
        return f"*{counted} with {question.percent}% of the credit limit used, or more* in {company}{page}"
    if isinstance(question, Largest):
        return f"*Who owes the most* in {company}: {counted}{page}"
    return f"*{counted} over the credit limit* in {company}{page}"


def of_what(question: RankedBy) -> str:
    """Return which accounts these are, as in “5 accounts over their limit”."""
    if isinstance(question, NearLimit):
        return f"with {question.percent}% of their limit used, or more"
    return "that owe something" if isinstance(question, Largest) else "over their limit"


def _line(customer: Customer, *, says_used: bool) -> str:
    """Return `*ABS001* ABS Garages Ltd · £2,464.16 (limit £4,000.00) · on hold`, cut so that twenty fit one text."""
    named = f"*{escaped(customer.reference, most=20)}* {escaped(customer.name, most=40)}"
    owed = money(customer.currency, customer.balance) if customer.balance is not None else "balance not given"
    limit = customer.credit_limit
    used = f", {percent_shown(customer.percent_used)}% used" if says_used else ""
    of = f" (limit {money(customer.currency, limit)}{used})" if limit is not None and customer.has_limit else ""
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
