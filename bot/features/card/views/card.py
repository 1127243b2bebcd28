"""The customer card, the menu of several customers, and the nearest names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from bot.command_names import CUSTOMER
from bot.domain.company import with_key
from bot.domain.customer import Customer, CustomerName
from bot.domain.money import Currency, percent_shown
from bot.domain.source import Source
from bot.features.access.model.authorization import Shown
from bot.features.account_detail.views.documents import contact_button, further, order_lines, refresh_button
from bot.features.connections.model import ConnectLinkOffer
from bot.features.connections.views.connect import link_buttons, link_line
from bot.features.customers import views as sources
from bot.features.customers.model.lookup import (
    CustomerCard,
    LookupResult,
    NoCustomer,
    OtherCompany,
    SeveralCustomers,
)
from bot.features.holds import views as holds
from bot.features.on_hold.views import history
from bot.features.overdue.views.lateness import overdue_words, warning_words
from bot.features.promises.views import forms, words
from bot.features.sharing import views as share
from bot.features.subscriptions.views import watching
from bot.slack.views.blocks import (
    Block,
    Option,
    mrkdwn,
    option_object,
    overflow_menu,
    rich_text_block,
    rich_text_section,
    rich_text_words,
    section_block,
    static_select,
)
from bot.slack.views.message import Message, aside, buttons, heading, joined, note, section
from bot.slack.views.text import day, escaped, money, orders, plain

PICK_CUSTOMER, PICK_ELSEWHERE, MENU = "customer.pick", "customer.elsewhere", "customer.about"

_MOST_ORDERS = 3

Facts = list[tuple[str, str]]


def lookup_answer(found: LookupResult, offer: ConnectLinkOffer | None = None) -> Message:
    """Return the message for any result of a look-up; `offer` is the asker's own connect link, to see more."""
    if isinstance(found, CustomerCard):
        return customer_card(found, offer)
    return several(found) if isinstance(found, SeveralCustomers) else nobody(found)


def customer_card(shown: CustomerCard, offer: ConnectLinkOffer | None = None) -> Message:
    """Return the card with every figure that Sage gives; status alone if that is all that may be shown."""
    # Sage's own words stand in plain and rich text, which Slack doesn't parse.
    if shown.shown is not Shown.FIGURES:
        return _status(shown, offer)
    customer = shown.customer
    figures, details = _figures(shown), _details(shown)
    reason = plain(customer.status_reason or "", most=256)
    title = f"{plain(customer.name, most=110) or '(no name)'} ({plain(customer.reference, most=20)})"
    source = sources.customer_line(shown.source)
    blocks: list[Block] = [heading(title), *sources.warning(shown.source), _hold_block(shown)]
    if reason:
        blocks.append(_rich([(_reason_label(customer), reason)]))
    blocks.append(section_block(fields=[mrkdwn(f"*{label}*\n{value}") for label, value in figures]))
    orders = shown.orders
    live = order_lines(orders, most=_MOST_ORDERS) if orders is not None and orders.orders else []
    if live:
        blocks.append(section(joined(live)))
    if details:
        blocks.append(_rich(details))
    noted = words.card_lines(shown)
    blocks += words.card_block(noted)
    hold_row = holds.hold_buttons(customer, shown.may, shown.company_key)
    more = (share.button(customer, shown.company_key), *forms.more_menu(shown))
    blocks += [further(customer, shown.company_key, *more), *hold_row, aside(source)]
    also = _also(shown)
    blocks += other_companies(shown)
    lines = [
        f"{escaped(title, most=150)}: {_hold_line(customer)}",
        source if shown.copied else "",
        f"{_reason_label(customer)}: {escaped(reason, most=256)}" if reason else "",
        *(f"{label}: {value}" for label, value in figures),
        joined(live),
        joined(noted, most=1_500),
        joined([f"{escaped(label)}: {escaped(value)}" for label, value in details], most=2_000),
    ]
    return Message(joined([*lines, "" if shown.copied else source, also]), tuple(blocks))


def _hold_block(shown: CustomerCard) -> Block:
    """Return the hold status, and beside it the menu of what is seldom pressed: five buttons are enough below."""
    about = (shown.customer, shown.company_key)
    pressed = (contact_button(*about), history.button(*about), watching.button(shown))
    chosen = [
        option_object(each["text"]["text"], f"{each['action_id']} {each['value']}")
        for each in (*pressed, refresh_button(*about))
    ]
    return section_block(mrkdwn(f"*{_hold_line(shown.customer)}*"), accessory=overflow_menu(MENU, options=chosen))


