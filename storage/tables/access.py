"""The tables of who may see what, beside `member_roles` and `channel_classes`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Row


def _workspace() -> Mapped[str]:
    return mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)


class WorkspaceSettings(Row):
    """What the admins of the app chose; a workspace without a row has the defaults of the access model's `Policy`."""

    __tablename__ = "workspace_settings"

    workspace_id: Mapped[str] = _workspace()
    status_for_everyone: Mapped[bool]
    sales_only_theirs: Mapped[bool]
    trust_copy_minutes: Mapped[int]
    second_approver_above: Mapped[Decimal | None]
    zone: Mapped[str]
    region: Mapped[str | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class GroupRole(Row):
    """The role that a user group of Slack's (S…) was given; `team_id` is where it is: organisations must say so."""

    __tablename__ = "group_roles"

    workspace_id: Mapped[str] = _workspace()
    group_id: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[str]
    role: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class OwnCustomerCode(Row):
    """One analysis code value that makes a customer somebody's own, as an admin said."""

    __tablename__ = "own_customer_codes"

    workspace_id: Mapped[str] = _workspace()
    company_pk: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    set_by: Mapped[str]
    set_at: Mapped[datetime]
