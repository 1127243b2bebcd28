"""Messages of the list of accounts on hold: a page, or why there is none."""

from __future__ import annotations

from bot.command_names import ONHOLD
from bot.features.customers import views as customers
from bot.features.customers.model.listing import NotKnown, pages_of
from bot.features.on_hold.model.list import Account, Listing, OnHoldAnswer
from bot.features.on_hold.views import changes
from bot.features.overdue.model.list import DebtNotKnown
from bot.features.overdue.views.list import debt_unknown
from bot.slack.views import listing as lists
from bot.slack.views.blocks import Block
from bot.slack.views.message import Message, joined
from bot.slack.views.table import Cell, Figure, amount, data_table
from bot.slack.views.text import escaped, moment, money, trouble

PAGE, CSV, TABLE = "onhold.page", "onhold.csv", "onhold.table"
PUT, RELEASED = "onhold.put", "onhold.released"
TURNED = lists.page_ids(PAGE)
_CUTS = ((40, 60), (40, 0), (12, 0))


def on_hold_answer(found: OnHoldAnswer) -> Message:
    """Return the page, or why there is none."""
    if isinstance(found, DebtNotKnown):
        return debt_unknown(found)
    if isinstance(found, NotKnown):
        return customers.not_known(found)
    return on_hold_list(found) if found.accounts else nobody(found)


def nobody(found: Listing) -> Message:
    """Return the message that no account is on hold, or none that fits the words."""
    none = changes.opening(found.changes, 0) if found.changes is not None else "No accounts are on hold"
    head = f"*{none}* in {_company(found)}{' with that filter' if found.asked else ''}."
    return lists.nothing_listed([head, _asked(found)], _small(found), command=str(ONHOLD), meant=found.meant)


def on_hold_list(found: Listing) -> Message:
    """Return the page."""
    page, pages = found.page, pages_of(found.totals.count, found.per_page)
    opening = f"*{_counted(found)}* in {_company(found)}"
    order = "the longest on hold first" if found.changes is None else "the latest first"
    opening += lists.page_named(page=page, pages=pages, first=found.per_page if found.top else 0, order=order)
    elements = lists.page_buttons(
        PAGE, CSV, page=page, pages=pages, words=found.words, company_key=found.company_key, alerts=found.alerts
    )
    top = joined([*(_small(found) if found.trouble else ()), opening, _asked(found), _totals(found)])
    lines = [_line(account, found) for account in found.accounts]
    rest = lists.rest_typed(str(ONHOLD), found.words, page=page, pages=pages)
    return lists.list_page(top, lines, [*rest, *_small(found)], elements, table=_table(found))


def _table(found: Listing) -> Block:
    if found.changes is not None:
        kind, caption = (RELEASED, "Accounts released") if found.changes.released else (PUT, "Accounts put on hold")
        rows = [changes.row(account, found.changes) for account in found.accounts]
        return data_table(kind, caption, changes.columns(found.changes), rows)
    head = ("Account", "Name", "On hold", "Balance", "Reason")
    return data_table(TABLE, "Accounts on hold", head, [_row(account) for account in found.accounts])


def _row(account: Account) -> tuple[Cell, ...]:
    held, customer = account.held, account.held.customer
    days = how_long(held.days, at_least=held.at_least)
    return (
        customer.reference,
        customer.name,
        days if held.days is None else Figure(held.days, days),
        "" if customer.balance is None else amount(customer.currency, customer.balance),
        account.reason,
    )


def comment(found: Listing) -> str:
    """Return the text above the file."""
    return joined(
        [f"{_counted(found)} in {_company(found)}", _asked(found), lists.whole_file(found.top), *_small(found)]
    )


def file_name(found: Listing) -> str:
    """Return the file's name, with the day of its figures."""
    return f"accounts-{of_what(found).replace(' ', '-')}-{found.as_of:%Y-%m-%d}.csv"


def of_what(found: Listing) -> str:
    """Return which accounts these are: on hold, put on hold, or released."""
    return "on hold" if found.changes is None else changes.done_to(found.changes)


def _counted(found: Listing) -> str:
    count = found.totals.count
    if found.changes is not None:
        return changes.opening(found.changes, count)
    return f"{lists.counted(count, 'account', 'accounts')} on hold"


def _company(found: Listing) -> str:
    return lists.company_named(found.company_name)


def _asked(found: Listing) -> str:
    return lists.asked_for(found.asked, is_narrowed=found.is_narrowed)


def _small(found: Listing) -> list[str]:
    known = changes.known(found)
    if found.trouble:
        return [f"⚠️ Figures as at {moment(found.as_of)}, not updated since: {trouble(found.trouble)}", *known]
    return [f"As of {moment(found.as_of)}, from Sage 200", *known]


def _totals(found: Listing) -> str:
    without = found.totals.without_balance
    parts = lists.sums_by_currency(found.totals.sums)
    parts += [f"{without:,} without a balance"] if without else []
    return f"Total owed: {' · '.join(parts)}"


def _line(account: Account, found: Listing) -> str:
    """Return an account's line, its texts cut so that every figure fits."""
    if found.changes is not None:
        return changes.line(account, found.changes)
    return lists.fitting_line(_cut(account, name=name, reason=reason) for name, reason in _CUTS)


def _cut(account: Account, *, name: int, reason: int) -> str:
    held, customer = account.held, account.held.customer
    who = f"*{escaped(customer.reference, most=min(name, 20))}* {escaped(customer.name, most=name)}"
    balance = "balance unknown" if customer.balance is None else money(customer.currency, customer.balance)
    why = escaped(account.reason, most=reason) if reason else ""
    return f"• {' · '.join(part for part in (who, how_long(held.days, at_least=held.at_least), balance, why) if part)}"


def how_long(days: int | None, *, at_least: bool) -> str:
    """Return `3 days`, `under a day`, or "at least" for an account that was on hold when first seen."""
    if days is None:
        return "since when isn't known"
    if at_least and not days:
        return "first seen today"  # Sage doesn't say since when
    if not days:
        return "under a day"
    return f"{'at least ' if at_least else ''}{lists.counted(days, 'day', 'days')}"
