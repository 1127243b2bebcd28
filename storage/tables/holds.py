"""The tables of change intents, release requests and the audit log."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.cipher import SealedText
from storage.columns import Pennies
from storage.tables.row import Row


def _workspace() -> Mapped[str]:
    return mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)


RELEASE, LIMIT, ORDER = "release", "limit", "order"
WAITING, DONE, CANCELLED, FAILED = "waiting", "done", "cancelled", "failed"


class ChangeIntent(Row):
    """A change of an account through us, written before Sage is asked, so that it keeps its author after a crash.

    `on_hold` is the hold state that is wanted, or else `credit_limit` the limit. `reason` is as sent to Sage.
    `outcome` is empty until Sage was read afterwards. `attributed_at`: the mirror saw a hold change and named its
    author; an intent explains one change at most.
    """

    __tablename__ = "change_intents"
    __table_args__ = (
        Index("ix_change_intents_company_pk_customer_id", "company_pk", "customer_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    user_id: Mapped[str]
    on_hold: Mapped[bool | None]
    credit_limit: Mapped[Decimal | None] = mapped_column(Pennies)
    reason: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(index=True)
    completed_at: Mapped[datetime | None]
    outcome: Mapped[str]
    attributed_at: Mapped[datetime | None]


class HoldNote(Row):
    """An alert or a memo that a hold leaves in Sage, as it is wanted; one of each `kind` for a customer.

    `sent` is the text as last sent, and `sage_id` the note's id once Sage has said it: by either the note is known
    again. `due_at` is when it is written next, as `user_id`; None: Sage has it as it is wanted, or it was given up.
    """

    __tablename__ = "hold_notes"
    __table_args__ = (
        UniqueConstraint("company_pk", "customer_id", "kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(5))
    reference: Mapped[str]
    name: Mapped[str]
    user_id: Mapped[str]
    is_wanted: Mapped[bool]
    wanted_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    sent: Mapped[str] = mapped_column(Text)
    sage_id: Mapped[int | None] = mapped_column(BigInteger)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int]


class ReleaseRequestRow(Row):
    """A request about a customer, called by its `number`; at most one of a `kind` and order is open.

    `kind` is RELEASE, LIMIT or ORDER. `amount` is the credit limit that is asked for, `seen_limit` the one that stood
    in Sage; `order_number` is the order to be let go. `question` was asked back by `question_by`, with its `answer`.
    At `remind_at` people are reminded, `reminded` times so far.
    `held_for` is Sage's reason for the hold. `first_by` approved where two must. `asked_subject` and `first_subject`
    are the hashed Sage IDs of these two users, while the request is open. `claimed_by` is deciding until
    `claimed_until`.
    """

    __tablename__ = "release_requests"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index(
            "uq_release_requests_open",
            "company_pk",
            "customer_id",
            "kind",
            "order_number",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    number: Mapped[int]
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    name: Mapped[str]
    asked_by: Mapped[str]
    asked_subject: Mapped[str | None]
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Decimal | None] = mapped_column(Pennies)
    seen_limit: Mapped[Decimal | None] = mapped_column(Pennies)
    currency_iso: Mapped[str] = mapped_column(String(3))
    currency_symbol: Mapped[str] = mapped_column(String(8))
    order_number: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    question_by: Mapped[str | None]
    answer: Mapped[str] = mapped_column(Text)
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    reminded: Mapped[int]
    held_for: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str]
    first_by: Mapped[str | None]
    first_subject: Mapped[str | None]
    first_at: Mapped[datetime | None]
    first_balance: Mapped[Decimal | None] = mapped_column(Pennies)
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text)


class TemporaryRelease(Row):
    """An account that is off hold until a moment, or for one order, and is put on hold again as `agreed_by`.

    `state` is one of WAITING, DONE, CANCELLED and FAILED; at most one of a customer is WAITING. `look_at` is when it is
    looked at next. `for_order` is the order, empty for a day; `order_id` is its id in Sage if it was open at the
    release, and `newest_order_id` the highest then. `reason` goes to Sage with the new hold.
    """

    __tablename__ = "temporary_releases"
    __table_args__ = (
        Index(
            "uq_temporary_releases_waiting",
            "company_pk",
            "customer_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    name: Mapped[str]
    agreed_by: Mapped[str]
    agreed_name: Mapped[str]
    asked_by: Mapped[str | None]
    reason: Mapped[str] = mapped_column(Text)
    released_at: Mapped[datetime]
    due_at: Mapped[datetime]
    look_at: Mapped[datetime] = mapped_column(index=True)
    for_order: Mapped[str] = mapped_column(String(20))
    order_id: Mapped[int | None] = mapped_column(BigInteger)
    newest_order_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]


class AuditEntry(Row):
    """An entry of one of a workspace's audit chains: never changed; triggers say when it may be deleted.

    That is only when its head says that retention removed it, or that it ended with its workspace.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_workspace_id_at", "workspace_id", "at"),
        Index("ix_audit_entries_workspace_id_who_at", "workspace_id", "who", "at"),
    )

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    chain: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    who: Mapped[str]
    action: Mapped[str]
    what: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Row):
    """The last entry of a chain, encrypted: a database writer can't forge another. Never deleted.

    `roll` is the place of the chain among all that ever began; the row "all" counts them. Retention removed the first
    `removed` entries, the last of which had `removed_hash`. `closed_at` is when the chain was deleted with its
    workspace.
    """

    # No foreign key: a head outlives its workspace, so that a record can't be deleted with it and begun anew.
    __tablename__ = "audit_heads"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    chain: Mapped[str] = mapped_column(String(16))
    roll: Mapped[int] = mapped_column(default=0)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    removed: Mapped[int] = mapped_column(default=0)
    removed_hash: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
    head_sealed: Mapped[SealedText]
