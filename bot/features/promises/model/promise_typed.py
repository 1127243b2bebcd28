"""What is typed after `/customer REF promise`, `dispute`, `resolve` and `note`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bot.command_names import CUSTOMER
from bot.domain.customer import Customer
from bot.domain.debt.debts import NOTHING, Debt
from bot.domain.money import Currency
from bot.errors import BadQuestion
from bot.features.card.model import order_check
from bot.features.promises.model.day_typed import NoSuchDay, day_typed

LONGEST = 200
"""Characters of a reason, a note, and of who promised."""
_LONGEST_AHEAD = timedelta(days=366)
_BY = re.compile(r"(?:^|\s)(?:by|on|for|before)(?:\s+|$)", re.IGNORECASE)
_SAID_BY = re.compile(r"^(?:by|from|says|said)\s+|\s+(?:says|said|promised)$", re.IGNORECASE)
_LINKS = {"by", "on", "for", "before", "of"}
_MOST_OF_AMOUNT, _MOST_OF_DAY, _MOST_IN_ORDER = 3, 5, 40  # words
_OFF = {"off", "withdraw", "withdrawn", "cancel", "none"}
_SIGNS = {"GBP": "£", "EUR": "€"}


@dataclass(frozen=True, slots=True)
class PromiseTyped:
    """An amount in the account's currency, the day, and the customer's person who promised it, if named."""

    amount: Decimal
    due: date
    said_by: str = ""


@dataclass(frozen=True, slots=True)
class DisputeTyped:
    """A document as it was typed, and the reason; empty to accept what was raised, or to resolve."""

    document: str
    reason: str = ""


def is_withdrawal(typed: str) -> bool:
    """Return whether the words take a promise back: `off`."""
    return typed.strip().casefold() in _OFF


def parse_promise(typed: str, customer: Customer, today: date) -> PromiseTyped:
    """Parse `500 by Friday Jane`, in any order. Raises BadQuestion, with the command as it would be right."""
    typed = _in_order(typed.split(), today) or typed
    found = _BY.search(typed)
    if found is not None:
        before, words = typed[: found.start()].strip(), typed[found.end() :].split()
    else:
        before, *words = typed.split() or [""]
    hint = _hint(customer, before if _is_amount(before) else "", " ".join(words) if _names_day(words, today) else "")
    if not before or not any(sign.isdigit() for sign in before):
        raise BadQuestion("Say how much was promised, and by when.", typed=before, hint=hint)
    if not words:
        raise BadQuestion("Say by which day it was promised.", hint=hint)
    return checked(_amount(before, customer, " ".join(words)), words, customer, today)


def _in_order(words: list[str], today: date) -> str:
    """Return the words as `AMOUNT by DAY WHO`; empty where they aren't one amount and a day, and who said so."""
    if len(words) > _MOST_IN_ORDER:
        return ""
    linked = [place for place in range(1, len(words)) if words[place - 1].casefold() in _LINKS]
    for begin in [*linked, *range(len(words))]:
        for end in range(min(begin + _MOST_OF_DAY, len(words)), begin, -1):
            day = words[begin:end]
            if not _names_day(day, today, whole=True):
                continue
            before = words[: begin - 1] if begin in linked else words[:begin]
            found = _amount_among(before, words[end:])
            if found is not None:
                amount, who = found
                return " ".join([*amount, "by", *day, *who])
            if day[-1].isdigit() and len(day[-1]) == len("2026") and abs(int(day[-1]) - today.year) <= 1:
                break  # the year of the day is no amount
    return ""


def _amount_among(before: list[str], after: list[str]) -> tuple[list[str], list[str]] | None:
    """Return the words of the one amount before or after the day, and the others; None if there is none, or two."""
    for words, others in ((before, after), (after, before)):
        for count in range(min(_MOST_OF_AMOUNT, len(words)), 0, -1):
            for begin in range(len(words) - count + 1):
                amount = words[begin : begin + count]
                # "for 500" would else be an amount in the currency FOR.
                if amount[0].casefold() in _LINKS or not _is_amount(" ".join(amount)):
                    continue
                first = words[:begin]
                if first and first[-1].casefold() in _LINKS:
                    del first[-1]
                rest = [*first, *words[begin + count :]]
                who = [*rest, *others] if words is before else [*others, *rest]
                return None if any(map(_is_amount, who)) else (amount, who)
    return None


def _names_day(words: list[str], today: date, *, whole: bool = False) -> bool:
    """Return whether the words begin with a day, or are one as a `whole`."""
    try:
        found = day_typed(words, today)
    except NoSuchDay:
        return False
    return found is not None and (not whole or found[1] == len(words))


