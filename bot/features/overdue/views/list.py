"""Messages of the list of accounts with late debt: a page, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.command_names import CUSTOMER, OVERDUE
from bot.domain.customer import ID_DIGITS
from bot.domain.debt.lateness import DebtUnknown
from bot.domain.text.parsing import whole_number
from bot.features.customers import views as customers
from bot.features.customers.model.listing import NotKnown, pages_of
from bot.features.holds import views as holds
from bot.features.overdue.model.list import (
    DebtNotKnown,
    OverdueAccount,
    OverdueAnswer,
    OverdueListing,
)
from bot.features.overdue.model.query import LISTED, DebtKind
from bot.features.overdue.model.suggestion import SNOOZES, SnoozedAccount
from bot.features.overdue.views.lateness import days, warning_words
from bot.slack.views import listing as lists
from bot.slack.views.blocks import Block, option_object, static_select
from bot.slack.views.message import Message, buttons, joined, note, section
from bot.slack.views.table import Cell, Figure, amount, data_table, on
from bot.slack.views.text import day, escaped, moment, money, plain, short

PAGE, CSV, SNOOZE, TABLE = "overdue.page", "overdue.csv", "overdue.snooze", "overdue.table"
TURNED = lists.page_ids(PAGE)
SNOOZED = re.compile(rf"{re.escape(SNOOZE)}\.\d{{1,2}}")
_MOST_WORDS = 40  # Slack takes 150 characters as the value of an option
_WHY = {
    DebtUnknown.READING: "What is overdue in {company} isn't known yet: the open items are being read, {read:,} so "
    "far. Please ask again in a few minutes.",
    DebtUnknown.NOT_GIVEN: "What is overdue in {company} isn't known: Sage 200 gives no transactions to the sign-in "
    "that reads it. A Sage 200 administrator can allow it *Customer transactions*.",
    DebtUnknown.OLD: "The open items of {company} were last read {as_of}. That is too long ago to say who is overdue.",
}


@dataclass(frozen=True, slots=True)
class SnoozeChoice:
    """What was chosen for an account of a list. Untrusted."""

    days: int
    customer_id: int
    company: str
    page: int
    words: str


def overdue_answer(found: OverdueAnswer) -> Message:
    """Return the page, or why there is none."""
    if isinstance(found, NotKnown):
        return customers.not_known(found)
    if isinstance(found, DebtNotKnown):
        return debt_unknown(found)
    return _list(found) if found.accounts else _nobody(found)


def comment(found: OverdueListing) -> str:
    """Return the text above the file."""
    return joined([_opening(found), _asked(found), totals(found), lists.whole_file(found.top), *_small(found)])


def file_name(found: OverdueListing) -> str:
    """Return the file's name, with the day of its figures."""
    return f"overdue-invoices-{found.as_of:%Y-%m-%d}.csv"


def debt_unknown(found: DebtNotKnown) -> Message:
    """Return why late debt isn't known."""
    as_of = moment(found.as_of) if found.as_of else ""
    text = _WHY[found.why].format(company=lists.company_named(found.company_name), read=found.read, as_of=as_of)
    return note(f"{text} `{CUSTOMER}` and a reference gives live figures.")


def _nobody(found: OverdueListing) -> Message:
    head = "No accounts are overdue" if found.kind is DebtKind.LATE else f"There are no {LISTED[found.kind][1]}"
    said = f"*{head}* in {_company(found)}{' with that filter' if found.asked else ''}."
    return lists.nothing_listed([said, _asked(found)], _small(found), command=str(OVERDUE), meant=found.meant)


def _list(found: OverdueListing) -> Message:
    pages = pages_of(found.totals.count, found.per_page)
    opening = f"*{_opening(found)}*" + lists.page_named(
        page=found.page, pages=pages, first=found.per_page if found.top else 0, order="the oldest debt first"
    )
    elements = lists.page_buttons(
        PAGE, CSV, page=found.page, pages=pages, words=found.words, company_key=found.company_key, alerts=found.alerts
    )
    top = joined([opening, _asked(found), totals(found)])
    below: list[Block] = []
    if found.kind is DebtKind.SUGGESTED and found.may_hold:
        for place, account in enumerate(found.accounts, start=1):
            below += [section(_who(account, 40)), _ways(found, account, place)]
    is_warning = found.kind is DebtKind.WARNING
    lines = [line(account, with_warnings=is_warning) for account in found.accounts]
    small = [*lists.rest_typed(str(OVERDUE), found.words, page=found.page, pages=pages), *_small(found)]
    return lists.list_page(top, lines, small, elements, table=_table(found), below=below)


def _table(found: OverdueListing) -> Block:
    head = ("Account", "Name", "Overdue", "Oldest", "In query", "Promised", "By", "Note")
    rows = [_row(account, with_warnings=found.kind is DebtKind.WARNING) for account in found.accounts]
    return data_table(f"{TABLE}.{found.kind.value}", "Overdue", head, rows)


