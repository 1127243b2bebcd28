"""The rule for "can I take this order?": a verdict and its arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from bot.domain.customer import Customer
from bot.domain.money import Currency
from bot.errors import BadQuestion

_MOST = Decimal(10) ** 12
_PENNY = Decimal("0.01")
_SIGNS = {"£": "GBP", "€": "EUR"}
# Not `money.read_amount`: an order may name its currency on either side, in letters too, and is told what is wrong.
_AMOUNT = re.compile(
    r"(?P<before>[£€$]|[A-Z]{3}(?![A-Z]))?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<times>[km])?"
    r"\s*(?P<after>[£€$]|(?<![A-Z])[A-Z]{3})?",
    re.IGNORECASE | re.ASCII,
)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
_HINT = "Write the order's value with its VAT, as in `/customer ABS001 order 1500`, `£1,500.00` or `1.5k`."


class OrderVerdict(StrEnum):
    """What to do with the order."""

    GO = "go"
    ASK = "ask"
    STOP = "stop"


class OrderReason(StrEnum):
    """The reason for the verdict that counts most."""

    ON_HOLD = "the account is on hold"
    OVER = "the account is over its credit limit already"
    HIDDEN = "the account is hidden in Sage 200"
    UNKNOWN = "a figure that it takes is not known"
    NO_LIMIT = "no credit limit is set"
    BEYOND = "the order would go beyond the credit limit"
    COPIED = "the figures are a copy"
    WITHIN = "the order fits within the headroom"


@dataclass(frozen=True, slots=True)
class Amount:
    """An order's value. `currency` is an ISO code, `$`, or empty if none was typed."""

    value: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """The verdict on one order. `limit` and both headrooms are None if no limit is set or known."""

    decision: OrderVerdict
    why: OrderReason
    currency: Currency
    order: Decimal
    limit: Decimal | None
    balance: Decimal | None
    open_orders: Decimal | None
    headroom: Decimal | None
    after: Decimal | None


def amount(text: str) -> Amount:
    """Return the amount in `1500`, `£1,500`, `1.5k` or `EUR 1500.00`. Raises BadQuestion for any other, and for 0."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        raise BadQuestion("I can't read that as an amount.", typed=text, hint=_HINT)
    try:
        value = Decimal(found["number"].replace(",", "")) * _TIMES[(found["times"] or "").lower()]
        pennies = value.quantize(_PENNY)
    except InvalidOperation:
        raise BadQuestion("No order is that large.", typed=text, hint=_HINT) from None
    if value != pennies:
        raise BadQuestion("An amount has two decimal places at most.", typed=text, hint=_HINT)
    if not 0 < value < _MOST:
        raise BadQuestion(
            "An order is worth more than nothing." if value <= 0 else "No order is that large.", hint=_HINT
        )
    sign = (found["before"] or found["after"] or "").upper()
    return Amount(pennies, _SIGNS.get(sign, sign))


def looks_like_amount(text: str) -> bool:
    """Return whether an amount was meant, right or wrong: the first word has a digit or is a currency."""
    first = text.split(maxsplit=1)[:1]
    return bool(first) and (
        any(sign.isdigit() for sign in first[0]) or first[0].upper() in {"£", "€", "$", "GBP", "EUR"}
    )


def check_order(customer: Customer, asked: Amount, *, is_copy: bool = False) -> OrderCheck:
    """Return the verdict for this customer. Raises BadQuestion if the amount is in another currency."""
    _require_currency(customer.currency, asked)
    limit = customer.credit_limit if customer.has_limit else None
    decision, why = _verdict(customer, asked.value)
    if is_copy and decision is OrderVerdict.GO:
        decision, why = OrderVerdict.ASK, OrderReason.COPIED
    # An unknown open order value is not taken as 0 here, as the card's headroom does.
    headroom = None if customer.open_orders is None else customer.headroom
    after = None if headroom is None else headroom - asked.value
    figures = (limit, customer.balance, customer.open_orders, headroom, after)
    return OrderCheck(decision, why, customer.currency, asked.value, *figures)


def _verdict(customer: Customer, order: Decimal) -> tuple[OrderVerdict, OrderReason]:
    """Return the verdict and reason of the first rule that holds."""
    # Sage 200 refuses orders of an account on hold, and puts orders of an account over its limit on hold itself.
    room = None if customer.open_orders is None else customer.headroom
    rules = (
        (customer.on_hold, OrderVerdict.STOP, OrderReason.ON_HOLD),
        (customer.over_limit, OrderVerdict.STOP, OrderReason.OVER),
        (customer.hidden, OrderVerdict.ASK, OrderReason.HIDDEN),
        (customer.credit_limit == 0, OrderVerdict.ASK, OrderReason.NO_LIMIT),
        (room is None, OrderVerdict.ASK, OrderReason.UNKNOWN),
        (room is not None and order > room, OrderVerdict.ASK, OrderReason.BEYOND),
    )
    return next(((decision, why) for holds, decision, why in rules if holds), (OrderVerdict.GO, OrderReason.WITHIN))


def _require_currency(currency: Currency, asked: Amount) -> None:
    if not asked.currency or not (currency.iso or currency.symbol):
        return
    if asked.currency in {currency.iso, currency.symbol}:
        return
    if asked.currency == "$" and (currency.iso.endswith("D") or "$" in currency.symbol):
        return
    raise BadQuestion(
        "That customer's account is in another currency.",
        typed=asked.currency,
        offered=[currency.iso or currency.symbol],
        hint="Leave the currency out: the amount is then in the customer's own.",
    )
