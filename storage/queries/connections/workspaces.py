"""Queries of workspaces, their installation, and the roles of their members."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.queries.connections import connect_links, connections
from storage.statements import changed, inserting, one, upsert
from storage.tables.core import CONNECTED, Connection, MemberRole, Workspace

UNINSTALLED = "the app was uninstalled from Slack"


class InstalledAgain(Exception):
    """The installation that was to be ended has been replaced by a newer one, which nothing may be taken from."""


async def save_install(
    tx: AsyncSession,
    *,
    workspace_id: str,
    slack_id: str,
    is_enterprise: bool,
    name: str,
    domain: str,
    app_id: str,
    bot_user_id: str,
    bot_id: str,
    bot_scopes: str,
    bot_token_sealed: SealedText | None,
    bot_refresh_token_sealed: SealedText | None,
    bot_token_expires_at: datetime | None,
    installed_by: str,
    due_at: datetime | None = None,
    now: datetime,
) -> Workspace:
    """Install, or install again: an existing workspace keeps its id, and `workspace_id` is not used."""
    details = {
        "is_enterprise": is_enterprise,
        "name": name,
        "domain": domain,
        "app_id": app_id,
        "bot_user_id": bot_user_id,
        "bot_id": bot_id,
        "bot_scopes": bot_scopes,
        "bot_token_sealed": bot_token_sealed,
        "bot_refresh_token_sealed": bot_refresh_token_sealed,
        "bot_token_expires_at": bot_token_expires_at,
        "installed_by": installed_by,
        "installed_at": now,
        "uninstalled_at": None,
        "refresh_due_at": due_at,
        "refresh_began_at": None,
        "failures": 0,
        "lease_owner": None,
        "lease_until": None,
    }
    values = {"id": workspace_id, "slack_id": slack_id, "token_version": 1, **details}
    again = {**details, "token_version": Workspace.token_version + 1}
    return await upsert(tx, Workspace, on=["slack_id"], values=values, instead=again)


async def by_slack_id(tx: AsyncSession, slack_id: str) -> Workspace | None:
    """Return the workspace of a team or organisation, also after an uninstall."""
    return await one(tx, select(Workspace).where(Workspace.slack_id == slack_id))


async def installed(tx: AsyncSession) -> list[Workspace]:
    """Return every workspace where the app is installed, the first first."""
    statement = select(Workspace).where(Workspace.uninstalled_at.is_(None)).order_by(Workspace.installed_at)
    return list(await tx.scalars(statement))


async def by_ids(tx: AsyncSession, ids: Collection[str]) -> dict[str, Workspace]:
    """Return the workspaces of our own ids, also after an uninstall."""
    statement = select(Workspace).where(Workspace.id.in_(sorted(set(ids))))
    return {row.id: row for row in await tx.scalars(statement, execution_options={"populate_existing": True})}


async def by_id(tx: AsyncSession, workspace_id: str) -> Workspace | None:
    """Return the workspace of our own id, also after an uninstall."""
    return await one(tx, select(Workspace).where(Workspace.id == workspace_id))


async def mark_uninstalled(
    tx: AsyncSession, slack_id: str, *, now: datetime, installed_at: datetime | None = None
) -> bool:
    """Erase every token of the workspace. Return False if it is unknown or was uninstalled already.

    With `installed_at`, raises InstalledAgain if the app was installed again since that moment.
    """
    workspace = await by_slack_id(tx, slack_id)
    if workspace is None:
        return False
    seen_at = installed_at or workspace.installed_at
    # Links, connections, workspace: the order in which a verification locks them. It either ends before us, and
    # what it connected is erased here, or finds its link dead.
    await connect_links.erase_workspace(tx, workspace_id=workspace.id)
    await connections.disconnect_all(tx, workspace_id=workspace.id, reason=UNINSTALLED, now=now)
    statement = (
        update(Workspace)
        .where(Workspace.id == workspace.id, Workspace.uninstalled_at.is_(None))
        .values(
            uninstalled_at=now,
            bot_token_sealed=None,
            bot_refresh_token_sealed=None,
            bot_token_expires_at=None,
            refresh_due_at=None,
            refresh_began_at=None,
        )
    )
    is_first = await changed(tx, statement) == 1
    if (await by_slack_id(tx, slack_id) or workspace).installed_at != seen_at:
        raise InstalledAgain
    return is_first


async def forget_rotation(tx: AsyncSession, *, workspace_id: str, expected_version: int) -> None:
    """Erase a dead refresh token, which must not be tried again; the access token may live on for hours."""
    statement = update(Workspace).where(Workspace.id == workspace_id, Workspace.token_version == expected_version)
    dead = {"bot_refresh_token_sealed": None, "refresh_due_at": None, "refresh_began_at": None}
    await changed(tx, statement.values(**dead))


async def uninstalled(tx: AsyncSession, *, before: datetime) -> list[str]:
    """Return the ids of the workspaces uninstalled before a moment."""
    return list(await tx.scalars(select(Workspace.id).where(Workspace.uninstalled_at <= before).order_by(Workspace.id)))


async def purge(tx: AsyncSession, *, workspace_id: str, before: datetime) -> bool:
    """Delete a workspace uninstalled before a moment, with all its data. Return False if it was installed again."""
    statement = delete(Workspace).where(Workspace.id == workspace_id, Workspace.uninstalled_at <= before)
    return await changed(tx, statement) == 1


async def lock_uninstalled(tx: AsyncSession, *, workspace_id: str, before: datetime) -> bool:
    """Lock the workspace. Return False if it is not one that was uninstalled before a moment."""
    statement = select(Workspace.id).where(Workspace.id == workspace_id, Workspace.uninstalled_at <= before)
    return await tx.scalar(statement.with_for_update()) is not None


async def hand_over(tx: AsyncSession, *, workspace_id: str, connection_id: str) -> bool:
    """Make this the workspace connection in place of another. Return False if it isn't connected here."""
    its_own = exists().where(
        Connection.id == connection_id, Connection.workspace_id == workspace_id, Connection.state == CONNECTED
    )
    statement = update(Workspace).where(Workspace.id == workspace_id, its_own)
    return await changed(tx, statement.values(workspace_connection_id=connection_id)) == 1


