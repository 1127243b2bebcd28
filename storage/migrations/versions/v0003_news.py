"""The mirror of each company's ledger, and the news made from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_OPEN = sa.text("closed_at IS NULL")


def upgrade(op: Operations) -> None:
    """Make the tables."""
    _ledgers(op)
    _mirrored_customers(op)
    _episodes(op)
    _seen_changes(op)
    _subscriptions(op)
    _deliveries(op)
    _cards(op)
    _channel_policies(op)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _ledgers(op: Operations) -> None:
    op.create_table(
        "ledgers",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("read_up_to", sa.BigInteger(), nullable=False),
        sa.Column("read_count", sa.Integer(), nullable=False),
        sa.Column("changed_mark", _MOMENT, nullable=True),
        sa.Column("posted_mark", _MOMENT, nullable=True),
        sa.Column("baseline_at", _MOMENT, nullable=True),
        sa.Column("synced_at", _MOMENT, nullable=True),
        sa.Column("reconciled_at", _MOMENT, nullable=True),
        sa.Column("sweep", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("reconcile_due_at", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("trouble_since", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("company_pk", name="pk_ledgers"),
        _key("ledgers", "company_pk", "companies.id"),
        _key("ledgers", "workspace_id", "workspaces.id"),
    )
    op.create_index("ix_ledgers_due_at", "ledgers", ["due_at"])
    op.create_index("ix_ledgers_workspace_id", "ledgers", ["workspace_id"])


def _mirrored_customers(op: Operations) -> None:
    op.create_table(
        "mirrored_customers",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("on_hold", sa.Boolean(), nullable=False),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("currency_iso", sa.String(), nullable=False),
        sa.Column("currency_symbol", sa.String(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("base_balance", sa.BigInteger(), nullable=True),
        sa.Column("credit_limit", sa.BigInteger(), nullable=True),
        sa.Column("open_orders", sa.BigInteger(), nullable=True),
        sa.Column("analysis", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("disarmed", sa.JSON(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("sweep", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("company_pk", "customer_id", name="pk_mirrored_customers"),
        _key("mirrored_customers", "company_pk", "companies.id"),
        _key("mirrored_customers", "workspace_id", "workspaces.id"),
    )
    op.create_index("ix_mirrored_customers_company_pk_on_hold", "mirrored_customers", ["company_pk", "on_hold"])
    op.create_index("ix_mirrored_customers_company_pk_reference", "mirrored_customers", ["company_pk", "reference"])
    op.create_index("ix_mirrored_customers_workspace_id", "mirrored_customers", ["workspace_id"])


def _episodes(op: Operations) -> None:
    op.create_table(
        "episodes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("already_held", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_episodes"),
        _key("episodes", "company_pk", "companies.id"),
        _key("episodes", "workspace_id", "workspaces.id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_episodes_workspace_id", "episodes", ["workspace_id"])
    op.create_index(
        "uq_episodes_open",
        "episodes",
        ["company_pk", "customer_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _seen_changes(op: Operations) -> None:
    op.create_table(
        "seen_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("by_user", sa.String(), nullable=True),
        sa.Column("episode_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seen_changes"),
        _key("seen_changes", "company_pk", "companies.id"),
        _key("seen_changes", "workspace_id", "workspaces.id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_seen_changes_company_pk_seen_at", "seen_changes", ["company_pk", "seen_at"])
    op.create_index("ix_seen_changes_workspace_id", "seen_changes", ["workspace_id"])


def _subscriptions(op: Operations) -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("topics", sa.String(), nullable=False),
        sa.Column("filter_typed", sa.Text(), nullable=False),
        sa.Column("only_mine", sa.Boolean(), nullable=False),
        sa.Column("thresholds", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("schedule_typed", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("digested_at", _MOMENT, nullable=True),
        sa.Column("muted_until", _MOMENT, nullable=True),
        sa.Column("paused_reason", sa.String(), nullable=False),
        sa.Column("paused_since", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        _key("subscriptions", "company_pk", "companies.id"),
        _key("subscriptions", "workspace_id", "workspaces.id"),
        sa.UniqueConstraint("workspace_id", "number", name="uq_subscriptions_workspace_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriptions_due_at", "subscriptions", ["due_at"])
    op.create_index("ix_subscriptions_workspace_id", "subscriptions", ["workspace_id"])


def _deliveries(op: Operations) -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("episode_id", sa.Integer(), nullable=True),
        sa.Column("dedupe_key", sa.String(200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("posted_at", _MOMENT, nullable=True),
        sa.Column("message_ts", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        _key("deliveries", "company_pk", "companies.id"),
        _key("deliveries", "subscription_id", "subscriptions.id"),
        _key("deliveries", "workspace_id", "workspaces.id"),
        sa.UniqueConstraint("workspace_id", "dedupe_key", name="uq_deliveries_workspace_id_dedupe_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_due_at", "deliveries", ["due_at"])
    op.create_index("ix_deliveries_subscription_id", "deliveries", ["subscription_id"])
    op.create_index("ix_deliveries_workspace_id_target_id_id", "deliveries", ["workspace_id", "target_id", "id"])


def _cards(op: Operations) -> None:
    op.create_table(
        "cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cards"),
        _key("cards", "episode_id", "episodes.id"),
        _key("cards", "workspace_id", "workspaces.id"),
        sa.UniqueConstraint(
            "workspace_id", "target_id", "episode_id", name="uq_cards_workspace_id_target_id_episode_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cards_episode_id", "cards", ["episode_id"])


def _channel_policies(op: Operations) -> None:
    op.create_table(
        "channel_policies",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("figures_class", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", name="pk_channel_policies"),
        _key("channel_policies", "workspace_id", "workspaces.id"),
    )
