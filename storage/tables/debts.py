"""The tables of what customers owe: their open items, what these come to, and the receipts seen of late."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.row import Row, only_where

_LEFT = text("uncovered > 0")
_TO_CONFIRM = text("difference <> 0 AND differs_since IS NULL")
IS_DISPUTED = text("disputed > 0")
_COMES = text("next_due IS NOT NULL")


def _workspace() -> Mapped[str]:
    return mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)


def _company() -> Mapped[int]:
    return mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)


def _id_of_sage() -> Mapped[int]:
    return mapped_column(BigInteger, primary_key=True, autoincrement=False)


class OpenItemRow(Row):
    """One posted document with an amount outstanding, negative for credits. What is settled is deleted.

    `uncovered` is what is left of an undisputed debit after the customer's credit was set off; 0 for all other items.
    `updated_at` is Sage's time of the last change.
    """

    # `uncovered` depends on no day, so nothing is rewritten as days pass: overdue is the sum where `due` is past.
    __tablename__ = "open_items"
    __table_args__ = (
        Index("ix_open_items_company_pk_customer_id", "company_pk", "customer_id"),
        Index("ix_open_items_overdue", "company_pk", "due", "customer_id", sqlite_where=_LEFT, postgresql_where=_LEFT),
    )

    company_pk: Mapped[int] = _company()
    transaction_id: Mapped[int] = _id_of_sage()
    # With neither a key nor an index of its own: the company's key takes the rows along.
    workspace_id: Mapped[str] = mapped_column(String(32))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str]
    second_reference: Mapped[str]
    dated: Mapped[date | None]
    due: Mapped[date | None]
    gross: Mapped[Decimal | None]
    outstanding: Mapped[Decimal]
    uncovered: Mapped[Decimal]
    query: Mapped[str]
    is_foreign: Mapped[bool]
    updated_at: Mapped[datetime | None]


class CustomerDebtRow(Row):
    """What the open items of one customer come to; without a row, there are none.

    `late` is what of the items was due before `next_due`, the first due date that had not come when this was written;
    all of them where there is none. `difference` is the balance less `outstanding`, None where Sage gave no balance;
    `differs_since` is when a second reading found one again. `disarmed` are the overdue thresholds already told.
    `marks` is what the customer was like at the beginning of each month, and `warnings` what has got worse since.
    `read_at` is when a change was read.
    """

    __tablename__ = "customer_debts"
    __table_args__ = (
        # The order of the list of late payers, the oldest first, and all that their totals read.
        Index(
            "ix_customer_debts_late",
            *("company_pk", "oldest_due", "customer_id", "workspace_id"),
            *("late", "next_due", "currency_iso", "currency_symbol"),
        ),
        Index(
            "ix_customer_debts_disputed",
            *("company_pk", "disputed", "customer_id"),
            sqlite_where=IS_DISPUTED,
            postgresql_where=IS_DISPUTED,
        ),
        Index("ix_customer_debts_warned", "company_pk", "is_warned", "customer_id", **only_where("is_warned")),
        Index(
            "ix_customer_debts_next_due",
            "company_pk",
            "next_due",
            "customer_id",
            sqlite_where=_COMES,
            postgresql_where=_COMES,
        ),
        Index(
            "ix_customer_debts_to_confirm",
            "company_pk",
            "customer_id",
            sqlite_where=_TO_CONFIRM,
            postgresql_where=_TO_CONFIRM,
        ),
    )

    company_pk: Mapped[int] = _company()
    customer_id: Mapped[int] = _id_of_sage()
    # With neither a key nor an index of its own: the company's key takes the rows along.
    workspace_id: Mapped[str] = mapped_column(String(32))
    outstanding: Mapped[Decimal]
    pool_left: Mapped[Decimal]
    disputed: Mapped[Decimal]
    undated: Mapped[Decimal]
    refund: Mapped[Decimal]
    oldest_due: Mapped[date | None]
    late: Mapped[Decimal]
    next_due: Mapped[date | None]
    currency_iso: Mapped[str]
    currency_symbol: Mapped[str]
    difference: Mapped[Decimal | None]
    differs_since: Mapped[datetime | None]
    disarmed: Mapped[list[int]] = mapped_column(JSON)
    marks: Mapped[list[Any]] = mapped_column(JSON)
    warnings: Mapped[list[Any]] = mapped_column(JSON)
    is_warned: Mapped[bool]
    read_at: Mapped[datetime]


class DebtDay(Row):
    """What a customer owed late on a day, in the account's currency; without a row, nothing. To compare weeks with."""

    # SQLite keeps the rows in the order of the key: each late customer is looked up by it.
    __tablename__ = "debt_days"
    __table_args__ = ({"sqlite_with_rowid": False},)

    company_pk: Mapped[int] = _company()
    day: Mapped[date] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = _id_of_sage()
    workspace_id: Mapped[str] = _workspace()
    overdue: Mapped[Decimal]


class MonthSalesRow(Row):
    """What a company invoiced in a month less credit notes, in one currency; and what was owed at the month's end.

    `outstanding` is None for the months before the first that was read in time.
    """

    __tablename__ = "month_sales"

    company_pk: Mapped[int] = _company()
    month: Mapped[date] = mapped_column(primary_key=True)
    currency_iso: Mapped[str] = mapped_column(primary_key=True)
    currency_symbol: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    invoiced: Mapped[Decimal]
    outstanding: Mapped[Decimal | None]


class CustomerSnooze(Row):
    """A customer of which nothing is told before `until`: to a person or channel or, without a `target_id`, in the
    list of accounts suggested for a hold. `set_by` is who snoozed it.
    """

    __tablename__ = "customer_snoozes"

    company_pk: Mapped[int] = _company()
    customer_id: Mapped[int] = _id_of_sage()
    target_id: Mapped[str] = mapped_column(primary_key=True, default="")
    workspace_id: Mapped[str] = _workspace()
    until: Mapped[datetime] = mapped_column(index=True)
    set_by: Mapped[str | None]


class SeenReceipt(Row):
    """A receipt that the mirror met for the first time at `seen_at`. `amount` is positive."""

    # Sage's ids may not rise in order of posting, so the highest id seen doesn't say which receipt is new.
    __tablename__ = "receipts_seen"
    __table_args__ = (Index("ix_receipts_seen_company_pk_customer_id", "company_pk", "customer_id"),)

    company_pk: Mapped[int] = _company()
    transaction_id: Mapped[int] = _id_of_sage()
    workspace_id: Mapped[str] = _workspace()
    customer_id: Mapped[int] = mapped_column(BigInteger)
    dated: Mapped[date | None]
    amount: Mapped[Decimal]
    seen_at: Mapped[datetime] = mapped_column(index=True)
