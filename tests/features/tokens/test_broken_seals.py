"""What the app's keys don't open: each who meets one goes on without it, and no token of another place is used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.errors import ClientRefused, SlackTokensUnavailable
from bot.features.audit.service.verifier import AuditVerifier
from bot.features.personal_data.service.personal_data import Subject
from storage.cipher import Cipher
from storage.tables.core import CONNECTED, Connection, ConnectLink, Workspace
from storage.tables.holds import AuditHead
from tests.connected_app import KEY

SPOILT = "v1.0123456789ab.c3BvaWx0"
BOTH = {"access_token_sealed": SPOILT, "refresh_token_sealed": SPOILT}


async def spoil(desk, table, **columns):
    async with desk.services.database.transaction() as tx:
        await tx.execute(update(table).values(**columns))


async def row(desk, table=Connection):
    async with desk.services.database.reading() as tx:
        return (await tx.scalars(select(table))).first()


async def test_a_sign_in_is_disconnected_all_the_same(desk, connected):
    await spoil(desk, Connection, **BOTH)
    await desk.services.connections.disconnect(await desk.session())
    assert (await row(desk)).refresh_token_sealed is None


async def test_a_person_is_erased_all_the_same(desk, connected):
    await desk.sign_in(desk.asker(), "george@example.test")
    await spoil(desk, Connection, **BOTH)
    await spoil(desk, ConnectLink, **BOTH)
    subject = Subject(person="U0PRIYA", workspace="T0ACME")
    data = desk.services.personal_data
    [done] = await data.erase(subject, await data.find(subject), now=desk.clock())
    assert (done.revoked, await row(desk), await row(desk, ConnectLink)) == (0, None, None)


async def test_a_leaver_s_tokens_are_erased_all_the_same(desk, connected):
    here = {"workspace_id": desk.workspaces["T0ACME"], "user_id": "U0PRIYA"}
    await desk.services.workspace_connections.owner_left(**here, now=desk.clock())
    await spoil(desk, Connection, **BOTH)
    await desk.services.data_retention.clear_away(now=desk.clock() + timedelta(days=8))
    found = await row(desk)
    assert (found.access_token_sealed, found.refresh_token_sealed, found.subject_hash) == (None, None, None)


async def test_an_unfinished_sign_in_is_erased_all_the_same(desk):
    await desk.sign_in(desk.asker(), "george@example.test")
    await spoil(desk, ConnectLink, **BOTH)
    await desk.services.verification.clear_away(now=desk.clock() + timedelta(minutes=11))
    left = await row(desk, ConnectLink)
    assert left is None or left.refresh_token_sealed is None


async def test_a_new_sign_in_takes_the_place_of_one_that_does_not_open(desk, connected):
    await spoil(desk, Connection, **BOTH)
    assert (await desk.connect(desk.asker())).connection_id == (await row(desk)).id
    found = await row(desk)
    assert found.state == CONNECTED
    assert SPOILT not in {found.access_token_sealed, found.refresh_token_sealed}


async def test_a_refresh_is_put_off_and_says_why(desk, connected):
    await spoil(desk, Connection, **BOTH)
    before = await row(desk)
    whose = {"workspace_id": before.workspace_id, "connection_id": before.id}
    desk.clock.forward(days=1)
    await desk.services.sage_tokens.refresh(**whose, version=before.token_version)
    after = await row(desk)
    assert (after.trouble, after.lease_owner) == ("it can't be opened with this app's keys", None)
    assert after.refresh_due_at > desk.clock()
    assert not [entry for entry in desk.sage_id.token_log if "refresh" in str(entry)]


@pytest.mark.parametrize("columns", [BOTH, {"access_token_sealed": SPOILT}, {"refresh_token_sealed": SPOILT}])
async def test_a_question_is_told_that_the_set_up_is_wrong_and_asks_nothing(desk, connected, columns):
    await spoil(desk, Connection, **columns)
    desk.sage.requests.clear()
    desk.clock.forward(days=1)  # the access token is over, and so the refresh token is wanted
    with pytest.raises(ClientRefused) as refusal:
        await desk.services.customers.look_up(await desk.session(), "ABS001")
    assert desk.sage.requests == []
    assert SPOILT not in f"{refusal.value!r}"


async def test_a_token_moved_from_a_colleague_s_row_opens_nothing(desk, connected):
    await desk.connect(desk.asker("U0GEORGE"), "priya@example.test")
    async with desk.services.database.transaction() as tx:
        mine, theirs = [
            (await tx.scalars(select(Connection).where(Connection.user_id == user))).one()
            for user in ("U0PRIYA", "U0GEORGE")
        ]
        theirs.access_token_sealed, theirs.refresh_token_sealed = mine.access_token_sealed, mine.refresh_token_sealed
        theirs.company_pk = mine.company_pk
    desk.sage.requests.clear()
    with pytest.raises(ClientRefused):
        await desk.services.customers.look_up(await desk.session("U0GEORGE"), "ABS001")
    assert desk.sage.requests == []


async def test_a_bot_token_that_does_not_open_uninstalls_nothing(desk):
    await spoil(desk, Workspace, bot_token_sealed=SPOILT)
    with pytest.raises(SlackTokensUnavailable):
        await desk.services.installations.bot_of(desk.workspaces["T0ACME"])
    assert (await row(desk, Workspace)).uninstalled_at is None


@pytest.mark.parametrize("spoilt", ["", "x", SPOILT, "{state}x", "x{state}"])
def test_a_state_of_somebody_else_begins_no_installation(desk_services, spoilt):
    installations, now = desk_services
    state = installations.new_state(now=now)
    assert installations.is_state(state, now=now)
    assert not installations.is_state(spoilt.format(state=state), now=now)


@pytest.fixture
async def desk_services(desk):
    return desk.services.installations, desk.clock()


async def test_an_end_of_the_record_that_does_not_open_is_said(desk, connected):
    verifier = AuditVerifier(database=desk.services.database, cipher=Cipher.from_text(KEY))
    assert (await verifier.verify()).is_good
    await spoil(desk, AuditHead, head_sealed=SPOILT)
    assert not (await verifier.verify()).is_good
