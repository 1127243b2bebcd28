"""The filter of a subscription or a list: which customers it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bot.domain.changes import Snapshot
from bot.domain.filters.analysis_codes import typeable
from bot.domain.money import STERLING, Currency
from bot.domain.text.folding import same
from bot.domain.text.parsing import quoted

# Words with a meaning of their own in a typed filter: an analysis code of such a name is typed in quotation marks.
JOINERS = {"and", "or", "not"}
MINE = {"mine", "my", "only"}
MINIMUM = {"min", "minimum", "balance"}
CURRENCY = {"currency", "currencies"}
CUSTOMERS = {"customer", "customers", "name", "names", "reference", "references", "account", "accounts"}
NEXT = JOINERS | MINE
RESERVED = NEXT | MINIMUM | CURRENCY | CUSTOMERS


@dataclass(frozen=True, slots=True)
class Codes:
    """One analysis code and its values: the customer's is one of them or, `negated`, none of them."""

    slot: int
    values: tuple[str, ...]
    negated: bool = False

    def fit(self, analysis: Mapping[int, str]) -> bool:
        """Return whether a customer's analysis codes satisfy this condition; a blank value is no value."""
        return (same(analysis.get(self.slot, "")) in keys_of(self.values)) is not self.negated


# A handful of people's own codes are asked about, thousands of times.
@lru_cache(maxsize=1_000)
def keys_of(values: tuple[str, ...]) -> frozenset[str]:
    """Return the values as they are compared: folded, in lower case."""
    return frozenset(map(same, values))


@dataclass(frozen=True, slots=True)
class Filter:
    """Everything named must hold; of the analysis codes only one need, when `either`. Empty fits every customer.

    `minimum_balance` is in each customer's own currency, never converted. `customers` are whole references or
    names. `mine` are the analysis codes that belong to a person, any one of which will do: None asks nothing,
    while an empty one fits nobody, so that a rep without codes is never shown a colleague's customers.
    """

    codes: tuple[Codes, ...] = ()
    either: bool = False
    minimum_balance: Decimal | None = None
    currencies: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    mine: tuple[Codes, ...] | None = None


EVERYONE = Filter()


def codes_from(kept: Mapping[int, tuple[str, ...]]) -> tuple[Codes, ...]:
    """Return the stored analysis codes of a user: the values of each slot."""
    return tuple(Codes(slot, values) for slot, values in sorted(kept.items()))


class Matcher:
    """A filter prepared for testing many customers: its values are folded once."""

    __slots__ = ("_codes", "_currencies", "_either", "_least", "_mine", "_named")

    def __init__(self, chosen: Filter) -> None:
        self._codes = [_Compiled(codes) for codes in chosen.codes]
        self._either = chosen.either
        self._mine = None if chosen.mine is None else [_Compiled(codes) for codes in chosen.mine]
        self._least = chosen.minimum_balance
        self._currencies = frozenset(chosen.currencies)
        self._named = keys_of(chosen.customers)

    def fits(self, snapshot: Snapshot) -> bool:
        """Return whether a customer is among those meant; an unknown balance or currency is not."""
        least = self._least
        if least is not None and (snapshot.balance is None or snapshot.balance < least):
            return False
        if self._currencies and snapshot.currency.iso not in self._currencies:
            return False
        analysis = snapshot.analysis
        if self._codes and not (any if self._either else all)(codes.fit(analysis) for codes in self._codes):
            return False
        if self._mine is not None and not any(codes.fit(analysis) for codes in self._mine):
            return False
        return not self._named or same(snapshot.reference) in self._named or same(snapshot.name) in self._named


class _Compiled:
    """One analysis code with its values folded."""

    __slots__ = ("_keys", "_negated", "_slot")

    def __init__(self, codes: Codes) -> None:
        self._slot, self._negated, self._keys = codes.slot, codes.negated, keys_of(codes.values)

    def fit(self, analysis: Mapping[int, str]) -> bool:
        """Return whether a customer's analysis codes satisfy this condition; a blank value is no value."""
        return (same(analysis.get(self._slot, "")) in self._keys) is not self._negated


def describe_filter(chosen: Filter, labels: Mapping[int, str]) -> str:
    """Return `Region is Tyne & Wear or Durham, balance at least £500.00`. The words are Sage's: escape them."""
    conditions = [_condition(codes, labels) for codes in chosen.codes]
    parts = [f"either {' or '.join(conditions)}"] if chosen.either else conditions
    if chosen.minimum_balance is not None:
        parts.append(f"balance at least {shown(chosen, chosen.minimum_balance)}")
    if chosen.currencies:
        parts.append(f"currency {' or '.join(chosen.currencies)}")
    if chosen.customers:
        parts.append(f"customer is {_listed(chosen.customers)}")
    if chosen.mine is not None and not chosen.customers:  # who watches one of theirs knows that it is
        parts.append("own customers only")
    return ", ".join(parts) or "every customer"


def _condition(codes: Codes, labels: Mapping[int, str]) -> str:
    label = labels.get(codes.slot) or f"Analysis code {codes.slot}"
    return f"{label} is {'not ' if codes.negated else ''}{_listed(codes.values)}"


def _listed(values: tuple[str, ...]) -> str:
    *most, last = values
    return f"{', '.join(most)} or {last}" if most else last


def shown(chosen: Filter, amount: Decimal) -> str:
    """Return an amount in the currency that a filter names, in pounds where it names none; bare where several."""
    if not chosen.currencies:
        return STERLING.show(amount)
    return Currency(chosen.currencies[0] if len(chosen.currencies) == 1 else "").show(amount)


def filter_as_typed(chosen: Filter, labels: Mapping[int, str] | None = None) -> str:
    """Return the text that `parse_customer_filter` reads as this filter.

    Without labels the text names slots, and stays true when Sage's labels change.
    """
    names = typeable(labels or {}, RESERVED)
    joiner = " or " if chosen.either else " "
    parts = [joiner.join(_typed(codes, names) for codes in chosen.codes)]
    if chosen.minimum_balance is not None:
        parts.append(f"min:{chosen.minimum_balance:f}")
    if chosen.currencies:
        parts.append(f"currency:{','.join(chosen.currencies)}")
    if chosen.customers:
        parts.append(f"customer:{','.join(quoted(each, *NEXT) for each in chosen.customers)}")
    if chosen.mine is not None:
        parts.append("mine")
    return " ".join(filter(None, parts))


def _typed(codes: Codes, names: Mapping[int, str]) -> str:
    name = names.get(codes.slot) or f"code{codes.slot}"
    return f"{name}{'!=' if codes.negated else ':'}{','.join(quoted(each, *NEXT) for each in codes.values)}"
