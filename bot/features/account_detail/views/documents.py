"""Open invoices, open orders and the contact as messages, and the card's buttons for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.domain.customer import Customer
from bot.domain.debt.debts import DebtItem
from bot.domain.money import Currency
from bot.domain.source import Source
from bot.features.account_detail.model import (
    Contact,
    LastPayment,
    OpenInvoices,
    OpenOrders,
    Order,
    PayingHabit,
    PaymentRecord,
)
from bot.features.customers import views as sources
from bot.slack.views.blocks import Block, Element, button_element, rich_text_block, rich_text_section, rich_text_words
from bot.slack.views.message import Message, aside, buttons, heading, joined, section
from bot.slack.views.table import Cell, Figure, amount, data_table, on
from bot.slack.views.text import day, escaped, money, plain

AGED, INVOICES, ORDERS = "customer.aged", "customer.invoices", "customer.orders"
CONTACT, REFRESH = "customer.contact", "customer.refresh"
INVOICES_PAGE = re.compile(rf"{re.escape(INVOICES)}\.\d{{1,6}}")
ORDERS_PAGE = re.compile(rf"{re.escape(ORDERS)}\.\d{{1,6}}")
PER_PAGE = 15
_MOST_LINE, _NOT_LATE = 200, "not yet"
_INVOICE_HEAD = ("Invoice", "Outstanding", "Due", "Overdue by", "Query", "Second reference")
_ORDER_HEAD = ("Order", "Value with VAT", "State", "Dated", "Promised", "Their number")
_CAPTIONS = {INVOICES: "Open invoices", ORDERS: "Open orders"}
_VALUE = re.compile(
    r"(?:(?P<company>[0-9a-f]{16}):)?(?P<id>\d{1,18}) (?P<page>\d{1,6}) (?P<reference>.{1,20})", re.ASCII | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class DetailButton:
    """The customer that a button names, by company key ("": the company in use), id and reference. Untrusted."""

    company: str
    customer_id: int
    page: int
    reference: str


def detail_request(action: Mapping[str, Any]) -> DetailButton | None:
    """Return what a button of a card is about; None if the value is not one of ours."""
    found = _VALUE.fullmatch(str(action.get("value") or ""))
    if found is None:
        return None
    return DetailButton(found["company"] or "", int(found["id"]), int(found["page"]), found["reference"])


def detail_value(customer: Customer, company_key: str, page: int = 1) -> str:
    """Return a button's value: ids alone, because the session of the user who presses decides what is shown."""
    company = f"{company_key}:" if company_key else ""
    return f"{company}{customer.id} {page} {customer.reference[:20]}"


def detail_title(customer: Customer) -> str:
    """Return the headline of a customer: name and reference."""
    return f"{plain(customer.name, most=110) or '(no name)'} ({plain(customer.reference, most=20)})"


def further(customer: Customer, company_key: str, *more: Element) -> Block:
    """Return the buttons of what an account consists of; `more` are those of other features."""
    made = (("Aged debt", AGED), ("Open invoices", INVOICES), ("Open orders", ORDERS))
    return buttons(
        *(button_element(text, action, value=detail_value(customer, company_key)) for text, action in made),
        *more,
    )


def contact_button(customer: Customer, company_key: str) -> Element:
    """Return the button that shows the contact."""
    return button_element("Contact", CONTACT, value=detail_value(customer, company_key))


def refresh_button(customer: Customer, company_key: str) -> Element:
    """Return the button that asks Sage 200 again."""
    label = "Refresh: ask Sage 200 again"
    return button_element("Refresh", REFRESH, value=detail_value(customer, company_key), accessibility_label=label)


def invoices(found: OpenInvoices, *, page: int = 1) -> Message:
    """Return one page of open invoices, longest overdue first."""
    currency = found.customer.currency
    if not found.items:
        opening = "*No open invoices.*"
    else:
        overdue = found.overdue
        late = sum((item.outstanding for item in overdue), Decimal(0))
        opening = f"*{_count(len(found.items), 'open invoice')}*, {money(currency, found.total)} outstanding"
        opening += f"; {len(overdue):,} overdue, {money(currency, late)}" if overdue else "; none overdue"
    waiting = f"Unallocated cash and credits: {money(currency, found.credits)}"
    rows = [(_invoice(item, found), _invoice_row(item, found)) for item in found.items]
    top = joined([opening, waiting if found.credits else "", _unread(found.unread, "document")])
    return _paged(found.customer, found.source, (top, _INVOICE_HEAD, rows), page=page, action=INVOICES)


