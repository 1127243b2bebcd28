"""The message of the totals of a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.money import Currency
from bot.features.alerts.views.debts import sales_outstanding_lines
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.views import not_known
from bot.features.overdue.model.ledger_totals import LedgerTotals
from bot.features.overdue.model.list import DebtNotKnown
from bot.features.overdue.views.list import debt_unknown
from bot.slack.views import listing as lists
from bot.slack.views.listing import company_named, counted
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.text import moment


def ledger_answer(found: LedgerTotals | NotKnown | DebtNotKnown) -> Message:
    """Return what is owed, overdue, on hold and in credit, each by currency with the number of accounts; or why not."""
    if isinstance(found, NotKnown):
        return not_known(found)
    if isinstance(found, DebtNotKnown):
        return debt_unknown(found)
    company = company_named(found.company_name)
    small = [f"Figures as at {moment(found.as_of)} ({company}). Currencies are never added together."]
    if found.overdue is None:
        small.append("What is overdue isn't known here.")
    filtered = lists.asked_for(found.asked, is_narrowed=found.is_narrowed)
    if not found.customers:
        nobody = f"*No customers* in {company}{' with that filter' if found.asked else ''}."
        return lists.nothing_listed([nobody, filtered], small, command="/sage totals", meant=found.meant)
    top = f"*{counted(found.customers, 'customer', 'customers')}* in {company}"
    lines = [
        _line("Owed", found.owing.count, found.owing.sums),
        _line("Overdue", found.overdue.count, found.overdue.sums) if found.overdue is not None else "",
        _line("On hold", found.on_hold.count, found.on_hold.sums),
        _line("In credit", found.in_credit.count, found.in_credit.sums) if found.in_credit.count else "",
        *sales_outstanding_lines(found.sales_outstanding),
    ]
    said = joined([top, filtered, *lines])
    return Message(joined([said, *small]), (section(said), aside(*small)))


def _line(what: str, count: int, sums: Sequence[tuple[Currency, Decimal]]) -> str:
    """Return `Owed: £1,200.00 · €30.00, 5 accounts`."""
    amounts = " · ".join(lists.sums_by_currency(sums))
    accounts = counted(count, "account", "accounts")
    return f"{what}: {amounts}, {accounts}" if amounts and count else f"{what}: {accounts if count else 'nothing'}"
