"""The tables of access, beside `member_roles` and `channel_classes`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.row import Row

HANDOVER_ASKED, DEPUTY_ASKED, DEPUTY = "handover_asked", "deputy_asked", "deputy"


def _workspace() -> Mapped[str]:
    return mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)


class WorkspaceSettings(Row):
    """The settings of a workspace; without a row, the defaults of the access model's `Policy` hold."""

    __tablename__ = "workspace_settings"

    workspace_id: Mapped[str] = _workspace()
    status_for_everyone: Mapped[bool]
    sales_only_theirs: Mapped[bool]
    trust_copy_minutes: Mapped[int]
    second_approver_above: Mapped[Decimal | None]
    zone: Mapped[str]
    region: Mapped[str | None]
    overdue_ask_days: Mapped[int]
    overdue_stop_days: Mapped[int | None]
    overdue_least: Mapped[Decimal]
    disputes_count: Mapped[bool]
    sets_off_credit: Mapped[bool]
    promise_grace_days: Mapped[int]
    suggest_after_days: Mapped[int | None]
    suggest_above: Mapped[Decimal | None]
    working_hours: Mapped[str] = mapped_column(String(11))
    hold_reasons: Mapped[str] = mapped_column(String(500))
    keep_questions: Mapped[bool]
    hold_notes: Mapped[str] = mapped_column(String(5))
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class GroupRole(Row):
    """The role of a Slack user group (S…); `team_id` is the group's team, which an organisation must name."""

    __tablename__ = "group_roles"

    workspace_id: Mapped[str] = _workspace()
    group_id: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[str]
    role: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class AccessRequestRow(Row):
    """A person without a role asked the admins of the app for one. At most one of a person is open.

    `role` is the one that was given; `decided_by` is None until the request is closed.
    """

    __tablename__ = "access_requests"
    __table_args__ = (
        Index(
            "uq_access_requests_open",
            "workspace_id",
            "asked_by",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    asked_by: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(20), default="")
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class OwnCustomerCode(Row):
    """One analysis code value that makes a customer a user's own."""

    __tablename__ = "own_customer_codes"

    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class SuccessionRow(Row):
    """Who was asked to let their sign-in answer for a workspace, now or as a deputy; and the deputy who agreed.

    `kind` is one of `HANDOVER_ASKED`, `DEPUTY_ASKED` and `DEPUTY`. `expires_at`: an offer is open until then.
    """

    __tablename__ = "successions"

    workspace_id: Mapped[str] = _workspace()
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    user_id: Mapped[str]
    asked_by: Mapped[str]
    since: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class SageRefusal(Row):
    """A company that Sage 200 refused a user, until Sage grants it again.

    `refusal` is the name of the error class of Sage's answer.
    """

    # By user and not by sign-in: neither disconnecting nor choosing another company lifts a refusal.
    __tablename__ = "sage_refusals"

    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    refusal: Mapped[str] = mapped_column(String(40))
    refused_at: Mapped[datetime]