def checked(amount: Decimal, words: list[str], customer: Customer, today: date) -> PromiseTyped:
    """Return the promise of an amount by the day that the first words name. Raises BadQuestion as `parse_promise`."""
    shown = _plain(amount)
    right = _hint(customer, shown, "")
    try:
        found = day_typed(words, today)
    except NoSuchDay:
        raise BadQuestion("There is no such day.", typed=" ".join(words), hint=right) from None
    if found is None:
        raise BadQuestion("That isn't a day.", typed=" ".join(words), hint=right)
    due, count = found
    if due < today:
        raise BadQuestion(f"{due.day} {due:%B %Y} is past.", typed=" ".join(words[:count]), hint=right)
    if due > today + _LONGEST_AHEAD:
        raise BadQuestion("That is more than a year away.", typed=" ".join(words[:count]), hint=right)
    return PromiseTyped(
        amount, due, _bounded(_SAID_BY.sub("", " ".join(words[count:])).strip(" ,;()"), "who promised it")
    )


def refuse_beyond(typed: PromiseTyped, customer: Customer, debt: Debt | None) -> None:
    """Raise BadQuestion where more is promised than the customer owes; nothing is refused where that isn't known."""
    if customer.balance is None:
        return
    # Whoever pays all their invoices pays more than the balance while credit isn't allocated.
    owed = max(customer.balance, NOTHING) + (debt.pool if debt is not None else NOTHING)
    if typed.amount > owed:
        show = customer.currency.show
        raise BadQuestion(
            f"That is more than is owed: {show(owed)}. Nothing was noted.",
            typed=show(typed.amount),
            hint=_hint(customer, _plain(owed), f"{typed.due.day} {typed.due:%B}") if owed else "",
        )


def checked_amount(typed: str, today: date) -> None:
    """Raise BadQuestion unless an amount was typed."""
    try:
        order_check.amount(typed)
    except BadQuestion:
        raise BadQuestion("Write an amount, such as 500 or £1,200.50.", typed=typed, hint="") from None


def checked_day(typed: str, today: date) -> None:
    """Raise BadQuestion unless the day is today or later, and at most a year away."""
    try:
        due = date.fromisoformat(typed)
    except ValueError:
        raise BadQuestion("Pick a day.", typed=typed, hint="") from None
    if due < today:
        raise BadQuestion("That day is past.", typed=typed, hint="")
    if due > today + _LONGEST_AHEAD:
        raise BadQuestion("That is more than a year away.", typed=typed, hint="")


def parse_dispute(typed: str, customer: Customer, *, word: str = "dispute") -> DisputeTyped:
    """Parse `INV12 wrong price`; the reason may be left out. Raises BadQuestion."""
    document, _, reason = typed.strip().partition(" ")
    document = document.lstrip("#").strip(" ,;:")
    if not document:
        right = f"Type `{CUSTOMER} {customer.reference} {word} INV12{' REASON' if word == 'dispute' else ''}`."
        raise BadQuestion("Say which invoice, by its number.", hint=right)
    return DisputeTyped(document, _bounded(reason, "the reason"))


def reason_of(typed: DisputeTyped, customer: Customer) -> str:
    """Return the reason. Raises BadQuestion without one."""
    if not typed.reason:
        right = f"Type `{CUSTOMER} {customer.reference} dispute {typed.document} REASON`."
        raise BadQuestion("Say why it is in dispute.", hint=right)
    return typed.reason


def note_from(typed: str, customer: Customer) -> str:
    """Return a note as one line. Raises BadQuestion if it is empty or too long."""
    words = _bounded(typed, "a note")
    if not words:
        raise BadQuestion("Say what to note.", hint=f"Type `{CUSTOMER} {customer.reference} note TEXT`.")
    return words


def _bounded(text: str, what: str) -> str:
    seen = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in text)
    line = " ".join(seen.split())
    if len(line) > LONGEST:
        raise BadQuestion(
            f"That is too long: {what} may have {LONGEST} characters.", hint="Shorten it and send it again."
        )
    return line


def _amount(typed: str, customer: Customer, when: str) -> Decimal:
    try:
        asked = order_check.amount(typed)
    except BadQuestion as error:
        if "more than nothing" in error.message:
            raise BadQuestion("A promise has to be for more than nothing.", hint=_hint(customer, "", when)) from None
        if "large" in error.message:
            raise BadQuestion("That is too large for a promise.", typed=typed, hint=_hint(customer, "", when)) from None
        raise BadQuestion(error.message, typed=typed, hint=_hint(customer, "", when)) from None
    if asked.currency and not is_of(customer.currency, asked.currency):
        raise BadQuestion(
            f"The account is kept in {customer.currency.iso or 'another currency'}.",
            typed=typed,
            hint=_hint(customer, _plain(asked.value), when),
        )
    return asked.value


def is_of(currency: Currency, typed: str) -> bool:
    """Return whether a currency that was typed is the account's."""
    known = {currency.iso, currency.symbol} - {""}
    if not known or typed in known or _SIGNS.get(currency.iso) == typed:
        return True
    return typed == "$" and (currency.iso.endswith("D") or "$" in currency.symbol)


def _is_amount(typed: str) -> bool:
    try:
        order_check.amount(typed)
    except BadQuestion:
        return False
    return True


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}".removesuffix(".00")


def _hint(customer: Customer, amount: str, when: str) -> str:
    day = when if 0 < len(when) <= 40 else "Friday"
    return f"Type `{CUSTOMER} {customer.reference} promise {amount or '500'} by {day}`."
