"""The condition that a customer of the mirror fits a filter, in SQL. All texts are keys: folded, in lower case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true

from storage.statements import holds
from storage.tables.alerts import CodeSetRow, MirroredCustomer


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

    def sql(self, company_pk: int) -> ColumnElement[bool]:
        """Return the condition on `MirroredCustomer`, of a company."""
        row = MirroredCustomer
        parts: list[ColumnElement[bool]] = []
        if self._codes:
            parts.append(row.code_set.in_(_sets(company_pk, *self._codes)))
        if self.minimum_balance is not None:
            parts.append(row.balance >= self.minimum_balance)
        if self.currencies:
            parts.append(row.currency_iso.in_(self.currencies))
        if self.named:
            parts.append(row.reference_key.in_(self.named) | row.name_key.in_(self.named))
        parts += [holds(row.name_key, word) | holds(row.reference_key, word) for word in self.words]
        return and_(True, *parts)

    def of_id(self, customer_id: ColumnElement[int], company_pk: int) -> ColumnElement[bool]:
        """Return the condition on a column with customers' ids, to be looked for in a list that is made once."""
        if self.is_everybody:
            return true()
        ids = select(MirroredCustomer.customer_id).where(MirroredCustomer.company_pk == company_pk)
        if self._excludes_codes_only:
            # So the list is short: of those that don't fit.
            others = ids.where(MirroredCustomer.code_set.in_(_sets(company_pk, not_(and_(*self._codes)))))
            return customer_id.not_in(select(others.cte()))
        # A table of its own, so that a statement which asks twice makes the list once.
        return customer_id.in_(select(ids.where(self.sql(company_pk)).cte()))

    @property
    def _codes(self) -> list[ColumnElement[bool]]:
        return [*map(_code, self.all_of), *map(_any, self.any_of)]

    @property
    def _excludes_codes_only(self) -> bool:
        only_codes = replace(self, all_of=(), any_of=()).is_everybody
        return only_codes and not self.any_of and all(each.negated for each in self.all_of)


EVERY_CUSTOMER = CustomerCondition()


def _code(each: CodeIn) -> ColumnElement[bool]:
    value = func.coalesce(CodeSetRow.analysis_keys[str(each.slot)].as_string(), "")
    return value.not_in(each.keys) if each.negated else value.in_(each.keys)


def sets_with(company_pk: int, codes: Sequence[CodeIn]) -> Select[str]:
    """Return the statement of the names of the sets that have one of these codes."""
    return _sets(company_pk, _any(codes))


def _any(codes: Sequence[CodeIn]) -> ColumnElement[bool]:
    return or_(False, *map(_code, codes))


def _sets(company_pk: int, *fitting: ColumnElement[bool]) -> Select[str]:
    return select(CodeSetRow.name).where(CodeSetRow.company_pk == company_pk, *fitting)