def last_payment(found: LastPayment) -> Message:
    """Return when the customer last paid, and how much; or since when there was no payment."""
    customer, receipt = found.customer, found.receipt
    who = escaped(detail_title(customer))
    if receipt is not None and receipt.dated is not None:
        amount = receipt.outstanding if receipt.gross is None else receipt.gross
        said = f"*{who}* last paid {money(customer.currency, abs(amount))} on {day(receipt.dated)}."
    elif found.since is not None:
        said = f"No payment by *{who}* is among its newest postings in Sage 200, which go back to {day(found.since)}."
    else:
        said = f"Sage 200 has no postings for *{who}*."
    source = sources.customer_line(found.source)
    return Message(joined([said, source]), (section(said), further(customer, found.source.company_key), aside(source)))


def payment_record(found: PaymentRecord) -> Message:
    """Return how many days late the customer pays on average."""
    customer = found.customer
    who = escaped(detail_title(customer))
    takes = ""
    if customer.average_days_to_pay:
        takes = f"Sage 200's own average time to pay is {_count(customer.average_days_to_pay, 'day')}."
    said = joined([f"*{who}*: {habit_words(found.habit)}", takes])
    source = sources.customer_line(found.source)
    return Message(joined([said, source]), (section(said), further(customer, found.source.company_key), aside(source)))


def habit_words(habit: PayingHabit) -> str:
    """Return `pays 12.3 days late on average (…).`, or why that isn't known."""
    if not habit.is_given:
        return "the average days late aren't known: Sage 200 doesn't say when its invoices were paid."
    if habit.days_late is None:
        few = f"only {_count(habit.invoices, 'invoice')} was" if habit.invoices == 1 else "only two invoices were"
        return f"{few if habit.invoices else 'no invoice was'} paid in the last 12 months: too few for an average."
    days = habit.days_late
    if not days:
        said = "pays on the due date on average"
    else:
        said = f"pays {abs(days):,} day{'' if abs(days) == 1 else 's'} {'late' if days > 0 else 'early'} on average"
    return f"{said}, by value of the {habit.invoices:,} invoices paid in the last 12 months."


def orders(found: OpenOrders, *, page: int = 1) -> Message:
    """Return one page of open orders, those on hold marked."""
    if found.orders:
        total = found.total
        worth = f", {money(found.customer.currency, total)} with VAT" if total is not None else ""
        held = f"; {found.on_hold:,} on hold" if found.on_hold else ""
        top = f"*{_count(len(found.orders), 'open order')}*{worth}{held}"
    else:
        top = "*No open orders.*"
    top = joined([top, _unread(found.unread, "order")])
    currency = found.customer.currency
    rows = [(_order(order, currency), _order_row(order, currency)) for order in found.orders]
    return _paged(found.customer, found.source, (top, _ORDER_HEAD, rows), page=page, action=ORDERS)


def order_lines(found: OpenOrders, *, most: int) -> list[str]:
    """Return how many orders, their value and first promised day; then the first of them, and how many more."""
    currency = found.customer.currency
    count, total = len(found.orders), found.total
    promised = [order.promised for order in found.orders if order.promised is not None]
    opening = [
        f"*{_count(count, 'open order')}*",
        money(currency, total) if total is not None else "",
        f"first promised for {day(min(promised))}" if promised else "",
    ]
    lines = [_order_line(order, currency) for order in found.orders[:most]]
    more = f"and {count - most:,} more" if count > most else ""
    return [", ".join(filter(None, opening)), *lines, *([more] if more else [])]


def _order_line(order: Order, currency: Currency) -> str:
    parts = [
        f"order {escaped(order.number, most=20)}",
        money(currency, order.gross) if order.gross is not None else "",
        f"promised for {day(order.promised)}" if order.promised is not None else "",
        "on hold" if order.is_on_hold else "",
    ]
    return f"• {', '.join(part for part in parts if part)}"


def _unread(count: int, what: str) -> str:
    """Return the line on rows of Sage that can't be read; empty if there are none."""
    if not count:
        return ""
    return (
        f"⚠️ {_count(count, what)} in Sage 200 can't be read, so nothing here counts {'it' if count == 1 else 'them'}."
    )


