"""`/customer REF WORD …` taken apart, for every word that may come after a customer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.parsing import folded
from bot.features.card.model.order_check import looks_like_amount
from bot.features.customers.model.lookup import LONGEST_REFERENCE


class CustomerWord(StrEnum):
    """What may be asked or done of one customer."""

    ORDER = "order"
    HOLD = "hold"
    RELEASE = "release"
    REQUEST_RELEASE = "request-release"
    WATCH = "watch"
    UNWATCH = "unwatch"


@dataclass(frozen=True, slots=True)
class CustomerCommand:
    """Words behind `/customer`. Without a `word`, all of it is a look-up.

    `is_sure`: the words can mean nothing else. Where they are not sure, `subject` must be an account's reference, or
    the `whole` is a name after all: there are companies called Night Watch and House Hold Goods.
    """

    whole: str
    subject: str = ""
    word: CustomerWord | None = None
    rest: str = ""
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """How a word is written: whether words may follow it. Whoever forgot the reason is asked for it."""

    takes_rest: bool


_FORMS: dict[CustomerWord, _Form] = {
    CustomerWord.HOLD: _Form(takes_rest=True),
    CustomerWord.RELEASE: _Form(takes_rest=True),
    CustomerWord.REQUEST_RELEASE: _Form(takes_rest=True),
    CustomerWord.WATCH: _Form(takes_rest=False),
    CustomerWord.UNWATCH: _Form(takes_rest=False),
}
# The subject of an order may be a name of several words, for the amount ends all doubt.
_ORDER = re.compile(r"(?P<subject>\S.*?)\s+order\s+(?P<rest>\S.*)", re.IGNORECASE)
# Phones and word processors turn the hyphen into other dashes.
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def parse_customer_command(text: str) -> CustomerCommand:
    """Never fails: what is no such form is a look-up."""
    whole = folded(text)
    order = _ORDER.fullmatch(whole)
    if order is not None and looks_like_amount(order["rest"]):
        return CustomerCommand(whole, order["subject"], CustomerWord.ORDER, order["rest"], is_sure=True)
    subject, _, after = whole.partition(" ")
    typed, _, rest = after.partition(" ")
    word = _word(typed)
    form = _FORMS.get(word) if word is not None else None
    if form is None or len(subject) > LONGEST_REFERENCE or (rest and not form.takes_rest):
        return CustomerCommand(whole)
    return CustomerCommand(whole, subject, word, rest)


def _word(typed: str) -> CustomerWord | None:
    spelled = _DASHES.sub("-", typed).casefold()
    return CustomerWord(spelled) if spelled in set(CustomerWord) else None
