"""What is past its retention goes: dead sign-ins, copies that nobody needs, people who left, history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from bot.features.access.model.authorization import Role
from storage.queries import personal_data
from storage.tables.alerts import MirroredCustomer, MirrorStateRow
from storage.tables.core import CONNECTED, DISCONNECTED, Connection, MemberRole, Workspace
from storage.tables.holds import ReleaseRequestRow
from tests.notices import notices_in


@pytest.fixture
async def acme(desk, connected):
    await desk.services.mirror.ensure(most=10)
    for workspace_id, company_pk in await desk.services.mirror.due(most=10):
        await desk.services.mirror.sync(workspace_id=workspace_id, company_pk=company_pk)
    return desk


async def count(desk, model):
    async with desk.services.database.reading() as tx:
        return len(list(await tx.scalars(select(model))))


async def clear(desk):
    await desk.services.data_retention.clear_away(now=desk.clock())


async def test_a_leavers_tokens_are_erased_and_revoked_after_the_retention(acme):
    here = {"workspace_id": acme.workspaces["T0ACME"], "user_id": "U0PRIYA"}
    await acme.services.workspace_connections.owner_left(**here, now=acme.clock())
    acme.clock.forward(days=6)
    await clear(acme)
    assert (await connection(acme)).refresh_token_sealed is not None
    acme.clock.forward(days=2)
    await clear(acme)
    row = await connection(acme)
    assert (row.access_token_sealed, row.refresh_token_sealed, row.subject_hash) == (None, None, None)
    assert not acme.sage_id.is_signed_in("george@example.test")
    # Coming back, they connect again: nothing is left to resume.
    assert not await acme.services.workspace_connections.owner_back(**here, now=acme.clock())
    lines = [kept.line.action for kept in await acme.services.audit_reader.read(await acme.session(), "sign-in")]
    assert lines[:2] == ["sign-in erased", "sign-in paused"]


async def connection(desk):
    async with desk.services.database.reading() as tx:
        return (await tx.scalars(select(Connection))).one()


async def test_a_copy_that_nobody_needs_goes_after_the_retention(acme):
    customers = await count(acme, MirroredCustomer)
    assert customers
    acme.clock.forward(days=30)
    await clear(acme)
    assert await count(acme, MirroredCustomer) == customers  # it is needed, however long Sage is away
    await acme.services.connections.disconnect(await acme.session())
    await clear(acme)
    assert (await count(acme, MirroredCustomer), await count(acme, MirrorStateRow)) == (0, 0)


async def test_a_copy_just_left_alone_is_kept_for_the_retention(acme):
    await acme.services.connections.disconnect(await acme.session())
    acme.clock.forward(days=6)
    await clear(acme)
    assert await count(acme, MirroredCustomer)


async def test_roles_of_people_whom_slack_deactivated_go(acme):
    george = acme.asker("U0GEORGE")
    await acme.services.roles.give(await acme.session(), george, Role.SALES)

    async def has_left(workspace_id, user_id):
        return user_id == "U0GEORGE"

    assert await acme.services.data_retention.withdraw_left(has_left, now=acme.clock()) == 1
    assert await count(acme, MemberRole) == 1
    [line] = [kept.line for kept in await acme.services.audit_reader.read(await acme.session(), "deactivated")]
    assert (line.who, line.what) == ("", "U0GEORGE")


async def test_the_last_admin_keeps_the_role_and_everybody_else_with_one_is_told_once(acme):
    """Or a sign-in would found the workspace anew, where a Slack admin has to claim it."""
    await acme.services.roles.give(await acme.session(), acme.asker("U0GEORGE"), Role.SALES)

    async def has_left(workspace_id, user_id):
        return user_id == "U0PRIYA"

    for _ in range(2):
        assert await acme.services.data_retention.withdraw_left(has_left, now=acme.clock()) == 0
        acme.clock.forward(hours=6)
    assert await count(acme, MemberRole) == 2
    told = [row.recipient for row in await notices_in(acme.services.database) if row.kind == "no_admin_left"]
    assert told == ["U0GEORGE"]


async def test_of_two_admins_who_left_one_keeps_the_role(acme):
    await acme.services.roles.give(await acme.session(), acme.asker("U0GEORGE"), Role.ADMIN)

    async def has_left(workspace_id, user_id):
        return True

    assert await acme.services.data_retention.withdraw_left(has_left, now=acme.clock()) == 1
    assert await count(acme, MemberRole) == 1


async def test_one_workspace_that_fails_holds_up_no_other(acme):
    for user in ("U0ANNA", "U0GEORGE"):
        await acme.services.roles.give(await acme.session(), acme.asker(user), Role.SALES)

    async def has_left(workspace_id, user_id):
        if user_id == "U0ANNA":
            raise OSError
        return user_id == "U0GEORGE"

    assert await acme.services.data_retention.withdraw_left(has_left, now=acme.clock()) == 1
    assert await count(acme, MemberRole) == 2


async def test_history_has_an_end(acme):
    async with acme.services.database.transaction() as tx:
        old = acme.clock() - timedelta(days=731)
        for closed, customer_id in ((old, 1), (acme.clock(), 2), (None, 3)):
            await tx.execute(
                text(
                    "insert into hold_episodes (workspace_id, company_pk, customer_id, opened_at, closed_at, reason,"
                    " ending, already_held) select workspace_id, id, :c, :o, :e, 'r', '', false from companies"
                ),
                {"c": 9_000 + customer_id, "o": moment(acme, old), "e": closed and moment(acme, closed)},
            )
    await clear(acme)
    async with acme.services.database.reading() as tx:
        found = await tx.scalars(text("select customer_id from hold_episodes where customer_id between 9001 and 9003"))
        assert sorted(found) == [9002, 9003]


async def test_what_is_not_over_has_no_end(acme):
    """An open request however old, and the ended sign-in that a workspace still points at."""
    row, old = await connection(acme), acme.clock() - timedelta(days=800)
    who = {"workspace_id": row.workspace_id, "company_pk": row.company_pk, "reference": "A", "name": "A", "reason": ""}
    when = {"asked_at": old, "expires_at": old, "asked_by": "U0ANNA", "kind": "release", "reminded": 0}
    empty = dict.fromkeys(("currency_iso", "currency_symbol", "order_number", "question", "answer", "decision"), "")
    async with acme.services.database.transaction() as tx:
        for number, state in ((1, "open"), (2, "declined")):
            tx.add(ReleaseRequestRow(**who, **when, **empty, number=number, customer_id=9_000 + number, state=state))
        await tx.execute(update(Connection).values(state=DISCONNECTED, state_since=old))
    await clear(acme)
    async with acme.services.database.reading() as tx:
        assert list(await tx.scalars(select(ReleaseRequestRow.number))) == [1]
    assert await count(acme, Connection) == 1
    async with acme.services.database.transaction() as tx:
        await tx.execute(update(Workspace).values(workspace_connection_id=None))
    await clear(acme)
    assert await count(acme, Connection) == 0


async def test_a_sign_in_that_came_back_meanwhile_keeps_its_tokens(acme):
    await acme.services.workspace_connections.owner_left(
        workspace_id=acme.workspaces["T0ACME"], user_id="U0PRIYA", now=acme.clock()
    )
    ended = await connection(acme)
    async with acme.services.database.transaction() as tx:
        await tx.execute(update(Connection).values(state=CONNECTED))
        assert not await personal_data.erase_tokens(tx, ended)
        await tx.execute(update(Connection).values(state=ended.state, sign_in_id="another"))
        assert not await personal_data.erase_tokens(tx, ended)
    assert (await connection(acme)).refresh_token_sealed is not None


def moment(desk, when):
    return when if desk.services.database.dialect == "postgresql" else when.strftime("%Y-%m-%d %H:%M:%S.%f")
