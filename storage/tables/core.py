"""Every table. Columns named `…_sealed` hold `storage.cipher` text; those named `…_hash` hold digests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from storage.base import Row
from storage.cipher import SealedText
from storage.tables import access as access_models
from storage.tables import alerts as news_models
from storage.tables import assistant as talk_models
from storage.tables import holds as doing_models

__all__ = [
    "CompanyRow",
    "ConnectLink",
    "Connection",
    "InstallState",
    "Lease",
    "MemberRole",
    "Notice",
    "Row",
    "SeenRequest",
    "Workspace",
    "access_models",  # whoever knows these tables must know them all
    "doing_models",
    "news_models",
    "talk_models",
]

OFFERED, OPENED, RETURNED, PENDING, VERIFIED, DEAD = "offered", "opened", "returned", "pending", "verified", "dead"
CONNECTED, RECONNECT_NEEDED, PAUSED, DISCONNECTED = "connected", "reconnect_needed", "paused", "disconnected"


class RefreshableTokens:
    """A pair of tokens that one process at a time renews.

    `refresh_began_at` is the intent, written before Sage ID or Slack is asked: while it stands, the answer to an
    earlier renewal may have been lost. `refresh_due_at` is when the worker looks again; None means never.
    """

    token_version: Mapped[int] = mapped_column(default=1)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    refresh_began_at: Mapped[datetime | None]
    refresh_due_at: Mapped[datetime | None] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(default=0)


class Workspace(RefreshableTokens, Row):
    """One installation: a Slack team (T…), or a Grid organisation (E…) that installed for all its teams.

    `has_record`: its record has begun. The database sets it with the first line and takes it back for nobody.
    """

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
    has_record: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    @classmethod
    def refresh_token_column(cls) -> InstrumentedAttribute[SealedText | None]:
        """None while Slack's token rotation is off, or nothing is left to renew."""
        return cls.bot_refresh_token_sealed


class InstallState(Row):
    """A Slack installation that somebody has begun: it comes back once, in time, or not at all."""

    __tablename__ = "install_states"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SeenRequest(Row):
    """A request of Slack's that we took on: Slack sends some of them twice."""

    __tablename__ = "seen_requests"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)


class MemberRole(Row):
    """The role that somebody was given in one workspace."""

    __tablename__ = "member_roles"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class CompanyRow(Row):
    """A company that somebody of this workspace chose. Two workspaces that use the same books have a row each."""

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


class ConnectLink(Row):
    """One connect link and what became of it: offered, opened, returned, pending, verified; or dead."""

    __tablename__ = "connect_links"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str]
    user_name: Mapped[str]
    team_id: Mapped[str]
    ticket_hash: Mapped[str] = mapped_column(unique=True)
    stage: Mapped[str]
    may_own_workspace: Mapped[bool]
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
    """One person's Sage sign-in in one workspace; it outlives its tokens, so that the company chosen is remembered.

    `subject_hash` is the Sage ID behind it, hashed; `sign_in_id` names one sign-in until they connect again.
    `figures_seen_at`: when Sage first showed it customers of this company, unless it refused it since.
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

    @classmethod
    def refresh_token_column(cls) -> InstrumentedAttribute[SealedText | None]:
        """None once it is disconnected."""
        return cls.refresh_token_sealed


class Notice(Row):
    """Something to tell a person: written in the transaction that made it true, sent afterwards."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("workspace_id", "dedupe_key"),
        Index("ix_notices_due_at", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[str]
    kind: Mapped[str]
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    dedupe_key: Mapped[str]
    due_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    channel: Mapped[str | None]
    message_ts: Mapped[str | None]


class Lease(Row):
    """A turn that one owner holds at a time, by name: a heavy read of a company, or the pause that Sage asked for."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime] = mapped_column(index=True)
