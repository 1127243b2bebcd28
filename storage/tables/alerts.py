"""The tables of the mirror, of the news made from it, and of the outbox. All of them belong to one workspace."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.row import Row, only_where

OVER_LIMIT = text("credit_limit > 0 AND balance > credit_limit")
OWES = text("balance > 0")

INITIAL_LOAD, LIVE, REFUSED = "initial_load", "live", "refused"

# A person's notices are a target of their own, beside that person's alerts: so neither a pause of the alerts nor one
# that Slack put off holds up "your sign-in has ended".
_NOTICES = "@"


def notice_target(user_id: str) -> str:
    """Return the target of the notices to a person."""
    return f"{_NOTICES}{user_id}"


def _workspace() -> Mapped[str]:
    return mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)


def _company() -> Mapped[int]:
    return mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))


class MirrorStateRow(Row):
    """How far the mirror of one company has got, and when it is looked at again.

    `read_up_to` is the customer id that the baseline, or a reconciliation, has read up to. The marks are moments of
    Sage's own clock. `trouble_since` is the beginning of an outage that has not been reported over yet.

    `items_phase` is that of the open items, None before they are begun: `REFUSED` where this Sage or role has no
    transactions. `items_read_up_to` is the id that their first load has read up to; `items_synced_at` is when they were
    last known to match Sage. `credits_unsigned`: this Sage gives credits without their minus; None: not known yet.
    `recount`: every debt is to be worked out anew from the stored items, as a setting was changed.
    `aged_on` is the day on which lateness was last judged, `aged_by` are the thresholds of that day, in days, and
    `ageing_due_at` is when it is judged next; None before it was first. `sales_read_for` is the last month whose sales
    were read.
    """

    __tablename__ = "mirror_states"

    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    phase: Mapped[str]
    read_up_to: Mapped[int] = mapped_column(BigInteger, default=0)
    read_count: Mapped[int] = mapped_column(default=0)
    changed_watermark: Mapped[datetime | None]
    posted_watermark: Mapped[datetime | None]
    loaded_at: Mapped[datetime | None]
    synced_at: Mapped[datetime | None]
    reconciled_at: Mapped[datetime | None]
    sweep: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    reconcile_due_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    trouble_since: Mapped[datetime | None]
    items_phase: Mapped[str | None]
    items_read_up_to: Mapped[int] = mapped_column(BigInteger, default=0)
    items_read_count: Mapped[int] = mapped_column(default=0)
    items_synced_at: Mapped[datetime | None]
    credits_unsigned: Mapped[bool | None]
    recount: Mapped[bool] = mapped_column(default=False)
    aged_on: Mapped[date | None]
    aged_by: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    ageing_due_at: Mapped[datetime | None]
    sales_read_for: Mapped[date | None]


class CodeSetRow(Row):
    """A set of analysis codes that customers of a company have: many have the same. `name` is a digest of them."""

    # So a filter by codes is compared with a few thousand sets, and an index finds the customers that have these.
    __tablename__ = "code_sets"

    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    analysis: Mapped[dict[str, str]] = mapped_column(JSON)


class CodeValueRow(Row):
    """A value of a set of analysis codes as typed text is compared with it: folded, in lower case. Blank ones are none.

    `code_set` names the row of `code_sets`.
    """

    # The key finds the sets that have a value, without reading the JSON of each.
    __tablename__ = "code_values"
    __table_args__ = ({"sqlite_with_rowid": False},)

    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value_key: Mapped[str] = mapped_column(primary_key=True)
    code_set: Mapped[str] = mapped_column(String(32), primary_key=True)
    # With neither a key nor an index of its own: the company's key takes the rows along.
    workspace_id: Mapped[str] = mapped_column(String(32))


class NameWordRow(Row):
    """A word of the names of a company's customers, kept once: a few thousand for a hundred thousand customers."""

    # A part of a name is looked for in these, and `customer_words` leads from the words that have it to the customers.
    __tablename__ = "name_words"
    __table_args__ = ({"sqlite_with_rowid": False},)

    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()


