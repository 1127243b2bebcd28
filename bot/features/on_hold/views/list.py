"""Messages of the list of accounts on hold: a page, or why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.domain.money import Currency
from bot.domain.parsing import whole_number
from bot.features.on_hold.model.list import PER_PAGE, Account, Listing, NotKnown, Unknown
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, moment, plain

PAGE, CSV = "onhold.page", "onhold.csv"
TURNED = re.compile(rf"{re.escape(PAGE)}\.\d{{1,9}}")
"""The action ids of the page buttons. Ids in a message must differ, so each ends in its page."""
# Slack's notifications hold 4,000 characters of the text, which repeats every line: by construction 15 of these.
_MOST_LINE, _A_SECTION, _MOST_CURRENCIES = 210, 5, 6
_CUTS = ((40, 60), (40, 0), (12, 0))
_TYPED = re.compile(r"(?:page\s+(?P<page>\d{1,9})|(?P<csv>csv))(?:\s+(?P<words>.*))?", re.IGNORECASE | re.DOTALL)
_WHY = {
    Unknown.NOT_KEPT: "I keep no copy of {company} yet, so I can't tell who is on hold there. I keep one of the "
    "company that the workspace's own sign-in points at, and of those with a subscription.",
    Unknown.READING: "I am still reading {company} for the first time ({customers:,} customers so far), so I can't "
    "tell yet who is on hold. Please ask again in a few minutes.",
    Unknown.OLD: "I have not reached {company} in Sage 200 since {as_of}. That is too long ago to say who is on hold.",
}


def on_hold_typed(text: str) -> tuple[str, int, bool]:
    """Return what was typed behind the command: words, page, and whether the file is wanted."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return text.strip(), 1, False
    return found["words"] or "", int(found["page"] or 1), bool(found["csv"])


def on_hold_page_pressed(action: Mapping[str, Any]) -> tuple[str, int]:
    """Return the words and the page in a button; page 0 when the button is not ours."""
    page, _, words = str(action.get("value") or "").partition(" ")
    return words, whole_number(page, digits=9) or 0


def on_hold_answer(found: Listing | NotKnown) -> Message:
    """Return the page, or why there is none."""
    if isinstance(found, NotKnown):
        return unknown(found)
    return on_hold_list(found) if found.accounts else nobody(found)


def on_hold_filter(found: Listing) -> tuple[str, str]:
    """Return (what, how many and which) of the file, for the audit log."""
    count = found.totals.count
    which = f", {found.asked}" if found.asked else ""
    return f"on hold in {found.company_name}", f"{count:,} account{'s' if count != 1 else ''}{which}"


def unknown(found: NotKnown) -> Message:
    """Return the message that there are no figures, and why."""
    company = escaped(found.company_name, most=60) or "your company"
    as_of = moment(found.as_of) if found.as_of else ""
    text = _WHY[found.why].format(company=company, customers=found.customers, as_of=as_of)
    return note(f"{text} `/customer` and a reference asks Sage 200 itself.")


def nobody(found: Listing) -> Message:
    """Return the message that no account is on hold, or none that fits the words."""
    lines = [f"*Nobody is on hold* in {_company(found)}{' that you asked for' if found.asked else ''}.", _asked(found)]
    if found.meant:
        ways = ", ".join(f"`/onhold {escaped(each, most=60).replace('`', chr(39))}`" for each in found.meant[:5])
        lines.append(f"Did you mean {ways}?")
    text = joined(lines)
    return Message(joined([text, *_small(found)]), (section(text), aside(*_small(found))))


