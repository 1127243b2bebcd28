"""The condition that a customer of the mirror fits a filter, in SQL. All texts are keys: folded, in lower case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_

from storage.tables.alerts import MirroredCustomer


@dataclass(frozen=True, slots=True)
class CodeIn:
    """One analysis code: the customer's value is one of these or, `negated`, none of them. A blank one is none."""

    slot: int
    keys: Collection[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class CustomerCondition:
    """Everything named must hold; of each group of `any_of` only one need, and an empty group fits nobody.

    `named` are whole references or names, and each of `words` must be part of one of them.
    """

    all_of: Sequence[CodeIn] = ()
    any_of: Sequence[Sequence[CodeIn]] = ()
    minimum_balance: Decimal | None = None
    currencies: Collection[str] = ()
    named: Collection[str] = ()
    words: Sequence[str] = ()

    @property
    def is_everybody(self) -> bool:
        """Return whether every customer fits."""
        filters = (self.all_of, self.any_of, self.currencies, self.named, self.words)
        return self.minimum_balance is None and not any(filters)

    def sql(self) -> ColumnElement[bool]:
        """Return the condition on `MirroredCustomer`."""
        row = MirroredCustomer
        parts = [*map(_code, self.all_of), *(or_(False, *map(_code, group)) for group in self.any_of)]
        if self.minimum_balance is not None:
            parts.append(row.balance >= self.minimum_balance)
        if self.currencies:
            parts.append(row.currency_iso.in_(self.currencies))
        if self.named:
            parts.append(row.reference_key.in_(self.named) | row.name_key.in_(self.named))
        parts += [
            row.name_key.contains(word, autoescape=True) | row.reference_key.contains(word, autoescape=True)
            for word in self.words
        ]
        return and_(True, *parts)


EVERY_CUSTOMER = CustomerCondition()


def _code(each: CodeIn) -> ColumnElement[bool]:
    value = func.coalesce(MirroredCustomer.analysis_keys[str(each.slot)].as_string(), "")
    return value.not_in(each.keys) if each.negated else value.in_(each.keys)
