"""The rule for "can I take this order?": a verdict, every reason for it, and the arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from bot.command_names import CUSTOMER, named
from bot.domain.customer import Customer
from bot.domain.debt.lateness import NOT_ASKED, Lateness
from bot.domain.money import Currency
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Policy

_MOST = Decimal(10) ** 12
_PENNY = Decimal("0.01")
_SIGNS = {"£": "GBP", "€": "EUR"}
# Not `money.read_amount`: an order may name its currency on either side, in letters too, and is told what is wrong.
_AMOUNT = re.compile(
    r"(?P<before>[£€$]|[A-Z]{3}(?![A-Z]))?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<times>[km])?"
    r"\s*(?P<after>[£€$]|(?<![A-Z])[A-Z]{3})?",
    re.IGNORECASE | re.ASCII,
)
_USUAL = Policy()
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}
_HINT = "Write the order's value with VAT, such as `{customer} ABS001 order 1500`, `£1,500.00` or `1.5k`."


class OrderVerdict(StrEnum):
    """What to do with the order."""

    GO = "go"
    ASK = "ask"
    STOP = "stop"


class OrderReason(StrEnum):
    """A reason for the verdict."""

    ON_HOLD = "the account is on hold"
    OVER = "the account is over its credit limit already"
    LATE_STOP = "debt is overdue for as long as the workspace's policy stops orders at"
    LATE_PROMISED = "debt is overdue for that long, and all of it is promised"
    BROKEN = "debt is overdue, and a promise to pay was broken"
    HIDDEN = "the account is hidden in Sage 200"
    UNKNOWN = "a figure that it takes is not known"
    NO_LIMIT = "no credit limit is set"
    BEYOND = "the order would go beyond the credit limit"
    DEBT_UNKNOWN = "what is overdue isn't known"
    DEBT_UNSURE = "what is overdue isn't sure"
    UNDATED = "debt has no due date"
    LATE = "debt is overdue"
    COPIED = "the figures are saved ones"
    WITHIN = "the order fits within the headroom"


@dataclass(frozen=True, slots=True)
class Amount:
    """An order's value. `currency` is an ISO code, `$`, or empty if none was typed."""

    value: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """The verdict on one order, its reasons, the weightiest first, and the late debt that counted.

    `limit` and both headrooms are None if no limit is set or known.
    """

    decision: OrderVerdict
    reasons: tuple[OrderReason, ...]
    currency: Currency
    order: Decimal
    limit: Decimal | None
    balance: Decimal | None
    open_orders: Decimal | None
    headroom: Decimal | None
    after: Decimal | None
    lateness: Lateness = NOT_ASKED

    @property
    def why(self) -> OrderReason:
        """Return the reason that counts most."""
        return self.reasons[0]


def amount(text: str) -> Amount:
    """Return the amount in `1500`, `£1,500`, `1.5k` or `EUR 1500.00`. Raises BadQuestion for any other, and for 0."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        raise BadQuestion("That isn't an amount.", typed=text, hint=named(_HINT))
    try:
        value = Decimal(found["number"].replace(",", "")) * _TIMES[(found["times"] or "").lower()]
        pennies = value.quantize(_PENNY)
    except InvalidOperation:
        raise BadQuestion("No order is that large.", typed=text, hint=named(_HINT)) from None
    if value != pennies:
        raise BadQuestion("An amount has two decimal places at most.", typed=text, hint=named(_HINT))
    if not 0 < value < _MOST:
        raise BadQuestion(
            "An order has to be worth more than nothing." if value <= 0 else "No order is that large.",
            hint=named(_HINT),
        )
    sign = (found["before"] or found["after"] or "").upper()
    return Amount(pennies, _SIGNS.get(sign, sign))


def no_amount(reference: str) -> BadQuestion:
    """Return what to say where an order's value is missing and no form can ask for one."""
    return BadQuestion("How much is the order?", hint=f"Type `{CUSTOMER} {reference[:20]} order 1500`.")


