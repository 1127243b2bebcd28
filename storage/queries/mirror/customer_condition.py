"""The condition that a customer of the mirror fits a filter, in SQL. All texts are keys: folded, in lower case."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true

from storage.statements import holds
from storage.tables.alerts import OVER_LIMIT, CodeSetRow, CodeValueRow, HoldEpisodeRow, MirroredCustomer
from storage.tables.debts import IS_DISPUTED, CustomerDebtRow
from storage.tables.promises import PROMISE_IS_OPEN, PromiseRow

LISTED = (
    MirroredCustomer.customer_id,
    MirroredCustomer.reference,
    MirroredCustomer.name,
    MirroredCustomer.on_hold,
    MirroredCustomer.status_reason,
    MirroredCustomer.hidden,
    MirroredCustomer.currency_iso,
    MirroredCustomer.currency_symbol,
    MirroredCustomer.balance,
    MirroredCustomer.credit_limit,
    MirroredCustomer.open_orders,
    MirroredCustomer.analysis,
)
"""The columns of a customer that lists are made of."""


@dataclass(frozen=True, slots=True)
class CodeIn:
    """One analysis code: the customer's value is one of these or, `negated`, none of them. A blank one is none."""

    slot: int
    keys: Collection[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class StateIn:
    """One of these: on hold, over the limit, promised to pay, with debt in query, with debt due by a day; or not."""

    held: bool = False
    over_limit: bool = False
    promised: bool = False
    disputed: bool = False
    due_by: date | None = None
    negated: bool = False

    def of_id(self, customer_id: ColumnElement[int], company_pk: int) -> ColumnElement[bool]:
        """Return the condition on a column with customers' ids: the list of those in the state is the short one."""
        found = self._ids(company_pk)
        return customer_id.not_in(found) if self.negated else customer_id.in_(found)

    def _ids(self, company_pk: int) -> Select[int]:
        customer, debt, promise = MirroredCustomer, CustomerDebtRow, PromiseRow
        if self.promised:
            return select(promise.customer_id).where(promise.company_pk == company_pk, PROMISE_IS_OPEN)
        if self.held or self.over_limit:
            state = customer.on_hold.is_(True) if self.held else OVER_LIMIT
            return select(customer.customer_id).where(customer.company_pk == company_pk, state)
        is_owed = IS_DISPUTED if self.disputed else debt.oldest_due <= self.due_by
        return select(debt.customer_id).where(debt.company_pk == company_pk, is_owed)


@dataclass(frozen=True, slots=True)
class CustomerCondition:
    """Everything named must hold; of each group of `any_of` only one need, and an empty group fits nobody.

    `named` are whole references or names. Of each group of `words` one must be part of a reference or name, or with
    `in_reason` of the reason of the hold; none of `without` may be part of a reference or name.
    """

    all_of: Sequence[CodeIn] = ()
    any_of: Sequence[Sequence[CodeIn]] = ()
    minimum_balance: Decimal | None = None
    currencies: Collection[str] = ()
    named: Collection[str] = ()
    words: Sequence[Sequence[str]] = ()
    states: Sequence[StateIn] = ()
    without: Sequence[str] = ()
    maximum_balance: Decimal | None = None
    in_reason: bool = False

    @property
    def is_everybody(self) -> bool:
        """Return whether every customer fits."""
        filters = (self.all_of, self.any_of, self.currencies, self.named, self.words, self.states, self.without)
        return self.minimum_balance is None and self.maximum_balance is None and not any(filters)

    def sql(self, company_pk: int) -> ColumnElement[bool]:
        """Return the condition on `MirroredCustomer`, of a company."""
        row = MirroredCustomer
        parts: list[ColumnElement[bool]] = []
        if codes := self._codes(company_pk):
            parts.append(row.code_set.in_(_sets(company_pk, *codes)))
        if self.minimum_balance is not None:
            parts.append(row.balance >= self.minimum_balance)
        if self.currencies:
            parts.append(row.currency_iso.in_(self.currencies))
        if self.named:
            parts.append(row.reference_key.in_(self.named) | row.name_key.in_(self.named))
        if self.maximum_balance is not None:
            parts.append(row.balance <= self.maximum_balance)
        parts += [or_(False, *(self._has(word, company_pk) for word in group)) for group in self.words]
        parts += [not_(holds(row.name_key, word) | holds(row.reference_key, word)) for word in self.without]
        parts += [each.of_id(row.customer_id.expression, company_pk) for each in self.states]
        return and_(True, *parts)

    def _has(self, word: str, company_pk: int) -> ColumnElement[bool]:
        row, episode = MirroredCustomer, HoldEpisodeRow
        found = holds(row.name_key, word) | holds(row.reference_key, word)
        if not self.in_reason:
            return found
        # As the list shows it: Sage's own words, else those that were given here.
        here = (episode.company_pk == company_pk, episode.closed_at.is_(None))
        given = select(episode.customer_id).where(*here, holds(func.lower(func.coalesce(episode.reason, "")), word))
        blank = func.coalesce(row.status_reason, "") == ""
        return or_(
            found,
            holds(func.lower(func.coalesce(row.status_reason, "")), word),
            and_(blank, row.customer_id.in_(given)),
        )

    def of_id(self, customer_id: ColumnElement[int], company_pk: int) -> ColumnElement[bool]:
        """Return the condition on a column with customers' ids, to be looked for in a list that is made once."""
        if self.is_everybody:
            return true()
        if self.states:
            rest = replace(self, states=())
            return and_(
                rest.of_id(customer_id, company_pk), *(each.of_id(customer_id, company_pk) for each in self.states)
            )
        ids = select(MirroredCustomer.customer_id).where(MirroredCustomer.company_pk == company_pk)
        if self._excludes_codes_only:
            # So the list is short: of those that don't fit.
            unfit = not_(and_(*self._codes(company_pk)))
            others = ids.where(MirroredCustomer.code_set.in_(_sets(company_pk, unfit)))
            return customer_id.not_in(select(others.cte()))
        # A table of its own, so that a statement which asks twice makes the list once.
        return customer_id.in_(select(ids.where(self.sql(company_pk)).cte()))

    def _codes(self, company_pk: int) -> list[ColumnElement[bool]]:
        single = [_code(company_pk, each) for each in self.all_of]
        return [*single, *(_any(company_pk, group) for group in self.any_of)]

    @property
    def _excludes_codes_only(self) -> bool:
        only_codes = replace(self, all_of=(), any_of=()).is_everybody
        return only_codes and not self.any_of and all(each.negated for each in self.all_of)


EVERY_CUSTOMER = CustomerCondition()


def sets_with(company_pk: int, codes: Sequence[CodeIn]) -> Select[str]:
    """Return the statement of the names of the sets that have one of these codes."""
    return _sets(company_pk, _any(company_pk, codes))


def _any(company_pk: int, codes: Sequence[CodeIn]) -> ColumnElement[bool]:
    return or_(False, *(_code(company_pk, each) for each in codes))


def _code(company_pk: int, each: CodeIn) -> ColumnElement[bool]:
    """Return the condition on a set, `CodeSetRow`."""
    value, name = CodeValueRow, CodeSetRow.name
    of_slot = select(value.code_set).where(value.company_pk == company_pk, value.slot == each.slot)
    fitting = of_slot.where(value.value_key.in_(each.keys))
    if "" in each.keys:
        blank = name.not_in(of_slot)
        return and_(name.not_in(fitting), not_(blank)) if each.negated else or_(name.in_(fitting), blank)
    return name.not_in(fitting) if each.negated else name.in_(fitting)


def _sets(company_pk: int, *fitting: ColumnElement[bool]) -> Select[str]:
    return select(CodeSetRow.name).where(CodeSetRow.company_pk == company_pk, *fitting)