def _row(account: OverdueAccount, *, with_warnings: bool) -> tuple[Cell, ...]:
    customer = account.customer
    notes = [warning_words(account.warnings)] if with_warnings and account.warnings else []
    if account.broken and account.broken_on:
        notes.append(f"promise of {plain(customer.currency.show(account.broken), most=30)} broken")
    notes += ["on hold"] if customer.on_hold else []
    if account.differs_by:
        differs = plain(short(customer.currency).show(account.differs_by), most=30)
        notes.append(f"unconfirmed: balance differs by {differs}")
    return (
        customer.reference,
        customer.name,
        amount(customer.currency, account.overdue) if account.overdue else Figure(0, "nothing"),
        Figure(account.oldest_days, days(account.oldest_days)) if account.overdue else "",
        amount(customer.currency, account.disputed) if account.disputed else "",
        amount(customer.currency, account.promised) if account.promised else "",
        on(account.promised_by) if account.promised else "",
        ", ".join(notes),
    )


def _opening(found: OverdueListing) -> str:
    return f"{lists.counted(found.totals.count, *LISTED[found.kind])} in {_company(found)}"


def _company(found: OverdueListing) -> str:
    return lists.company_named(found.company_name)


def _asked(found: OverdueListing) -> str:
    return lists.asked_for(found.asked, is_narrowed=found.is_narrowed)


def _small(found: OverdueListing) -> list[str]:
    snoozed = f"{found.snoozed:,} snoozed {'is' if found.snoozed == 1 else 'are'} left out."
    return [
        f"As of {moment(found.as_of)}, from Sage 200. Credit that is not allocated is set off against the oldest debt.",
        *([snoozed] if found.snoozed else []),
    ]


def totals(found: OverdueListing) -> str:
    """Return what is overdue in all, per currency; empty if nothing is."""
    parts = lists.sums_by_currency(found.totals.sums)
    return f"Total overdue: {' · '.join(parts)}" if parts else ""


def line(account: OverdueAccount, *, with_warnings: bool = False) -> str:
    """Return an account's line, its name cut so that every figure fits."""
    return lists.fitting_line(_cut(account, name, with_warnings=with_warnings) for name in (40, 12))


def _who(account: OverdueAccount, name: int) -> str:
    customer = account.customer
    return f"*{escaped(customer.reference, most=min(name, 20))}* {escaped(customer.name, most=name)}"


def _cut(account: OverdueAccount, name: int, *, with_warnings: bool) -> str:
    customer = account.customer
    who = _who(account, name)
    facts = [f"{money(customer.currency, account.overdue)}, oldest {days(account.oldest_days)}"]
    if not account.overdue:
        facts = ["nothing overdue"]
    if with_warnings and account.warnings:
        facts.insert(0, warning_words(account.warnings))
    if account.disputed:
        facts.append(f"in query {money(customer.currency, account.disputed)}")
    if account.promised and account.promised_by:
        facts.append(f"promised {money(customer.currency, account.promised)} by {day(account.promised_by)}")
    if account.broken and account.broken_on:
        facts.append(f"did not pay {money(customer.currency, account.broken)} promised by {day(account.broken_on)}")
    if account.differs_by:
        facts.append(f"unconfirmed: differs from the balance by {money(customer.currency, account.differs_by)}")
    if customer.on_hold:
        facts.append("on hold")
    return f"• {' · '.join([who, *facts])}"


def _ways(found: OverdueListing, account: OverdueAccount, place: int) -> Block:
    """Return what may be done about an account that is suggested for a hold: the form for it, or to put it off."""
    customer = account.customer
    reason = f"Overdue {plain(customer.currency.show(account.overdue), most=60)}, oldest {days(account.oldest_days)}"
    hold = holds.button(holds.HOLD, customer, found.company_key, reason=reason, place=place)
    words = found.words if len(found.words) <= _MOST_WORDS else ""
    options = [
        option_object(f"{each} days", f"{each} {customer.id} {found.company_key} {found.page} {words}".rstrip())
        for each in SNOOZES
    ]
    return buttons(hold, static_select(f"{SNOOZE}.{place}", placeholder="Snooze", options=options))


def snooze_chosen(value: str) -> SnoozeChoice | None:
    """Return what was chosen from the menu of an account; None if the value is not one of ours."""
    numbers = [whole_number(each, digits=ID_DIGITS) for each in value.split()[:2]]
    parts = value.split(maxsplit=4)
    page = whole_number(parts[3], digits=9) if len(parts) > 3 else None
    if len(numbers) < 2 or numbers[0] is None or not numbers[1] or not page:
        return None
    return SnoozeChoice(numbers[0], numbers[1], parts[2], page, parts[4] if len(parts) > 4 else "")


def snoozed(account: SnoozedAccount, found: OverdueAnswer) -> Message:
    """Return the list without an account that was just put off."""
    who = f"{escaped(account.name, most=60)} ({escaped(account.reference, most=20)})"
    done = f"*{who} isn't suggested again before {day(account.until.date())}.*"
    below = overdue_answer(found)
    return Message(joined([done, below.text]), (section(done), *below.blocks))