class CustomerWordRow(Row):
    """A customer whose name has the word, or whose short name it is."""

    __tablename__ = "customer_words"
    __table_args__ = ({"sqlite_with_rowid": False},)

    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # With neither a key nor an index of its own: there are three of these rows to a customer, and the company's key
    # takes them along.
    workspace_id: Mapped[str] = mapped_column(String(32))


class MirroredCustomer(Row):
    """One customer as Sage had it at `seen_at`. `details` are the card's other fields, as text.

    The columns named `…_key` are what typed text is compared with: folded, in lower case. `code_set` names the row of
    `code_sets` that has the customer's analysis codes.
    """

    __tablename__ = "mirrored_customers"
    # SQLite keeps no statistics here, and takes the index that has all it reads or whose first columns are all named:
    # so an index of some rows has the column that says which.
    __table_args__ = (
        # By bytes on PostgreSQL too, whatever its collation: so it finds what a reference begins with.
        Index(
            "ix_mirrored_customers_company_pk_reference_key",
            "company_pk",
            "reference_key",
            postgresql_ops={"reference_key": "text_pattern_ops"},
        ),
        Index(
            "ix_mirrored_customers_postcode",
            *("company_pk", "postcode_key", "customer_id"),
            postgresql_ops={"postcode_key": "text_pattern_ops"},
        ),
        # All that most filters read.
        Index("ix_mirrored_customers_code_set", "company_pk", "code_set", "customer_id", "currency_iso", "balance"),
        # All that the list of accounts on hold is ordered, counted and summed by, and what a suggested hold looks at.
        Index(
            "ix_mirrored_customers_held",
            *("company_pk", "on_hold", "customer_id", "workspace_id", "code_set"),
            *("currency_iso", "currency_symbol", "balance", "reference"),
            **only_where("on_hold"),
        ),
        Index("ix_mirrored_customers_hidden", "company_pk", "hidden", "customer_id", **only_where("hidden")),
        Index(
            "ix_mirrored_customers_over_limit",
            *("company_pk", "customer_id", "workspace_id", "code_set", "balance", "credit_limit", "reference"),
            sqlite_where=OVER_LIMIT,
            postgresql_where=OVER_LIMIT,
        ),
        # The order of the largest balances.
        Index(
            "ix_mirrored_customers_owing",
            "company_pk",
            text("coalesce(base_balance, balance)"),
            sqlite_where=OWES,
            postgresql_where=OWES,
        ),
        # All that a look-up by name reads, so that it reads nothing else of rows ten times as wide.
        Index(
            "ix_mirrored_customers_names",
            *("company_pk", "name_key", "customer_id", "reference_key", "short_name_key", "postcode_key"),
            *("code_set", "workspace_id"),
        ),
    )

    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # As of the words: the company's key takes the rows along.
    workspace_id: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str]
    name: Mapped[str]
    short_name: Mapped[str]
    postcode: Mapped[str]
    reference_key: Mapped[str]
    name_key: Mapped[str]
    short_name_key: Mapped[str]
    postcode_key: Mapped[str]
    on_hold: Mapped[bool]
    status_reason: Mapped[str | None]
    hidden: Mapped[bool]
    currency_iso: Mapped[str]
    currency_symbol: Mapped[str]
    balance: Mapped[Decimal | None]
    base_balance: Mapped[Decimal | None]
    credit_limit: Mapped[Decimal | None]
    open_orders: Mapped[Decimal | None]
    analysis: Mapped[dict[str, str]] = mapped_column(JSON)
    code_set: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    fired_thresholds: Mapped[list[int]] = mapped_column(JSON)
    updated_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    sweep: Mapped[int] = mapped_column(default=0)


