"""Messages of the list of accounts with late debt: a page, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.customer import ID_DIGITS
from bot.domain.lateness import DebtUnknown
from bot.domain.parsing import whole_number
from bot.features.holds import views as holds
from bot.features.on_hold.model.list import NotKnown
from bot.features.on_hold.views.list import unknown
from bot.features.overdue.model.list import (
    DebtNotKnown,
    OverdueAccount,
    OverdueAnswer,
    OverdueListing,
)
from bot.features.overdue.model.query import DebtKind
from bot.features.overdue.model.suggestion import SNOOZES, SnoozedAccount
from bot.features.overdue.views.lateness import days, shown
from bot.slack.views.blocks import Block, Element, button_element, option_object, static_select
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import day, escaped, moment, plain

PAGE, CSV, SNOOZE = "overdue.page", "overdue.csv", "overdue.snooze"
TURNED = re.compile(rf"{re.escape(PAGE)}\.\d{{1,9}}")
"""The action ids of the page buttons. Ids in a message must differ, so each ends in its page."""
SNOOZED = re.compile(rf"{re.escape(SNOOZE)}\.\d{{1,2}}")
_MOST_LINE, _A_SECTION, _MOST_CURRENCIES = 210, 5, 6
_MOST_WORDS = 40  # Slack takes 150 characters as the value of an option
_HEADS = {
    DebtKind.LATE: ("account overdue", "accounts overdue"),
    DebtKind.PROMISED: ("account with a promise to pay", "accounts with a promise to pay"),
    DebtKind.DISPUTED: ("account with debt in query", "accounts with debt in query"),
    DebtKind.SUGGESTED: ("account suggested for a hold", "accounts suggested for a hold"),
}
_WHY = {
    DebtUnknown.READING: "What is overdue in {company} isn't known yet: the open items are being read, {read:,} so "
    "far. Please ask again in a few minutes.",
    DebtUnknown.NOT_GIVEN: "What is overdue in {company} isn't known: Sage 200 gives no transactions to the sign-in "
    "that reads it. Whoever administers Sage 200 can allow it *Customer transactions*.",
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


def overdue_pressed(action: Mapping[str, Any]) -> tuple[str, int]:
    """Return the words and the page in a button; page 0 when the button is not ours."""
    page, _, words = str(action.get("value") or "").partition(" ")
    return words, whole_number(page, digits=9) or 0


def overdue_answer(found: OverdueAnswer) -> Message:
    """Return the page, or why there is none."""
    if isinstance(found, NotKnown):
        return unknown(found)
    if isinstance(found, DebtNotKnown):
        return _debt_unknown(found)
    return _list(found) if found.accounts else _nobody(found)


def overdue_filter(found: OverdueListing) -> tuple[str, str]:
    """Return (what, how many and which) of the file, for the record."""
    count = found.totals.count
    which = f", {found.asked}" if found.asked else ""
    return f"overdue in {found.company_name}", f"{count:,} account{'s' if count != 1 else ''}{which}"


def comment(found: OverdueListing) -> str:
    """Return the text above the file."""
    return joined([_opening(found), _asked(found), totals(found), *_small(found)])


def file_name(found: OverdueListing) -> str:
    """Return the file's name, with the day of its figures."""
    return f"overdue-invoices-{found.as_of:%Y-%m-%d}.csv"


def _debt_unknown(found: DebtNotKnown) -> Message:
    company = escaped(found.company_name, most=60) or "your company"
    as_of = moment(found.as_of) if found.as_of else ""
    text = _WHY[found.why].format(company=company, read=found.read, as_of=as_of)
    return note(f"{text} `/customer` and a reference shows what Sage 200 itself gives.")


def _nobody(found: OverdueListing) -> Message:
    head = "Nobody is overdue" if found.kind is DebtKind.LATE else f"There are no {_HEADS[found.kind][1]}"
    lines = [f"*{head}* in {_company(found)}{' that you asked for' if found.asked else ''}.", _asked(found)]
    if found.meant:
        ways = ", ".join(f"`/overdue {escaped(each, most=60).replace('`', chr(39))}`" for each in found.meant[:5])
        lines.append(f"Did you mean {ways}?")
    text = joined(lines)
    return Message(joined([text, *_small(found)]), (section(text), aside(*_small(found))))