async def with_role(tx: AsyncSession, *, workspace_id: str, role: str) -> list[str]:
    """Return the user ids that have this role."""
    statement = select(MemberRole.user_id).where(MemberRole.workspace_id == workspace_id, MemberRole.role == role)
    return list(await tx.scalars(statement.order_by(MemberRole.user_id)))


async def note_refused_blocks(
    tx: AsyncSession, *, workspace_id: str, kinds: Mapping[str, datetime], now: datetime
) -> None:
    """Add the kinds of blocks that Slack refused until a moment to those known; what is past is left out."""
    of_workspace = Workspace.id == workspace_id
    before = await tx.scalar(select(Workspace.refused_blocks).where(of_workspace).with_for_update())
    until = {kind: when for kind, when in refused_blocks(before).items() if when > now} | dict(kinds)
    written = {kind: when.isoformat() for kind, when in sorted(until.items())}
    await changed(tx, update(Workspace).where(of_workspace).values(refused_blocks=written))


def refused_blocks(column: Mapping[str, str] | None) -> dict[str, datetime]:
    """Return the kinds of blocks that Slack refused, and until when that is remembered."""
    return {kind: datetime.fromisoformat(when) for kind, when in (column or {}).items()}


async def owners(tx: AsyncSession, *, limit: int) -> list[tuple[str, str]]:
    """Return (workspace id, user id) of the owners of live workspace connections."""
    statement = (
        select(Workspace.id, Connection.user_id)
        .join(Connection, Connection.id == Workspace.workspace_connection_id)
        .where(Connection.workspace_id == Workspace.id, Connection.state == CONNECTED)
    )
    return [(row.id, row.user_id) for row in await tx.execute(statement.order_by(Workspace.id).limit(limit))]


async def role_of(tx: AsyncSession, *, workspace_id: str, user_id: str) -> str | None:
    """Return the user's role, if there is one."""
    return await tx.scalar(
        select(MemberRole.role).where(MemberRole.workspace_id == workspace_id, MemberRole.user_id == user_id)
    )


async def grant(
    tx: AsyncSession, *, workspace_id: str, user_id: str, role: str, granted_by: str, now: datetime
) -> None:
    """Give a user a role, in place of the one before."""
    await grant_each(tx, workspace_id=workspace_id, roles={user_id: role}, granted_by=granted_by, now=now)


async def grant_each(
    tx: AsyncSession, *, workspace_id: str, roles: Mapping[str, str], granted_by: str, now: datetime
) -> None:
    """Give users roles, in place of those before; by user id."""
    grounds = {"granted_by": granted_by, "granted_at": now}
    rows = [{"workspace_id": workspace_id, "user_id": user, "role": role, **grounds} for user, role in roles.items()]
    insert = inserting(tx, MemberRole)
    instead = {name: insert.excluded[name] for name in ("role", *grounds)}
    statement = insert.on_conflict_do_update(index_elements=["workspace_id", "user_id"], set_=instead)
    await (await tx.connection()).execute(statement, rows)


async def workspace_connection(tx: AsyncSession, *, workspace_id: str) -> Connection | None:
    """Return the connection that the workspace names to answer for it, in whatever state it is."""
    named = (Connection.id == Workspace.workspace_connection_id) & (Connection.workspace_id == Workspace.id)
    return await one(tx, select(Connection).join(Workspace, named).where(Workspace.id == workspace_id))
