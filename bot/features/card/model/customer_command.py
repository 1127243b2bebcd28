"""The parser of `/customer REF WORD …`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.text.folding import folded
from bot.features.card.model.order_check import looks_like_amount
from bot.features.customers.model.lookup import LONGEST_REFERENCE


class CustomerWord(StrEnum):
    """A word that may follow a customer."""

    ORDER = "order"
    HOLD = "hold"
    RELEASE = "release"
    REQUEST_RELEASE = "request-release"
    REQUEST_LIMIT = "request-limit"
    REQUEST_ORDER = "request-order"
    PROMISE = "promise"
    DISPUTE = "dispute"
    RESOLVE = "resolve"
    NOTE = "note"
    HISTORY = "history"
    WATCH = "watch"
    UNWATCH = "unwatch"
    SNOOZE = "snooze"


@dataclass(frozen=True, slots=True)
class CustomerCommand:
    """The parsed words after `/customer`. Without a `word`, all of them are a look-up.

    `subject` and `rest` are then the first word and the others, for an account of which something unknown is asked.
    `is_sure`: nothing else can be meant. Otherwise `subject` must be an account's exact reference, or `whole` is looked
    up as a name: there are companies called Night Watch and House Hold Goods. `or_else` is what was typed if `subject`
    is no reference: an order of House Hold. `is_quoted`: `subject` stood in quotation marks and may be a whole name.
    """

    whole: str
    subject: str = ""
    word: CustomerWord | None = None
    rest: str = ""
    is_sure: bool = False
    is_quoted: bool = False
    or_else: CustomerCommand | None = None


@dataclass(frozen=True, slots=True)
class _Form:
    """Whether words may follow a word. They are optional: a user who forgot them is shown a form."""

    takes_rest: bool


_FORMS: dict[CustomerWord, _Form] = {
    CustomerWord.ORDER: _Form(takes_rest=True),
    CustomerWord.HOLD: _Form(takes_rest=True),
    CustomerWord.RELEASE: _Form(takes_rest=True),
    CustomerWord.REQUEST_RELEASE: _Form(takes_rest=True),
    CustomerWord.REQUEST_LIMIT: _Form(takes_rest=True),
    CustomerWord.REQUEST_ORDER: _Form(takes_rest=True),
    CustomerWord.PROMISE: _Form(takes_rest=True),
    CustomerWord.DISPUTE: _Form(takes_rest=True),
    CustomerWord.RESOLVE: _Form(takes_rest=True),
    CustomerWord.NOTE: _Form(takes_rest=True),
    CustomerWord.HISTORY: _Form(takes_rest=False),
    CustomerWord.WATCH: _Form(takes_rest=False),
    CustomerWord.UNWATCH: _Form(takes_rest=False),
    CustomerWord.SNOOZE: _Form(takes_rest=True),
}
# An order's subject may be a name of several words: the amount removes all doubt.
_ORDER = re.compile(r"(?P<subject>\S.*?)\s+order\s+(?P<rest>\S.*)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?P<subject>[^"]+)"(?: (?P<after>.*))?')


def parse_customer_command(text: str) -> CustomerCommand:
    """Return the parsed command. Never fails: anything else is a look-up."""
    whole = folded(text)
    quoted = _QUOTED.fullmatch(whole)
    order = _order(whole)
    subject, _, after = whole.partition(" ")
    if quoted is not None:
        subject, after = quoted["subject"], quoted["after"] or ""
        is_of_it = order is not None and order.subject == f'"{subject}"'
        order = replace(order, subject=subject) if order is not None and is_of_it else None
    if not after or (len(subject) > LONGEST_REFERENCE and quoted is None):
        return order or CustomerCommand(whole)
    typed, _, rest = after.partition(" ")
    word = _word(typed)
    form = _FORMS.get(word) if word is not None else None
    if form is None or (rest and not form.takes_rest):
        return order or CustomerCommand(whole, subject, rest=after)
    if order is not None and word is CustomerWord.ORDER:
        return order
    # A reason may speak of an order: `ABS001 hold Order 1500 not paid`.
    return CustomerCommand(whole, subject, word, rest, is_quoted=quoted is not None, or_else=order)


def customer_left_out(whole: str) -> CustomerWord | None:
    """Return the word that stands first, where the customer belongs: `order 1500 ABS001`; None for any other."""
    return _word(folded(whole).partition(" ")[0])


def _order(whole: str) -> CustomerCommand | None:
    """Return the command for an order of an amount, of the customer named before it; None for any other text."""
    order = _ORDER.fullmatch(whole)
    if order is None or not looks_like_amount(order["rest"]):
        return None
    return CustomerCommand(whole, order["subject"], CustomerWord.ORDER, order["rest"], is_sure=True)


def _word(typed: str) -> CustomerWord | None:
    spelled = typed.casefold()
    return CustomerWord(spelled) if spelled in set(CustomerWord) else None
