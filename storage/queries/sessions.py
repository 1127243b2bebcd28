"""One statement that reads everything that decides what a user may do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    case,
    cast,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause

from storage.queries.leases import pause_name
from storage.statements import changed, table_of, upsert
from storage.tables import core
from storage.tables.access import GroupRole, OwnCustomerCode, SageRefusal, WorkspaceSettings
from storage.tables.alerts import MirrorStateRow, SubscriptionRow
from storage.tables.core import DISCONNECTED, CompanyRow, LeaseRow, MemberRole, Workspace


@dataclass(frozen=True, slots=True)
class SessionRows:
    """One user in one workspace, as the database has them.

    `person` has the columns of `_statement`. `groups` are (group id, team id, role). Of the answering company: `codes`
    are the (slot, value) of the user's own customers, `watched` the (number, customers named in the filter) of their
    personal subscriptions, `refusals` Sage's refusals by user id, of the user and of the owner of the workspace
    connection.
    """

    person: Any
    groups: tuple[tuple[str, str, str], ...]
    codes: tuple[tuple[int, str], ...]
    watched: tuple[tuple[int, tuple[str, ...]], ...]
    refusals: dict[str, str]


def read(
    connection: Connection, *, workspace_id: str, user_id: str, company_pk: int | None = None
) -> SessionRows | None:
    """Return what decides about a user, in the company named or else the one that answers; None: no such workspace."""
    whose = {"workspace": workspace_id, "user": user_id, "company": company_pk}
    person = connection.execute(_STATEMENTS[connection.dialect.name], whose).one_or_none()
    if person is None:
        return None
    return SessionRows(
        person,
        groups=tuple((group_id, team_id, role) for group_id, team_id, role in json.loads(person.groups)),
        codes=tuple((slot, value) for slot, value in json.loads(person.codes)),
        watched=tuple((number, tuple(names or ())) for number, names in json.loads(person.watched)),
        refusals=dict(json.loads(person.refusals)),
    )


async def refuse(
    tx: AsyncSession, *, workspace_id: str, user_id: str, company_pk: int, refusal: str, now: datetime
) -> None:
    """Store that Sage refused this user this company."""
    said = {"refusal": refusal, "refused_at": now}
    key = {"workspace_id": workspace_id, "company_pk": company_pk, "user_id": user_id}
    await upsert(tx, SageRefusal, on=list(key), values={**key, **said}, instead=said)


async def lift_refusal(tx: AsyncSession, *, workspace_id: str, user_id: str, company_pk: int) -> bool:
    """Delete a refusal, as Sage has shown this user the company since. Return False if there was none."""
    gone = delete(SageRefusal).where(
        SageRefusal.workspace_id == workspace_id,
        SageRefusal.company_pk == company_pk,
        SageRefusal.user_id == user_id,
    )
    return await changed(tx, gone) == 1


def _sign_in(table: NamedFromClause, prefix: str) -> list[Any]:
    names = (
        "id", "user_id", "state", "state_since", "company_pk", "sign_in_id", "access_token_sealed", "access_expires_at",
        "figures_seen_at",
    )  # fmt: skip
    return [table.c[name].label(f"{prefix}_{name}") for name in names]


def _columns(table: Table, *names: str) -> list[Any]:
    return [table.c[name] for name in names]


def _statement(dialect: str) -> Select[Any]:
    """Return the statement, whose one row holds everything."""
    # Lists come as JSON: a second statement would cost as much again. Built once per dialect, since building the
    # statement for a request costs more than running it.
    lists, each = (
        (func.json_group_array, func.json_array) if dialect == "sqlite" else (func.json_agg, func.json_build_array)
    )
    workspace, user = bindparam("workspace", type_=String), bindparam("user", type_=String)
    w, m, s, c = (table_of(model) for model in (Workspace, MemberRole, WorkspaceSettings, CompanyRow))
    mirror, pause = table_of(MirrorStateRow), table_of(LeaseRow)
    own, shared = table_of(core.Connection).alias("own"), table_of(core.Connection).alias("shared")
    answers = case((own.c.id.is_not(None), own.c.company_pk), else_=shared.c.company_pk)
    company = func.coalesce(bindparam("company", type_=Integer), answers)

    def listed(
        name: str, table: Table, *columns: str | ColumnElement[Any], where: ColumnElement[bool] | None = None
    ) -> Any:
        values = (table.c[column] if isinstance(column, str) else column for column in columns)
        found = func.coalesce(cast(lists(each(*values)), String), "[]")
        statement = select(found).where(table.c.workspace_id == w.c.id)
        return (statement if where is None else statement.where(where)).scalar_subquery().label(name)

    g, o, r, b = (table_of(model) for model in (GroupRole, OwnCustomerCode, SageRefusal, SubscriptionRow))
    personal = (b.c.owner == user) & (b.c.target_id == user) & b.c.is_personal
    return (
        select(
            *_columns(w, "name", "workspace_connection_id", "installed_by"),
            m.c.role,
            *_sign_in(own, "own"),
            *_sign_in(shared, "shared"),
            c.c.id.label("company_pk"),
            *_columns(c, "edition", "site_id", "company_id", "company_name", "site_name"),
            *_columns(c, "lacks", "change_names_customer"),
            *_columns(mirror, "phase", "synced_at", "read_count", "trouble", "trouble_since"),
            pause.c.until.label("paused_until"),
            s.c.workspace_id.label("has_settings"),
            *_columns(s, "status_for_everyone", "sales_only_theirs", "trust_copy_minutes", "second_approver_above"),
            *_columns(s, "zone", "region", "overdue_ask_days", "overdue_stop_days", "overdue_least"),
            *_columns(s, "promise_grace_days", "suggest_after_days", "suggest_above"),
            listed("groups", g, "group_id", "team_id", "role"),
            listed("codes", o, "slot", "value", where=(o.c.user_id == user) & (o.c.company_pk == company)),
            listed("watched", b, "number", b.c.filter["customers"], where=personal & (b.c.company_pk == company)),
            listed(
                "refusals",
                r,
                "user_id",
                "refusal",
                where=or_(r.c.user_id == user, r.c.user_id == shared.c.user_id) & (r.c.company_pk == company),
            ),
        )
        .select_from(w)
        .outerjoin(m, (m.c.workspace_id == w.c.id) & (m.c.user_id == user))
        .outerjoin(own, (own.c.workspace_id == w.c.id) & (own.c.user_id == user) & (own.c.state != DISCONNECTED))
        .outerjoin(shared, (shared.c.id == w.c.workspace_connection_id) & (shared.c.workspace_id == w.c.id))
        .outerjoin(c, (c.c.id == company) & (c.c.workspace_id == w.c.id))
        .outerjoin(mirror, mirror.c.company_pk == c.c.id)
        .outerjoin(pause, pause.c.name == pause_name(c))
        .outerjoin(s, s.c.workspace_id == w.c.id)
        .where(w.c.id == workspace)
    )


_STATEMENTS = {dialect: _statement(dialect) for dialect in ("sqlite", "postgresql")}
