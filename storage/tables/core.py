"""The tables of installations, roles, companies, connections and leases.

Columns named `…_sealed` hold `storage.cipher` text; those named `…_hash` hold digests.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from storage.cipher import SealedText
from storage.tables import access, alerts, assistant, debts, holds, promises
from storage.tables.row import Row

__all__ = [
    "CompanyRow",
    "ConnectLink",
    "Connection",
    "Heartbeat",
    "LeaseRow",
    "MemberRole",
    "Row",
    "SeenRequest",
    "Workspace",
    "access",  # the other tables are imported here so that the metadata is complete wherever this module is
    "alerts",
    "assistant",
    "debts",
    "holds",
    "promises",
]

OFFERED, OPENED, RETURNED, PENDING, VERIFIED, DEAD = "offered", "opened", "returned", "pending", "verified", "dead"
CONNECTED, RECONNECT_NEEDED, PAUSED, DISCONNECTED = "connected", "reconnect_needed", "paused", "disconnected"


class RefreshableTokens:
    """The columns of a token pair that one process at a time refreshes.

    `refresh_began_at` is the intent, written before Sage ID or Slack is asked: while it is set, the answer to an
    earlier refresh may have been lost. `refresh_due_at` is when the worker looks again; None means never.
    """

    token_version: Mapped[int] = mapped_column(default=1)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    refresh_began_at: Mapped[datetime | None]
    refresh_due_at: Mapped[datetime | None] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(default=0)


class Workspace(RefreshableTokens, Row):
    """One installation: a Slack team (T…), or a Grid organisation (E…) that installed for all its teams."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    slack_id: Mapped[str] = mapped_column(unique=True)
    is_enterprise: Mapped[bool]
    name: Mapped[str]
    domain: Mapped[str]
    app_id: Mapped[str]
    bot_user_id: Mapped[str]
    bot_id: Mapped[str]
    bot_scopes: Mapped[str] = mapped_column(Text)
    bot_token_sealed: Mapped[SealedText | None]
    bot_refresh_token_sealed: Mapped[SealedText | None]
    bot_token_expires_at: Mapped[datetime | None]
    installed_by: Mapped[str]
    installed_at: Mapped[datetime]
    uninstalled_at: Mapped[datetime | None]
    # No foreign key: workspaces and connections would then need each other first, which SQLite cannot alter later.
    workspace_connection_id: Mapped[str | None] = mapped_column(String(32))
    subscriptions_given: Mapped[int] = mapped_column(default=0, server_default="0")
    refused_blocks: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))

    @classmethod
    def refresh_token_column(cls) -> InstrumentedAttribute[SealedText | None]:
        """Return the refresh token's column; NULL while Slack's token rotation is off."""
        return cls.bot_refresh_token_sealed


class Heartbeat(Row):
    """A process that was alive; and the row that shows whether the database takes writes."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    beat_at: Mapped[datetime]


class SeenRequest(Row):
    """A request that was taken on; the same key is a repeat until `repeats_until`. `answer` is for the repeats."""

    __tablename__ = "seen_requests"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    repeats_until: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(Text)


class MemberRole(Row):
    """The role of a user in a workspace."""

    __tablename__ = "member_roles"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class CompanyRow(Row):
    """A company that a user of this workspace chose; two workspaces that use one company have a row each.

    `lacks` and `change_names_customer`: how its Sage turned out to be asked, as `bot.domain.company.SiteWays` says.
    """

    __tablename__ = "companies"
    __table_args__ = (
        UniqueConstraint("workspace_id", "edition", "site_id", "company_id"),
        {"sqlite_autoincrement": True},  # or SQLite gives the number of a purged company to the next one
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    edition: Mapped[str]
    site_id: Mapped[str]
    company_id: Mapped[int] = mapped_column(BigInteger)
    company_name: Mapped[str]
    site_name: Mapped[str]
    lacks: Mapped[list[str]] = mapped_column(JSON, default=list)
    change_names_customer: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class ConnectLink(Row):
    """A connect link and its stage: offered, opened, returned, pending, verified; or dead.

    `told_founding`: its pages say that this sign-in founds the workspace.
    """

    __tablename__ = "connect_links"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str]
    user_name: Mapped[str]
    team_id: Mapped[str]
    ticket_hash: Mapped[str] = mapped_column(unique=True)
    stage: Mapped[str]
    told_founding: Mapped[bool]
    state_hash: Mapped[str | None] = mapped_column(unique=True)
    verifier_sealed: Mapped[SealedText | None]
    browser_hash: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    access_token_sealed: Mapped[SealedText | None]
    refresh_token_sealed: Mapped[SealedText | None]
    access_expires_at: Mapped[datetime | None]
    subject_hash: Mapped[str | None]
    code_sealed: Mapped[SealedText | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Connection(RefreshableTokens, Row):
    """A user's Sage sign-in in a workspace; the row outlives its tokens, so the chosen company is remembered.

    `subject_hash` is the hashed Sage ID; `sign_in_id` names one sign-in until the user connects again.
    `figures_seen_at`: when Sage first showed the sign-in customers of this company, unless it refused since.
    `told_founding`: the user was told, before they connected, that choosing a company founds the workspace.
    `opens` are the companies that Sage listed for it last: edition, site, number and two names of each.
    """

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[str]
    company_pk: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    state: Mapped[str]
    state_reason: Mapped[str]
    state_since: Mapped[datetime]
    sign_in_id: Mapped[str] = mapped_column(String(32))
    subject_hash: Mapped[str | None] = mapped_column(index=True)
    access_token_sealed: Mapped[SealedText | None]
    refresh_token_sealed: Mapped[SealedText | None]
    access_expires_at: Mapped[datetime]
    trouble: Mapped[str | None]
    trouble_since: Mapped[datetime | None]
    connected_at: Mapped[datetime]
    refreshed_at: Mapped[datetime]
    figures_seen_at: Mapped[datetime | None]
    told_founding: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    opens: Mapped[list[list[str]]] = mapped_column(JSON, default=list)

    @classmethod
    def refresh_token_column(cls) -> InstrumentedAttribute[SealedText | None]:
        """Return the refresh token's column; NULL once disconnected."""
        return cls.refresh_token_sealed


class LeaseRow(Row):
    """A turn that one owner holds at a time, by name: a heavy read of a company, or the pause that Sage asked for."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime] = mapped_column(index=True)