class HoldEpisodeRow(Row):
    """One stay on hold: the memory that Sage doesn't keep. At most one of a customer is open.

    `overdue` is what was overdue when the hold was seen; None where that wasn't known.
    """

    __tablename__ = "hold_episodes"
    __table_args__ = (
        Index(
            "uq_hold_episodes_open",
            "company_pk",
            "customer_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_hold_episodes_company_pk_customer_id", "company_pk", "customer_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = _company()
    customer_id: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text)
    ending: Mapped[str] = mapped_column(Text)
    already_held: Mapped[bool]
    opened_by: Mapped[str | None]
    closed_by: Mapped[str | None]
    overdue: Mapped[Decimal | None]


class SeenChange(Row):
    """One change that was seen. `facts` are the account before and after; `by_user` made the change through the app."""

    __tablename__ = "seen_changes"
    __table_args__ = (
        Index("ix_seen_changes_company_pk_seen_at", "company_pk", "seen_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = _company()
    customer_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    seen_at: Mapped[datetime]
    by_user: Mapped[str | None]
    episode_id: Mapped[int | None] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class SubscriptionRow(Row):
    """Who wants which alerts where. `number` is what people call it by, `zone` the one that its days are counted in.

    `thresholds` are in per cent of the credit limit, and `days` are those of overdue debt.
    `reads_as_owner`: its owner was told that their own Sage sign-in reads the company for it. `is_default`: it was made
    for its owner, who has customers of their own, without being asked for. `pings`: its alerts mention the reps.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("workspace_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = _workspace()
    number: Mapped[int]
    company_pk: Mapped[int] = _company()
    owner: Mapped[str]
    topics: Mapped[list[str]] = mapped_column(JSON)
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    thresholds: Mapped[list[int]] = mapped_column(JSON)
    days: Mapped[list[int]] = mapped_column(JSON, default=list)
    target_id: Mapped[str]
    is_personal: Mapped[bool]
    delivery: Mapped[str]
    schedule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    zone: Mapped[str]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    digested_at: Mapped[datetime | None]
    muted_until: Mapped[datetime | None]
    paused_reason: Mapped[str]
    paused_since: Mapped[datetime | None]
    reads_as_owner: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    pings: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class DefaultsOff(Row):
    """A person who ended a subscription that was made for them: none is made for them again."""

    __tablename__ = "defaults_off"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class OutboxRow(Row):
    """One message to post: written in the transaction that made it true, posted afterwards, in order per target.

    A notice tells a person of a sign-in, a subscription or a request: only alerts have a subscription, and only what
    names a customer has a company.
    `channel` and `message_ts` are where the message stands and, before it is posted, the one that a notice edits.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("workspace_id", "dedupe_key"),
        Index("ix_outbox_workspace_id_target_id_id", "workspace_id", "target_id", "id"),
        # So that the oldest that is open is found beside all that was posted in a week.
        Index(
            "ix_outbox_open",
            "workspace_id",
            "target_id",
            "id",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    company_pk: Mapped[int | None] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[str]
    is_personal: Mapped[bool]
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    episode_id: Mapped[int | None]
    dedupe_key: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    posted_at: Mapped[datetime | None]
    channel: Mapped[str | None]
    message_ts: Mapped[str | None]
    failure: Mapped[str | None]

    @property
    def recipient(self) -> str:
        """The Slack id of the channel or person that the message is for."""
        return self.target_id.removeprefix(_NOTICES)


class LiveCard(Row):
    """The live message of one episode in one place: edited on release, its history in its thread."""

    __tablename__ = "live_cards"
    __table_args__ = (UniqueConstraint("workspace_id", "target_id", "episode_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    target_id: Mapped[str]
    episode_id: Mapped[int] = mapped_column(ForeignKey("hold_episodes.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    ts: Mapped[str]


class ChannelClass(Row):
    """How much of a company's figures a channel may be shown: "status" unless an admin raised it for that company.

    `takes_requests`: requests for a release, a credit limit or a held order are posted there as well.
    """

    __tablename__ = "channel_classes"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    figures_class: Mapped[str]
    takes_requests: Mapped[bool] = mapped_column(default=False)
    set_by: Mapped[str]
    set_at: Mapped[datetime]
