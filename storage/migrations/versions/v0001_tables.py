"""Every table, and the triggers that keep the record as it was written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    """Create the tables and triggers of a new database."""
    _tables(op)
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def _tables(op: Operations) -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("beat_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_index("ix_leases_until", "leases", ["until"])
    op.create_table(
        "seen_requests",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("repeats_until", _MOMENT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_seen_requests"),
    )
    op.create_index("ix_seen_requests_seen_at", "seen_requests", ["seen_at"])
    op.create_table(
        "workspaces",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("slack_id", sa.String(), nullable=False),
        sa.Column("is_enterprise", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("app_id", sa.String(), nullable=False),
        sa.Column("bot_user_id", sa.String(), nullable=False),
        sa.Column("bot_id", sa.String(), nullable=False),
        sa.Column("bot_scopes", sa.Text(), nullable=False),
        sa.Column("bot_token_sealed", sa.Text(), nullable=True),
        sa.Column("bot_refresh_token_sealed", sa.Text(), nullable=True),
        sa.Column("bot_token_expires_at", _MOMENT, nullable=True),
        sa.Column("installed_by", sa.String(), nullable=False),
        sa.Column("installed_at", _MOMENT, nullable=False),
        sa.Column("uninstalled_at", _MOMENT, nullable=True),
        sa.Column("workspace_connection_id", sa.String(length=32), nullable=True),
        sa.Column("subscriptions_given", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused_blocks", sa.JSON(), nullable=True),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("refresh_began_at", _MOMENT, nullable=True),
        sa.Column("refresh_due_at", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
        sa.UniqueConstraint("slack_id", name="uq_workspaces_slack_id"),
    )
    op.create_index("ix_workspaces_refresh_due_at", "workspaces", ["refresh_due_at"])
    op.create_table(
        "audit_entries",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_audit_entries_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "chain", "number", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_workspace_id_at", "audit_entries", ["workspace_id", "at"])
    op.create_index("ix_audit_entries_workspace_id_who_at", "audit_entries", ["workspace_id", "who", "at"])
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("roll", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("removed_hash", sa.String(length=64), nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("head_sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_heads"),
    )
    op.create_table(
        "companies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("company_name", sa.String(), nullable=False),
        sa.Column("site_name", sa.String(), nullable=False),
        sa.Column("lacks", sa.JSON(), nullable=False),
        sa.Column("change_names_customer", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_companies_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_companies"),
        sa.UniqueConstraint(
            "workspace_id",
            "edition",
            "site_id",
            "company_id",
            name="uq_companies_workspace_id_edition_site_id_company_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "channel_classes",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("figures_class", sa.String(), nullable=False),
        sa.Column("takes_requests", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_channel_classes_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_channel_classes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "company_pk", "channel_id", name="pk_channel_classes"),
    )
    op.create_table(
        "connect_links",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("ticket_hash", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("told_founding", sa.Boolean(), nullable=False),
        sa.Column("state_hash", sa.String(), nullable=True),
        sa.Column("verifier_sealed", sa.Text(), nullable=True),
        sa.Column("browser_hash", sa.String(), nullable=True),
        sa.Column("opened_at", _MOMENT, nullable=True),
        sa.Column("access_token_sealed", sa.Text(), nullable=True),
        sa.Column("refresh_token_sealed", sa.Text(), nullable=True),
        sa.Column("access_expires_at", _MOMENT, nullable=True),
        sa.Column("subject_hash", sa.String(), nullable=True),
        sa.Column("code_sealed", sa.Text(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_connect_links_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_connect_links"),
        sa.UniqueConstraint("state_hash", name="uq_connect_links_state_hash"),
        sa.UniqueConstraint("ticket_hash", name="uq_connect_links_ticket_hash"),
    )
    op.create_index("ix_connect_links_expires_at", "connect_links", ["expires_at"])
    op.create_index("ix_connect_links_workspace_id", "connect_links", ["workspace_id"])
    op.create_table(
        "access_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_access_requests_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_access_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_access_requests_open",
        "access_requests",
        ["workspace_id", "asked_by"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "defaults_off",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_defaults_off_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_defaults_off"),
    )
    op.create_table(
        "group_roles",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_group_roles_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "group_id", name="pk_group_roles"),
    )
    op.create_table(
        "member_roles",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("granted_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_member_roles_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_member_roles"),
    )
    op.create_table(
        "workspace_settings",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("status_for_everyone", sa.Boolean(), nullable=False),
        sa.Column("sales_only_theirs", sa.Boolean(), nullable=False),
        sa.Column("trust_copy_minutes", sa.Integer(), nullable=False),
        sa.Column("second_approver_above", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("overdue_ask_days", sa.Integer(), nullable=False),
        sa.Column("overdue_stop_days", sa.Integer(), nullable=True),
        sa.Column("overdue_least", sa.BigInteger(), nullable=False),
        sa.Column("disputes_count", sa.Boolean(), nullable=False),
        sa.Column("sets_off_credit", sa.Boolean(), nullable=False),
        sa.Column("promise_grace_days", sa.Integer(), nullable=False),
        sa.Column("suggest_after_days", sa.Integer(), nullable=True),
        sa.Column("suggest_above", sa.BigInteger(), nullable=True),
        sa.Column("working_hours", sa.String(length=11), nullable=False),
        sa.Column("hold_reasons", sa.String(length=500), nullable=False),
        sa.Column("keep_questions", sa.Boolean(), nullable=False),
        sa.Column("hold_notes", sa.String(length=5), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_workspace_settings_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_workspace_settings"),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("state_since", _MOMENT, nullable=False),
        sa.Column("sign_in_id", sa.String(length=32), nullable=False),
        sa.Column("subject_hash", sa.String(), nullable=True),
        sa.Column("access_token_sealed", sa.Text(), nullable=True),
        sa.Column("refresh_token_sealed", sa.Text(), nullable=True),
        sa.Column("access_expires_at", _MOMENT, nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("trouble_since", _MOMENT, nullable=True),
        sa.Column("connected_at", _MOMENT, nullable=False),
        sa.Column("refreshed_at", _MOMENT, nullable=False),
        sa.Column("figures_seen_at", _MOMENT, nullable=True),
        sa.Column("told_founding", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("opens", sa.JSON(), nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("refresh_began_at", _MOMENT, nullable=True),
        sa.Column("refresh_due_at", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_connections_company_pk"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_connections_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        sa.UniqueConstraint("workspace_id", "user_id", name="uq_connections_workspace_id_user_id"),
    )
    op.create_index("ix_connections_refresh_due_at", "connections", ["refresh_due_at"])
    op.create_index("ix_connections_subject_hash", "connections", ["subject_hash"])
    op.create_table(
        "conversation_subjects",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("thread", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("asked", sa.String(length=300), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("spoken_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_conversation_subjects_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_conversation_subjects_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "channel", "thread", "user_id", name="pk_conversation_subjects"),
    )
    op.create_index("ix_conversation_subjects_spoken_at", "conversation_subjects", ["spoken_at"])
    op.create_table(
        "answer_counts",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_answer_counts_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "day", "kind", name="pk_answer_counts"),
    )
    op.create_table(
        "answer_feedback",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("message_ts", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_liked", sa.Boolean(), nullable=False),
        sa.Column("pressed_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_answer_feedback_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "channel", "message_ts", "user_id", name="pk_answer_feedback"),
    )
    op.create_index("ix_answer_feedback_pressed_at", "answer_feedback", ["pressed_at"])
    op.create_table(
        "unclear_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_unclear_questions_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_unclear_questions"),
    )
    op.create_index("ix_unclear_questions_asked_at", "unclear_questions", ["asked_at"])
    op.create_index("ix_unclear_questions_workspace_id", "unclear_questions", ["workspace_id"])
    op.create_table(
        "customer_debts",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("outstanding", sa.BigInteger(), nullable=False),
        sa.Column("pool_left", sa.BigInteger(), nullable=False),
        sa.Column("disputed", sa.BigInteger(), nullable=False),
        sa.Column("undated", sa.BigInteger(), nullable=False),
        sa.Column("refund", sa.BigInteger(), nullable=False),
        sa.Column("oldest_due", sa.Date(), nullable=True),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("currency_iso", sa.String(), nullable=False),
        sa.Column("currency_symbol", sa.String(), nullable=False),
        sa.Column("difference", sa.BigInteger(), nullable=True),
        sa.Column("differs_since", _MOMENT, nullable=True),
        sa.Column("disarmed", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("is_warned", sa.Boolean(), nullable=False),
        sa.Column("read_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_customer_debts_company_pk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "customer_id", name="pk_customer_debts"),
    )
    op.create_index(
        "ix_customer_debts_late",
        "customer_debts",
        [
            "company_pk",
            "oldest_due",
            "customer_id",
            "workspace_id",
            "late",
            "next_due",
            "currency_iso",
            "currency_symbol",
        ],
    )
    op.create_index(
        "ix_customer_debts_disputed",
        "customer_debts",
        ["company_pk", "disputed", "customer_id"],
        sqlite_where=sa.text("disputed > 0"),
        postgresql_where=sa.text("disputed > 0"),
    )
    op.create_index(
        "ix_customer_debts_warned",
        "customer_debts",
        ["company_pk", "is_warned", "customer_id"],
        sqlite_where=sa.text("is_warned IS 1"),
        postgresql_where=sa.text("is_warned IS true"),
    )
    op.create_index(
        "ix_customer_debts_next_due",
        "customer_debts",
        ["company_pk", "next_due", "customer_id"],
        sqlite_where=sa.text("next_due IS NOT NULL"),
        postgresql_where=sa.text("next_due IS NOT NULL"),
    )
    op.create_index(
        "ix_customer_debts_to_confirm",
        "customer_debts",
        ["company_pk", "customer_id"],
        sqlite_where=sa.text("difference <> 0 AND differs_since IS NULL"),
        postgresql_where=sa.text("difference <> 0 AND differs_since IS NULL"),
    )
    op.create_table(
        "debt_days",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("overdue", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_debt_days_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_debt_days_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "day", "customer_id", name="pk_debt_days"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_debt_days_workspace_id", "debt_days", ["workspace_id"])
    op.create_table(
        "month_sales",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency_iso", sa.String(), nullable=False),
        sa.Column("currency_symbol", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("invoiced", sa.BigInteger(), nullable=False),
        sa.Column("outstanding", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_month_sales_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_month_sales_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "month", "currency_iso", "currency_symbol", name="pk_month_sales"),
    )
    op.create_index("ix_month_sales_workspace_id", "month_sales", ["workspace_id"])
    op.create_table(
        "hold_episodes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("already_held", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("overdue", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_hold_episodes_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_hold_episodes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hold_episodes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hold_episodes_workspace_id", "hold_episodes", ["workspace_id"])
    op.create_index(
        "uq_hold_episodes_open",
        "hold_episodes",
        ["company_pk", "customer_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_hold_episodes_company_pk_customer_id", "hold_episodes", ["company_pk", "customer_id"])
    op.create_table(
        "change_intents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("on_hold", sa.Boolean(), nullable=True),
        sa.Column("credit_limit", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("completed_at", _MOMENT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("attributed_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_change_intents_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_change_intents_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_change_intents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_intents_began_at", "change_intents", ["began_at"])
    op.create_index("ix_change_intents_company_pk_customer_id", "change_intents", ["company_pk", "customer_id"])
    op.create_index("ix_change_intents_workspace_id", "change_intents", ["workspace_id"])
    op.create_table(
        "mirror_states",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("read_up_to", sa.BigInteger(), nullable=False),
        sa.Column("read_count", sa.Integer(), nullable=False),
        sa.Column("changed_watermark", _MOMENT, nullable=True),
        sa.Column("posted_watermark", _MOMENT, nullable=True),
        sa.Column("loaded_at", _MOMENT, nullable=True),
        sa.Column("synced_at", _MOMENT, nullable=True),
        sa.Column("reconciled_at", _MOMENT, nullable=True),
        sa.Column("sweep", sa.Integer(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("reconcile_due_at", _MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("trouble_since", _MOMENT, nullable=True),
        sa.Column("items_phase", sa.String(), nullable=True),
        sa.Column("items_read_up_to", sa.BigInteger(), nullable=False),
        sa.Column("items_read_count", sa.Integer(), nullable=False),
        sa.Column("items_synced_at", _MOMENT, nullable=True),
        sa.Column("credits_unsigned", sa.Boolean(), nullable=True),
        sa.Column("recount", sa.Boolean(), nullable=False),
        sa.Column("aged_on", sa.Date(), nullable=True),
        sa.Column("aged_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ageing_due_at", _MOMENT, nullable=True),
        sa.Column("sales_read_for", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_mirror_states_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_mirror_states_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", name="pk_mirror_states"),
    )
    op.create_index("ix_mirror_states_due_at", "mirror_states", ["due_at"])
    op.create_index("ix_mirror_states_workspace_id", "mirror_states", ["workspace_id"])
    op.create_table(
        "code_sets",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("analysis", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_code_sets_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_code_sets_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "name", name="pk_code_sets"),
    )
    op.create_index("ix_code_sets_workspace_id", "code_sets", ["workspace_id"])
    op.create_table(
        "code_values",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value_key", sa.String(), nullable=False),
        sa.Column("code_set", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_code_values_company_pk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_pk", "slot", "value_key", "code_set", name="pk_code_values"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name_words",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_name_words_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_name_words_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "word", name="pk_name_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_name_words_workspace_id", "name_words", ["workspace_id"])
    op.create_table(
        "customer_words",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_customer_words_company_pk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "word", "customer_id", name="pk_customer_words"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mirrored_customers",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("reference_key", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("short_name_key", sa.String(), nullable=False),
        sa.Column("postcode_key", sa.String(), nullable=False),
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
        sa.Column("code_set", sa.String(length=32), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("fired_thresholds", sa.JSON(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("sweep", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_mirrored_customers_company_pk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "customer_id", name="pk_mirrored_customers"),
    )
    op.create_index(
        "ix_mirrored_customers_code_set",
        "mirrored_customers",
        ["company_pk", "code_set", "customer_id", "currency_iso", "balance"],
    )
    op.create_index(
        "ix_mirrored_customers_held",
        "mirrored_customers",
        [
            "company_pk",
            "on_hold",
            "customer_id",
            "workspace_id",
            "code_set",
            "currency_iso",
            "currency_symbol",
            "balance",
            "reference",
        ],
        sqlite_where=sa.text("on_hold IS 1"),
        postgresql_where=sa.text("on_hold IS true"),
    )
    op.create_index(
        "ix_mirrored_customers_hidden",
        "mirrored_customers",
        ["company_pk", "hidden", "customer_id"],
        sqlite_where=sa.text("hidden IS 1"),
        postgresql_where=sa.text("hidden IS true"),
    )
    op.create_index(
        "ix_mirrored_customers_over_limit",
        "mirrored_customers",
        ["company_pk", "customer_id", "workspace_id", "code_set", "balance", "credit_limit", "reference"],
        sqlite_where=sa.text("credit_limit > 0 AND balance > credit_limit"),
        postgresql_where=sa.text("credit_limit > 0 AND balance > credit_limit"),
    )
    op.create_index(
        "ix_mirrored_customers_owing",
        "mirrored_customers",
        ["company_pk", sa.text("coalesce(base_balance, balance)")],
        sqlite_where=sa.text("balance > 0"),
        postgresql_where=sa.text("balance > 0"),
    )
    op.create_index(
        "ix_mirrored_customers_company_pk_reference_key",
        "mirrored_customers",
        ["company_pk", "reference_key"],
        unique=False,
        postgresql_ops={"reference_key": "text_pattern_ops"},
    )
    op.create_index(
        "ix_mirrored_customers_postcode",
        "mirrored_customers",
        ["company_pk", "postcode_key", "customer_id"],
        unique=False,
        postgresql_ops={"postcode_key": "text_pattern_ops"},
    )
    op.create_index(
        "ix_mirrored_customers_names",
        "mirrored_customers",
        [
            *("company_pk", "name_key", "customer_id", "reference_key", "short_name_key", "postcode_key"),
            *("code_set", "workspace_id"),
        ],
    )
    op.create_table(
        "open_items",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("second_reference", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("gross", sa.BigInteger(), nullable=True),
        sa.Column("outstanding", sa.BigInteger(), nullable=False),
        sa.Column("uncovered", sa.BigInteger(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("is_foreign", sa.Boolean(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_open_items_company_pk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_pk", "transaction_id", name="pk_open_items"),
    )
    op.create_index("ix_open_items_company_pk_customer_id", "open_items", ["company_pk", "customer_id"])
    op.create_index(
        "ix_open_items_overdue",
        "open_items",
        ["company_pk", "due", "customer_id"],
        sqlite_where=sa.text("uncovered > 0"),
        postgresql_where=sa.text("uncovered > 0"),
    )
    op.create_table(
        "receipts_seen",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_receipts_seen_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_receipts_seen_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "transaction_id", name="pk_receipts_seen"),
    )
    op.create_index("ix_receipts_seen_company_pk_customer_id", "receipts_seen", ["company_pk", "customer_id"])
    op.create_index("ix_receipts_seen_seen_at", "receipts_seen", ["seen_at"])
    op.create_index("ix_receipts_seen_workspace_id", "receipts_seen", ["workspace_id"])
    op.create_table(
        "customer_snoozes",
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("set_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_customer_snoozes_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_customer_snoozes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_pk", "customer_id", "target_id", name="pk_customer_snoozes"),
    )
    op.create_index("ix_customer_snoozes_until", "customer_snoozes", ["until"])
    op.create_index("ix_customer_snoozes_workspace_id", "customer_snoozes", ["workspace_id"])
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency_iso", sa.String(), nullable=False),
        sa.Column("currency_symbol", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("said_by", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("receipts_before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("made_up_at", _MOMENT, nullable=True),
        sa.Column("judge_at", _MOMENT, nullable=True),
        sa.Column("judged_balance", sa.BigInteger(), nullable=True),
        sa.Column("not_before", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_promises_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_promises_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_promises_company_pk_customer_id", "promises", ["company_pk", "customer_id"])
    op.create_index(
        "ix_promises_open",
        "promises",
        ["company_pk", "customer_id"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_promises_judge_at",
        "promises",
        ["judge_at"],
        sqlite_where=sa.text("judge_at IS NOT NULL"),
        postgresql_where=sa.text("judge_at IS NOT NULL"),
    )
    op.create_index("ix_promises_workspace_id", "promises", ["workspace_id"])
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("accepted_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_disputes_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_disputes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_disputes_company_pk_customer_id", "disputes", ["company_pk", "customer_id"])
    op.create_index("ix_disputes_workspace_id", "disputes", ["workspace_id"])
    op.create_index(
        "uq_disputes_open",
        "disputes",
        ["company_pk", "transaction_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "debt_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_debt_notes_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_debt_notes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_debt_notes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_debt_notes_company_pk_customer_id", "debt_notes", ["company_pk", "customer_id"])
    op.create_index("ix_debt_notes_workspace_id", "debt_notes", ["workspace_id"])
    op.create_table(
        "own_customer_codes",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_own_customer_codes_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_own_customer_codes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "company_pk", "user_id", "slot", "value", name="pk_own_customer_codes"),
    )
    op.create_table(
        "release_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_subject", sa.String(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("seen_limit", sa.BigInteger(), nullable=True),
        sa.Column("currency_iso", sa.String(length=3), nullable=False),
        sa.Column("currency_symbol", sa.String(length=8), nullable=False),
        sa.Column("order_number", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("question_by", sa.String(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("remind_at", _MOMENT, nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("held_for", sa.Text(), nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_by", sa.String(), nullable=True),
        sa.Column("first_subject", sa.String(), nullable=True),
        sa.Column("first_at", _MOMENT, nullable=True),
        sa.Column("first_balance", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_release_requests_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_release_requests_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_release_requests"),
        sa.UniqueConstraint("workspace_id", "number", name="uq_release_requests_workspace_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_release_requests_expires_at", "release_requests", ["expires_at"])
    op.create_index("ix_release_requests_remind_at", "release_requests", ["remind_at"])
    op.create_index(
        "uq_release_requests_open",
        "release_requests",
        ["company_pk", "customer_id", "kind", "order_number"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "hold_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("wanted_at", _MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("sage_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_hold_notes_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_hold_notes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hold_notes"),
        sa.UniqueConstraint("company_pk", "customer_id", "kind", name="uq_hold_notes_company_pk_customer_id_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hold_notes_workspace_id", "hold_notes", ["workspace_id"])
    op.create_index("ix_hold_notes_due_at", "hold_notes", ["due_at"])
    op.create_table(
        "temporary_releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("agreed_name", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("look_at", _MOMENT, nullable=False),
        sa.Column("for_order", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("newest_order_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_temporary_releases_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_temporary_releases_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_temporary_releases"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_temporary_releases_workspace_id", "temporary_releases", ["workspace_id"])
    op.create_index("ix_temporary_releases_look_at", "temporary_releases", ["look_at"])
    op.create_index(
        "uq_temporary_releases_waiting",
        "temporary_releases",
        ["company_pk", "customer_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "successions",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_successions_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kind", name="pk_successions"),
    )
    op.create_table(
        "sage_refusals",
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=False),
        sa.Column("refused_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_sage_refusals_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_sage_refusals_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "company_pk", "user_id", name="pk_sage_refusals"),
    )
    op.create_table(
        "seen_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("by_user", sa.String(), nullable=True),
        sa.Column("episode_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_seen_changes_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_seen_changes_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_seen_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_seen_changes_company_pk_seen_at", "seen_changes", ["company_pk", "seen_at"])
    op.create_index("ix_seen_changes_episode_id", "seen_changes", ["episode_id"])
    op.create_index("ix_seen_changes_workspace_id", "seen_changes", ["workspace_id"])
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("schedule", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("digested_at", _MOMENT, nullable=True),
        sa.Column("muted_until", _MOMENT, nullable=True),
        sa.Column("paused_reason", sa.String(), nullable=False),
        sa.Column("paused_since", _MOMENT, nullable=True),
        sa.Column("reads_as_owner", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("pings", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_pk"], ["companies.id"], name="fk_subscriptions_company_pk", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_subscriptions_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("workspace_id", "number", name="uq_subscriptions_workspace_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriptions_due_at", "subscriptions", ["due_at"])
    op.create_index("ix_subscriptions_workspace_id", "subscriptions", ["workspace_id"])
    op.create_table(
        "live_cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["hold_episodes.id"], name="fk_live_cards_episode_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_live_cards_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_live_cards"),
        sa.UniqueConstraint(
            "workspace_id", "target_id", "episode_id", name="uq_live_cards_workspace_id_target_id_episode_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_live_cards_episode_id", "live_cards", ["episode_id"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=32), nullable=False),
        sa.Column("company_pk", sa.Integer(), nullable=True),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("episode_id", sa.Integer(), nullable=True),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_until", _MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("posted_at", _MOMENT, nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("message_ts", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["company_pk"], ["companies.id"], name="fk_outbox_company_pk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name="fk_outbox_subscription_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_outbox_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("workspace_id", "dedupe_key", name="uq_outbox_workspace_id_dedupe_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"])
    op.create_index("ix_outbox_subscription_id", "outbox", ["subscription_id"])
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["workspace_id", "target_id", "id"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_outbox_workspace_id_target_id_id", "outbox", ["workspace_id", "target_id", "id"])


# A line of the record goes only where its head says so: removed by retention, or closed with its workspace. A head
# stays for ever. It moves on, or stays and is sealed anew; whoever moves it without the key breaks its seal.
_REFUSED = "the record is never changed"
_ENTRY_MAY_GO = (
    "exists (select 1 from audit_heads where id = old.workspace_id || '.' || old.chain "
    "and (closed_at is not null or removed >= old.number))"
)
_HEAD_GOES_ON = (
    "new.id = old.id and new.workspace_id = old.workspace_id and new.chain = old.chain "
    "and (old.roll = 0 or new.roll = old.roll) "
    "and new.removed >= old.removed and new.removed <= new.number "
    "and (old.closed_at is null or (new.closed_at is not null and new.number = old.number)) "
    "and (new.number > old.number or (new.number = old.number and new.hash = old.hash))"
)
_SQLITE = (
    f"create trigger audit_entries_stay before update on audit_entries begin select raise(abort, '{_REFUSED}'); end",
    "create trigger audit_entries_remain before delete on audit_entries "
    f"when not {_ENTRY_MAY_GO} begin select raise(abort, '{_REFUSED}'); end",
    f"create trigger audit_heads_remain before delete on audit_heads begin select raise(abort, '{_REFUSED}'); end",
    "create trigger audit_heads_go_on before update on audit_heads "
    f"when not ({_HEAD_GOES_ON}) begin select raise(abort, '{_REFUSED}'); end",
)
_POSTGRESQL = (
    "create function audit_entries_stay() returns trigger language plpgsql as $$ begin "
    f"if tg_op = 'DELETE' and {_ENTRY_MAY_GO} then return old; end if; "
    f"raise exception '{_REFUSED}'; end $$",
    "create trigger audit_entries_stay before update or delete on audit_entries "
    "for each row execute function audit_entries_stay()",
    f"create function audit_refuse() returns trigger language plpgsql as $$ begin raise exception '{_REFUSED}'; end $$",
    "create trigger audit_heads_remain before delete on audit_heads for each row execute function audit_refuse()",
    "create trigger audit_heads_go_on before update on audit_heads for each row "
    f"when (not ({_HEAD_GOES_ON})) execute function audit_refuse()",
    "create trigger audit_entries_whole before truncate on audit_entries "
    "for each statement execute function audit_refuse()",
    "create trigger audit_heads_whole before truncate on audit_heads "
    "for each statement execute function audit_refuse()",
)
