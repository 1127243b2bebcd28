"""What people here know of one customer's debt: promises, disputes and notes. Sage has none of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.domain.debt.debts import NOTHING
from bot.domain.debt.lateness import Lateness
from bot.domain.debt.promise import PromiseState
from bot.domain.json_column import JsonColumn
from bot.domain.money import Currency

NEWEST_NOTES = 3


@dataclass(frozen=True, slots=True)
class KeptPromise:
    """A promise that is open, or broken and not made up for."""

    id: int
    amount: Decimal
    due: date
    state: PromiseState
    said_by: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute that is not closed; it counts once it was accepted."""

    id: int
    document: str
    transaction_id: int
    reason: str
    raised_by: str
    raised_at: datetime
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class DebtNote:
    """A note, who wrote it, and when."""

    words: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that is known here of one customer's debt; the notes are the newest ones."""

    promises: tuple[KeptPromise, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    notes: tuple[DebtNote, ...] = ()

    @property
    def disputed(self) -> frozenset[int]:
        """Return the ids of the documents in accepted dispute."""
        return frozenset(each.transaction_id for each in self.disputes if each.is_accepted)


NOTHING_KNOWN = Remembered()
"""For a customer of whom nobody looked it up."""


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """A promise and what became of it, as a notice keeps it. Amounts and days are text."""

    id: int
    customer_id: int
    reference: str
    name: str
    amount: str
    currency_iso: str
    currency_symbol: str
    due: str
    state: str
    said_by: str = ""
    company_name: str = ""
    company_key: str = ""

    @property
    def shown_amount(self) -> tuple[Currency, Decimal]:
        """Return the currency and the amount."""
        return Currency(self.currency_iso, self.currency_symbol), Decimal(self.amount)

    def facts(self) -> dict[str, Any]:
        """Return the promise as JSON."""
        return _PROMISE.write(self)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> PromiseFacts:
        """Return the promise of a notice. Raises ValueError."""
        return _PROMISE.read(facts)


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute as a notice keeps it. `state`: raised, accepted or closed, by `decided_by`."""

    id: int
    customer_id: int
    reference: str
    name: str
    document: str
    reason: str
    raised_by: str
    state: str
    decided_by: str = ""
    company_name: str = ""
    company_key: str = ""

    def facts(self) -> dict[str, Any]:
        """Return the dispute as JSON."""
        return _DISPUTE.write(self)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> DisputeFacts:
        """Return the dispute of a notice. Raises ValueError."""
        return _DISPUTE.read(facts)


_PROMISE, _DISPUTE = JsonColumn(PromiseFacts), JsonColumn(DisputeFacts)


def with_promises(lateness: Lateness, promises: Collection[KeptPromise]) -> Lateness:
    """Return the debt with what was promised: the sum of open promises, and the first day that was not kept."""
    still_open = [each for each in promises if each.state is PromiseState.OPEN]
    broken = [each.due for each in promises if each.state is PromiseState.BROKEN]
    latest = max(still_open, key=lambda each: (each.due, each.id), default=None)
    return replace(
        lateness,
        promised=sum((each.amount for each in still_open), NOTHING),
        promised_by=latest.due if latest is not None else None,
        promised_who=latest.said_by if latest is not None else "",
        broken_since=min(broken, default=None),
    )


def remembered_from(rows: Iterable[Any]) -> Remembered:
    """Return what the rows of one customer say; the newest come first."""
    promises, disputes, notes = [], [], []
    for row in rows:
        if row.kind == "promise":
            promises.append(KeptPromise(row.id, row.amount, row.due, PromiseState(row.state), row.words, row.by))
        elif row.kind == "dispute":
            is_accepted = row.state == "accepted"
            disputes.append(Dispute(row.id, row.document, row.transaction_id, row.words, row.by, row.at, is_accepted))
        else:
            notes.append(DebtNote(row.words, row.by, row.at))
    return Remembered(tuple(promises), tuple(disputes), tuple(notes))