def menu_chosen(selected: str) -> tuple[str, str]:
    """Return (action id, value) of the button that the menu's option stands for; blank for what isn't one of ours."""
    action_id, _, value = selected.partition(" ")
    return action_id, value


def _status(shown: CustomerCard, offer: ConnectLinkOffer | None) -> Message:
    """Return name and hold status, for users who may see no figures."""
    customer = shown.customer
    title = f"{plain(customer.name, most=110) or '(no name)'} ({plain(customer.reference, most=20)})"
    source = sources.customer_line(shown.source)
    hint = sources.figures_hidden(shown)
    connect = [link_buttons(offer)] if shown.may_connect else []
    lines = [
        f"{escaped(title, most=150)}: {_hold_line(customer)}",
        source,
        hint,
        link_line(offer) or ("Type `/sage connect`." if shown.may_connect else ""),
    ]
    row = (
        section(f"*{_hold_line(customer)}*"),
        aside(source, hint),
        *holds.hold_buttons(customer, shown.may, shown.company_key),
        *connect,
    )
    return Message(joined(lines), (heading(title), *row))


def _reason_label(customer: Customer) -> str:
    # Sage 200 has one field for the reason of a hold, and keeps what a release wrote there.
    return "Reason" if customer.on_hold else "Last note"


def _hold_line(customer: Customer) -> str:
    status = "🛑 On hold" if customer.on_hold else "✅ Not on hold"
    return f"{status} · ⚠️ Over credit limit" if customer.over_limit else status


def _figures(shown: CustomerCard) -> Facts:
    """Return the figures, at most ten: Slack's limit for the fields of a section."""
    customer = shown.customer

    def show(amount: Decimal) -> str:
        return money(customer.currency, amount)

    facts: Facts = [("Balance", "not available" if customer.balance is None else show(customer.balance))]
    if customer.balance is not None and customer.balance < 0:
        facts[0] = ("Balance", f"{show(customer.balance)} (in credit)")
    facts.append(("Credit limit", _limit(customer)))
    if shown.lateness is not None:
        facts.append(("Overdue", overdue_words(shown.lateness, customer.currency)))
        if shown.lateness.warnings:
            facts.append(("Early warning", warning_words(shown.lateness.warnings)))
    if customer.headroom is not None:
        facts.append(("Headroom", f"{show(customer.headroom)} _(limit less balance less orders)_"))
    if customer.open_orders is not None:
        facts.append(("Open orders", orders(customer.currency, customer.open_orders)))
    if customer.average_days_to_pay:
        facts.append(("Average time to pay", f"{customer.average_days_to_pay:,} days"))
    if customer.base_balance is not None and customer.currency.iso not in {"", "GBP"}:
        facts.append(("Balance in base currency", money(Currency(), customer.base_balance)))
    return facts


def _limit(customer: Customer) -> str:
    if customer.credit_limit is None:
        return "not available"
    if not customer.has_limit:
        return "no limit set"
    limit = money(customer.currency, customer.credit_limit)
    used = percent_shown(customer.percent_used)
    return limit if used is None else f"{limit} ({used:,}% used)"


def _details(shown: CustomerCard) -> Facts:
    customer = shown.customer
    terms = customer.payment_terms or (f"{customer.payment_terms_days} days" if customer.payment_terms_days else "")
    contact = " · ".join(
        part for part in (customer.contact_name, customer.contact_telephone, customer.contact_email) if part
    )
    facts = [
        *((_label(shown, slot), value) for slot, value in sorted(customer.analysis.items())),
        ("Payment terms", terms),
        ("Credit position", customer.credit_position),
        ("Contact", contact),
        ("Address", " ".join(part for part in (customer.town, customer.postcode) if part)),
        ("Last transaction", day(customer.last_transaction) if customer.last_transaction else ""),
        ("Next credit review", day(customer.next_credit_review) if customer.next_credit_review else ""),
        ("Payment promised", "yes" if customer.promised_payment else ""),
        ("Account", "hidden in Sage 200" if customer.hidden else ""),
    ]
    shown_facts = ((plain(label, most=40), plain(value, most=110)) for label, value in facts)
    # Slack refuses the whole message for one empty text, and Sage stores blanks and controls as typed.
    return [(label, value) for label, value in shown_facts if value]


def _label(shown: CustomerCard, slot: int) -> str:
    return plain(shown.labels.get(slot, "")) or f"Analysis code {slot}"