def looks_like_amount(text: str) -> bool:
    """Return whether an amount was meant, right or wrong: the first word has a digit or is a currency."""
    first = text.split(maxsplit=1)[:1]
    return bool(first) and (
        any(sign.isdigit() for sign in first[0]) or first[0].upper() in {"£", "€", "$", "GBP", "EUR"}
    )


def check_order(
    customer: Customer,
    asked: Amount,
    *,
    is_copy: bool = False,
    lateness: Lateness = NOT_ASKED,
    policy: Policy = _USUAL,
) -> OrderCheck:
    """Return the verdict for this customer. Raises BadQuestion if the amount is in another currency.

    The worst of the reasons decides, and every reason is named.
    """
    _require_currency(customer.currency, asked)
    if policy.disputes_count and lateness.debt is not None:
        lateness = replace(lateness, debt=lateness.debt.counting_disputes())
    limit = customer.credit_limit if customer.has_limit else None
    # An unknown open order value is not taken as 0 here, as the card's headroom does.
    headroom = None if customer.open_orders is None else customer.headroom
    found = [*_by_account(customer), *_by_room(customer, asked.value, headroom)]
    found += _by_lateness(lateness, policy)
    found += [(OrderVerdict.ASK, OrderReason.COPIED)] if is_copy else []
    found.sort(key=lambda each: (_WORST.index(each[0]), _RANK[each[1]]))
    decision = found[0][0] if found else OrderVerdict.GO
    reasons = tuple(reason for _, reason in found) or (OrderReason.WITHIN,)
    after = None if headroom is None else headroom - asked.value
    figures = (limit, customer.balance, customer.open_orders, headroom, after)
    return OrderCheck(decision, reasons, customer.currency, asked.value, *figures, lateness=lateness)


_WORST = (OrderVerdict.STOP, OrderVerdict.ASK, OrderVerdict.GO)
_RANK = {reason: place for place, reason in enumerate(OrderReason)}
_Reasons = list[tuple[OrderVerdict, OrderReason]]


def _by_account(customer: Customer) -> _Reasons:
    # Sage 200 refuses orders of an account on hold, and puts orders of an account over its limit on hold itself.
    rules = (
        (customer.on_hold, OrderVerdict.STOP, OrderReason.ON_HOLD),
        (customer.over_limit, OrderVerdict.STOP, OrderReason.OVER),
        (customer.hidden, OrderVerdict.ASK, OrderReason.HIDDEN),
    )
    return [(decision, why) for holds, decision, why in rules if holds]


def _by_room(customer: Customer, order: Decimal, room: Decimal | None) -> _Reasons:
    if customer.credit_limit == 0:
        return [(OrderVerdict.ASK, OrderReason.NO_LIMIT)]
    if room is None:
        return [(OrderVerdict.ASK, OrderReason.UNKNOWN)]
    return [(OrderVerdict.ASK, OrderReason.BEYOND)] if order > room and not customer.over_limit else []


def _by_lateness(lateness: Lateness, policy: Policy) -> _Reasons:
    debt = lateness.debt
    if debt is None:
        return [(OrderVerdict.ASK, OrderReason.DEBT_UNKNOWN)]
    found: _Reasons = []
    stop, is_much = policy.overdue_stop_days, 0 < debt.overdue >= policy.overdue_least
    if is_much and stop is not None and debt.oldest_days >= stop:
        is_promised = lateness.promised >= debt.overdue
        found.append(
            (OrderVerdict.ASK, OrderReason.LATE_PROMISED) if is_promised else (OrderVerdict.STOP, OrderReason.LATE_STOP)
        )
    elif is_much and debt.oldest_days >= policy.overdue_ask_days:
        found.append((OrderVerdict.ASK, OrderReason.LATE))
    if is_much and lateness.broken_since is not None:
        found.append((OrderVerdict.ASK, OrderReason.BROKEN))
    if lateness.why is not None:
        found.append((OrderVerdict.ASK, OrderReason.DEBT_UNSURE))
    if 0 < debt.undated >= policy.overdue_least:
        found.append((OrderVerdict.ASK, OrderReason.UNDATED))
    return found


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