def _list(found: OverdueListing) -> Message:
    pages = -(-found.totals.count // found.per_page)
    opening = f"*{_opening(found)}*" + (f", page {found.page:,} of {pages:,}" if pages > 1 else "")
    top = joined([opening, _asked(found), totals(found)])
    lines = [line(account) for account in found.accounts]
    blocks: list[Block] = [section(top)]
    if found.kind is DebtKind.SUGGESTED and found.may_hold:
        for place, (account, said) in enumerate(zip(found.accounts, lines, strict=True), start=1):
            blocks += [section(said), _ways(found, account, place)]
    else:
        blocks += [section("\n".join(lines[start : start + _A_SECTION])) for start in range(0, len(lines), _A_SECTION)]
    blocks += [buttons(*_buttons(found, pages)), aside(*_small(found))]
    return Message(joined([top, *lines, *_small(found)]), tuple(blocks))


def _opening(found: OverdueListing) -> str:
    one, many = _HEADS[found.kind]
    count = found.totals.count
    return f"{count:,} {one if count == 1 else many} in {_company(found)}"


def _company(found: OverdueListing) -> str:
    return escaped(found.company_name, most=60) or "your company"


def _asked(found: OverdueListing) -> str:
    only = "Your own customers only, as you have no Sage ID of your own connected" if found.is_narrowed else ""
    asked = f"Asked for: {escaped(found.asked, most=60)}" if found.asked else ""
    return " · ".join(part for part in (asked, only) if part)


def _small(found: OverdueListing) -> list[str]:
    snoozed = f"{found.snoozed:,} snoozed {'is' if found.snoozed == 1 else 'are'} left out."
    return [
        f"As of {moment(found.as_of)}, from Sage 200. Credit that is not allocated is set off against the oldest debt.",
        *([snoozed] if found.snoozed else []),
    ]


def totals(found: OverdueListing) -> str:
    """Return what is overdue in all, per currency; empty if nothing is."""
    sums = found.totals.sums
    parts = [shown(currency, amount) for currency, amount in sums[:_MOST_CURRENCIES]]
    parts += [f"{len(sums) - _MOST_CURRENCIES:,} more currencies"] if len(sums) > _MOST_CURRENCIES else []
    return f"Overdue in all: {' · '.join(parts)}" if parts else ""


def line(account: OverdueAccount) -> str:
    """Return an account's line, its name cut so that every figure fits."""
    made = [_cut(account, name) for name in (40, 12)]
    return next((each for each in made if len(each) <= _MOST_LINE), made[-1])


def _cut(account: OverdueAccount, name: int) -> str:
    customer = account.customer
    who = f"*{escaped(customer.reference, most=min(name, 20))}* {escaped(customer.name, most=name)}"
    facts = [f"{shown(customer.currency, account.overdue)}, oldest {days(account.oldest_days)}"]
    if not account.overdue:
        facts = ["nothing overdue"]
    if account.disputed:
        facts.append(f"in query {shown(customer.currency, account.disputed)}")
    if account.promised and account.promised_by:
        facts.append(f"promised {shown(customer.currency, account.promised)} by {day(account.promised_by)}")
    if account.differs_by:
        facts.append(f"not sure: differs from the balance by {shown(customer.currency, account.differs_by)}")
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


def _buttons(found: OverdueListing, pages: int) -> list[Element]:
    turns = [(found.page - 1, "Previous"), (found.page + 1, "Next")]
    made: list[Element] = [
        button_element(
            text, f"{PAGE}.{to}", value=f"{to} {found.words}".rstrip(), accessibility_label=f"{text}: page {to}"
        )
        for to, text in turns
        if 1 <= to <= pages
    ]
    return [*made, button_element("Send me the CSV", CSV, value=f"1 {found.words}".rstrip())]
