"""Queries of roles of users and user groups, and of users' own customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Integer, Select, String, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import Listed, changed, table_of, upsert
from storage.tables.access import GroupRole, OwnCustomerCode
from storage.tables.core import MemberRole, Workspace


async def lock(tx: AsyncSession, *, workspace_id: str) -> None:
    """Lock the workspace's row for a change of roles; other changes wait."""
    # Two changes at once could each leave the other user as the last admin. A key-share lock, so that rows which only
    # refer to the workspace don't wait: audit entries are added under the lock of the audit head.
    await tx.execute(select(Workspace.id).where(Workspace.id == workspace_id).with_for_update(key_share=True))


async def people(tx: AsyncSession, *, workspace_id: str) -> dict[str, str]:
    """Return the roles by user id."""
    found = await tx.execute(select(MemberRole.user_id, MemberRole.role).where(MemberRole.workspace_id == workspace_id))
    return {row.user_id: row.role for row in found}


async def groups(tx: AsyncSession, *, workspace_id: str) -> list[GroupRole]:
    """Return the user groups that have a role, by id."""
    statement = select(GroupRole).where(GroupRole.workspace_id == workspace_id).order_by(GroupRole.group_id)
    return list(await tx.scalars(statement, execution_options={"populate_existing": True}))


async def grant_group(
    tx: AsyncSession, *, workspace_id: str, group_id: str, team_id: str, role: str, granted_by: str, now: datetime
) -> None:
    """Give a user group a role, in place of the one before."""
    grounds = {"team_id": team_id, "role": role, "granted_by": granted_by, "granted_at": now}
    values = {"workspace_id": workspace_id, "group_id": group_id, **grounds}
    await upsert(tx, GroupRole, on=["workspace_id", "group_id"], values=values, instead=grounds)


async def withdraw(tx: AsyncSession, *, workspace_id: str, user_id: str) -> bool:
    """Delete a user's own role. Return False if there was none."""
    statement = delete(MemberRole).where(MemberRole.workspace_id == workspace_id, MemberRole.user_id == user_id)
    return await changed(tx, statement) == 1


async def withdraw_group(tx: AsyncSession, *, workspace_id: str, group_id: str) -> bool:
    """Delete a user group's role. Return False if there was none."""
    statement = delete(GroupRole).where(GroupRole.workspace_id == workspace_id, GroupRole.group_id == group_id)
    return await changed(tx, statement) == 1


async def codes_of(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> dict[str, dict[int, tuple[str, ...]]]:
    """Return, by user id, the analysis code values by slot of everybody's own customers."""
    company = (workspace_id, company_pk)
    return (await (await tx.connection()).run_sync(codes_of_companies, [company]))[company]


async def codes_of_user(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, user_id: str
) -> dict[int, tuple[str, ...]]:
    """Return the analysis code values by slot of a user's own customers."""
    row = table_of(OwnCustomerCode).c
    whose = (row.workspace_id == workspace_id, row.company_pk == company_pk, row.user_id == user_id)
    found: dict[int, tuple[str, ...]] = {}
    for slot, value in await tx.execute(select(row.slot, row.value).where(*whose).order_by(row.slot, row.value)):
        found[slot] = (*found.get(slot, ()), value)
    return found


def codes_of_companies(
    connection: Connection, companies: Collection[tuple[str, int]]
) -> dict[tuple[str, int], dict[str, dict[int, tuple[str, ...]]]]:
    """Return, by (workspace id, company), what `codes_of` does of everybody."""
    listed, statement = _CODES[connection.dialect.name]
    found: dict[tuple[str, int], dict[str, dict[int, tuple[str, ...]]]] = {company: {} for company in companies}
    for workspace_id, company_pk, user_id, slot, value in connection.execute(statement, listed.given(companies)):
        of_person = found[workspace_id, company_pk].setdefault(user_id, {})
        of_person[slot] = (*of_person.get(slot, ()), value)
    return found


def _codes(dialect: str) -> tuple[Listed, Select[str, int, str, int, str]]:
    """Return the question for the codes of the companies listed, and their list."""
    listed, table = Listed(dialect, workspace_id=String, company_pk=Integer), table_of(OwnCustomerCode)
    columns = [table.c[name] for name in ("workspace_id", "company_pk", "user_id", "slot", "value")]
    whose = and_(*(table.c[name] == column for name, column in listed.c.items()))
    return listed, select(*columns).select_from(listed.table).join(table, whose).order_by(*columns)


async def set_codes(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    codes: Mapping[str, Mapping[int, Iterable[str]]],
    set_by: str,
    now: datetime,
) -> None:
    """Replace the codes of users' own customers, by user id and slot.

    The caller has checked that the company is of this workspace.
    """
    where = {"workspace_id": workspace_id, "company_pk": company_pk}
    gone = delete(OwnCustomerCode).where(
        OwnCustomerCode.workspace_id == workspace_id, OwnCustomerCode.company_pk == company_pk
    )
    await changed(tx, gone.where(OwnCustomerCode.user_id.in_(codes)))
    for user_id, of_user in codes.items():
        for slot, values in of_user.items():
            for value in dict.fromkeys(values):
                tx.add(OwnCustomerCode(**where, user_id=user_id, slot=slot, value=value, set_by=set_by, set_at=now))
    await tx.flush()


_CODES = {dialect: _codes(dialect) for dialect in ("sqlite", "postgresql")}