def on_hold_list(found: Listing) -> Message:
    """Return the page."""
    count, page = found.totals.count, found.page
    pages = -(-count // PER_PAGE)
    opening = f"*{count:,} account{'s' if count > 1 else ''} on hold* in {_company(found)}"
    opening += f", page {page:,} of {pages:,}" if pages > 1 else ""
    top = joined([opening, _asked(found), _totals(found)])
    lines = [_line(account) for account in found.accounts]
    parts = ["\n".join(lines[start : start + _A_SECTION]) for start in range(0, len(lines), _A_SECTION)]
    blocks: list[Block] = [section(part) for part in (top, *parts)]
    blocks += [buttons(*_buttons(found, page, pages)), aside(*_small(found))]
    return Message(joined([top, *lines, *_small(found)]), tuple(blocks))


def comment(found: Listing) -> str:
    """Return the text above the file."""
    count = found.totals.count
    said = f"{count:,} account{'s' if count != 1 else ''} on hold in {_company(found)}"
    return joined([said, _asked(found), *_small(found)])


def file_name(found: Listing) -> str:
    """Return the file's name, with the day of its figures."""
    return f"accounts-on-hold-{found.as_of:%Y-%m-%d}.csv"


def on_hold_file_sent() -> Message:
    """Return the notice that the file was sent."""
    return note("I have sent you the file: it is in our own conversation, under *Apps* → *Sage 200*.")


def _company(found: Listing) -> str:
    return escaped(found.company_name, most=60) or "your company"


def _asked(found: Listing) -> str:
    only = "Only your own customers, as you have no Sage ID of your own connected" if found.is_narrowed else ""
    asked = f"Asked for: {escaped(found.asked, most=60)}" if found.asked else ""
    return " · ".join(part for part in (asked, only) if part)


def _small(found: Listing) -> list[str]:
    return [f"As of {moment(found.as_of)}, from Sage 200"]


def _totals(found: Listing) -> str:
    sums, without = found.totals.sums, found.totals.without_balance
    parts = [money(currency, amount) for currency, amount in sums[:_MOST_CURRENCIES]]
    parts += [f"{len(sums) - _MOST_CURRENCIES:,} more currencies"] if len(sums) > _MOST_CURRENCIES else []
    parts += [f"{without:,} without a balance"] if without else []
    return f"Balances in all: {' · '.join(parts)}"


def _line(account: Account) -> str:
    """Return an account's line, its texts cut so that every figure fits."""
    made = [_cut(account, name=name, reason=reason) for name, reason in _CUTS]
    return next((line for line in made if len(line) <= _MOST_LINE), made[-1])


def _cut(account: Account, *, name: int, reason: int) -> str:
    held, customer = account.held, account.held.customer
    who = f"*{escaped(customer.reference, most=min(name, 20))}* {escaped(customer.name, most=name)}"
    balance = "balance unknown" if customer.balance is None else money(customer.currency, customer.balance)
    why = escaped(account.reason, most=reason) if reason else ""
    return f"• {' · '.join(part for part in (who, how_long(held.days, at_least=held.at_least), balance, why) if part)}"


def how_long(days: int | None, *, at_least: bool) -> str:
    """Return `3 days`, or "at least" for an account that was on hold when first seen."""
    if days is None:
        return "days unknown"
    if at_least and not days:
        return "since before I watched"
    return f"{'at least ' if at_least else ''}{days:,} day{'s' if days != 1 else ''}"


def money(currency: Currency, amount: Decimal) -> str:
    """Return an amount, its currency cut short: an odd currency mark must not push the figure out of the line."""
    return escaped(Currency(plain(currency.iso, most=3), plain(currency.symbol, most=4)).show(amount), most=60)


def _buttons(found: Listing, page: int, pages: int) -> list[Element]:
    turns = [(page - 1, "Previous"), (page + 1, "Next")]
    made: list[Element] = [
        button_element(
            text,
            f"{PAGE}.{to}",
            value=f"{to} {found.words}".rstrip(),
            accessibility_label=f"{text}: page {to}",
        )
        for to, text in turns
        if 1 <= to <= pages
    ]
    return [*made, button_element("Send me the CSV", CSV, value=f"1 {found.words}".rstrip())]