def contact(found: Contact) -> Message:
    """Return the contact as rich text, in which Slack makes no links and dials no number."""
    customer = found.customer
    facts = [
        ("Name", customer.contact_name),
        ("Telephone", customer.contact_telephone),
        ("E-mail", customer.contact_email),
        ("Address", ", ".join(found.address) or " ".join(filter(None, (customer.town, customer.postcode)))),
    ]
    shown = [(label, plain(words, most=300)) for label, words in facts if plain(words)]
    source = sources.customer_line(found.source)
    lines = [f"{label}: {escaped(words, most=300)}" for label, words in shown] or ["Sage 200 has no contact for it."]
    body: Block = _rich(shown) if shown else section(lines[0])
    blocks = (heading(detail_title(customer)), *sources.warning(found.source), body, aside(source))
    return Message(joined([f"Contact of {escaped(detail_title(customer))}", *lines, source]), blocks)


def _paged(
    customer: Customer,
    source: Source,
    shown: tuple[str, Sequence[str], Sequence[tuple[str, Sequence[Cell]]]],
    *,
    page: int,
    action: str,
) -> Message:
    """Return one page of documents; `shown` are the words above, the table's head, and each one's line and row."""
    top, head, rows = shown
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(page, 1), pages)
    top += f"\nPage {page:,} of {pages:,}" if pages > 1 else ""
    seen = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    table = [data_table(f"{action}.table", _CAPTIONS[action], head, [row for _, row in seen])] if seen else []
    page_buttons: list[Element] = [
        button_element(
            text,
            f"{action}.{to}",
            value=detail_value(customer, source.company_key, to),
            accessibility_label=f"{text}: page {to}",
        )
        for to, text in ((page - 1, "Previous"), (page + 1, "Next"))
        if 1 <= to <= pages
    ]
    below = sources.customer_line(source)
    blocks: list[Block] = [heading(detail_title(customer)), section(top), *table]
    blocks += [*([buttons(*page_buttons)] if page_buttons else []), aside(below)]
    return Message(joined([escaped(detail_title(customer)), top, *(line for line, _ in seen), below]), tuple(blocks))


def _invoice(item: DebtItem, found: OpenInvoices) -> str:
    late = item.days_late(found.today)
    due = f"due {day(item.due)}" if item.due is not None else "no due date"
    parts = [
        f"• *{escaped(item.reference, most=20) or 'no reference'}*",
        money(found.customer.currency, item.outstanding),
        due,
        f"⚠️ {_count(late, 'day')} overdue" if late else "",
        "queried" if item.is_queried else "",
        escaped(item.second_reference, most=12),
    ]
    return _line(parts)


def _invoice_row(item: DebtItem, found: OpenInvoices) -> tuple[Cell, ...]:
    late = item.days_late(found.today)
    return (
        item.reference or "no reference",
        amount(found.customer.currency, item.outstanding),
        on(item.due) or "no due date",
        Figure(late, _count(late, "day") if late else _NOT_LATE),
        "queried" if item.is_queried else "",
        item.second_reference,
    )


def _order_row(order: Order, currency: Currency) -> tuple[Cell, ...]:
    states = ("on hold" if order.is_on_hold else "", "in dispute" if order.is_disputed else "")
    over = "over the limit" if order.is_over_limit else ""
    return (
        order.number,
        amount(currency, order.gross) if order.gross is not None else "unknown",
        ", ".join(filter(None, (*states, over))),
        on(order.dated),
        on(order.promised),
        order.customers_number,
    )


def _order(order: Order, currency: Currency) -> str:
    parts = [
        f"• *{escaped(order.number, most=20)}*",
        money(currency, order.gross) if order.gross is not None else "value unknown",
        "🛑 on hold" if order.is_on_hold else "",
        "in dispute" if order.is_disputed else "",
        "takes the account over its limit" if order.is_over_limit else "",
        f"of {day(order.dated)}" if order.dated is not None else "",
        f"promised {day(order.promised)}" if order.promised is not None else "",
        escaped(order.customers_number, most=12),
    ]
    return _line(parts)


def _line(parts: list[str]) -> str:
    """Join as many whole parts as fit into a line; the figure is among the first."""
    line = ""
    for part in filter(None, parts):
        longer = f"{line} · {part}" if line else part
        if len(longer) > _MOST_LINE:
            break
        line = longer
    return line


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _rich(facts: list[tuple[str, str]]) -> Block:
    parts = []
    for number, (label, words) in enumerate(facts):
        lead = "\n" if number else ""
        parts.append(rich_text_words(f"{lead}{label}  ", bold=True))
        parts.append(rich_text_words(words))
    return rich_text_block(rich_text_section(parts))
