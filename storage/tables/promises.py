"""The tables of what people here know of a late debt: promises to pay, disputes and notes. Nothing of it is in Sage."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.row import Row

LONGEST_TEXT = 200
_JUDGED = text("judge_at IS NOT NULL")
_OPEN = text("closed_at IS NULL")
PROMISE_IS_OPEN = text("state = 'open'")
PROMISE_IS_BROKEN = text("state = 'broken' AND made_up_at IS NULL")


def _workspace() -> Mapped[str]:
    return mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)


def _company() -> Mapped[int]:
    return mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))


class PromiseRow(Row):
    """A customer's promise to pay an amount by the day `due`, in the account's currency.

    `said_by` is the customer's person. `receipts_before` are the ids of receipts and refunds that Sage had when the
    promise was made; None where Sage was away. `judge_at` is when it is judged again, None once nothing can change it;
    `judged_balance` the copy's balance of the account at the last judgement, and `not_before` how long Sage is not
    asked after a failure. `made_up_at`: what was promised came after the promise was broken.
    """

    __tablename__ = "promises"
    __table_args__ = (
        Index("ix_promises_company_pk_customer_id", "company_pk", "customer_id"),
        Index(
            "ix_promises_open",
            "company_pk",
            "customer_id",
            sqlite_where=PROMISE_IS_OPEN,
            postgresql_where=PROMISE_IS_OPEN,
        ),
        Index("ix_promises_judge_at", "judge_at", sqlite_where=_JUDGED, postgresql_where=_JUDGED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = _company()
    customer_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    name: Mapped[str]
    currency_iso: Mapped[str]
    currency_symbol: Mapped[str]
    amount: Mapped[Decimal]
    due: Mapped[date]
    made_on: Mapped[date]
    said_by: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    receipts_before: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[str] = mapped_column(String(20))
    ended_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    made_up_at: Mapped[datetime | None]
    judge_at: Mapped[datetime | None]
    judged_balance: Mapped[Decimal | None]
    not_before: Mapped[datetime | None]


class DisputeRow(Row):
    """A dispute about one document. It counts once `accepted_at`; `closed_at` ends it. At most one is open of each."""

    __tablename__ = "disputes"
    __table_args__ = (
        Index("ix_disputes_company_pk_customer_id", "company_pk", "customer_id"),
        Index(
            "uq_disputes_open",
            "company_pk",
            "transaction_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = _company()
    customer_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    name: Mapped[str]
    transaction_id: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[str]
    reason: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    raised_by: Mapped[str]
    raised_at: Mapped[datetime]
    accepted_by: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]


class DebtNoteRow(Row):
    """A note on a customer's debt."""

    __tablename__ = "debt_notes"
    __table_args__ = (
        Index("ix_debt_notes_company_pk_customer_id", "company_pk", "customer_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = _company()
    customer_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    words: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    written_by: Mapped[str]
    written_at: Mapped[datetime]