def _rich(facts: Iterable[tuple[str, str]]) -> Block:
    """Return `Label value` lines as rich text, which Slack doesn't parse."""
    parts = []
    for number, (label, value) in enumerate(facts):
        lead = "\n" if number else ""
        parts.append(rich_text_words(f"{lead}{label}  ", bold=True))
        parts.append(rich_text_words(value))
    return rich_text_block(rich_text_section(parts))


def several(found: SeveralCustomers) -> Message:
    """Return a menu of the customers that match; the text lists them for typing."""
    count = f"more than {len(found.names)}" if found.more else str(len(found.names))
    opening = f"{count.capitalize()} customers in {escaped(found.company_name)} match “{escaped(found.words)}”."
    advice = "Only the first are listed: add a word to narrow it down." if found.more else "Which one?"
    return _menu(f"{opening} {advice}", found.names, found.source)


def nobody(found: NoCustomer) -> Message:
    """Return that nothing matches, with a menu of the nearest names if there are any."""
    opening = f"No customer in {escaped(found.company_name)} matches “{escaped(found.words)}”."
    if found.elsewhere:
        there = [
            f"It is in {escaped(each.name)}: `/sage company {each.number}` changes to it." for each in found.elsewhere
        ]
        return note(joined([opening, *there]), _other_companies(found.elsewhere))
    if not found.nearest:
        hint = "Check the spelling, or try the account reference, part of the name or the postcode."
        below = [sources.customer_line(found.source)] if found.source else []
        return Message(joined([f"{opening} {hint}", *below]), (section(f"{opening} {hint}"), *map(aside, below)))
    return _menu(f"{opening} Did you mean one of these?", found.nearest, found.source)


def other_companies(shown: CustomerCard) -> list[Block]:
    """Return which other companies have the reference, with their menu; nothing if none has."""
    also = _also(shown)
    return [section(also), _other_companies(shown.elsewhere)] if also else []


def and_elsewhere(message: Message, shown: CustomerCard) -> Message:
    """Return an answer about a customer, with the other companies that have the reference."""
    blocks = other_companies(shown)
    return Message(joined([message.text, _also(shown)]), (*message.blocks, *blocks)) if blocks else message


def _other_companies(others: Sequence[OtherCompany]) -> Block:
    """Return the menu of the companies that have the reference too."""
    options = [
        option_object(plain(each.name, most=40) or "(no name)", f"{each.key} {each.reference[:20]}") for each in others
    ]
    return buttons(static_select(PICK_ELSEWHERE, placeholder="Show it in another company", options=options))


def _also(shown: CustomerCard) -> str:
    """Return which other companies have the reference; empty for none."""
    names = [escaped(each.name, most=30) for each in shown.elsewhere]
    if not names:
        return ""
    have = f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'}"
    reference = escaped(shown.customer.reference, most=20)
    return f"This is {reference} in {escaped(shown.company_name, most=30)}. {have} an account {reference} too."


def picked_elsewhere(selected: str) -> tuple[str, str]:
    """Return (company key, reference) of the menu's option; blanks for what isn't one of ours."""
    key, _, reference = selected.partition(" ")
    return (key, reference) if key and reference else ("", "")


def of_other_company(message: Message, using: str) -> Message:
    """Return an answer of a company that isn't in use, with the one that is."""
    shown = f"You are using {escaped(using, most=80)}; `/sage company` changes that."
    return Message(joined([message.text, shown]), (*message.blocks, aside(shown)))


def without_buttons(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks without what can be pressed."""
    kept = (block for block in blocks if block["type"] != "actions")
    return [{name: value for name, value in block.items() if name != "accessory"} for block in kept]


def _menu(opening: str, names: tuple[CustomerName, ...], source: Source | None) -> Message:
    key = source.company_key if source is not None else ""
    menu = static_select(PICK_CUSTOMER, placeholder="Pick a customer", options=[_option(name, key) for name in names])
    listed = [f"{escaped(name.reference)} {escaped(name.name, most=60)}" for name in names]
    below = [sources.customer_line(source)] if source else []
    return Message(
        joined([opening, *below, *listed, f"Pick one, or type `{CUSTOMER}` and its reference."]),
        (section(opening), *map(aside, below), buttons(menu)),
    )


def _option(name: CustomerName, company_key: str) -> Option:
    where = plain(name.postcode or name.short_name, most=75)
    value = with_key(company_key, name.id)
    return option_object(plain(f"{name.reference} · {name.name}", most=75), value, description=where)
