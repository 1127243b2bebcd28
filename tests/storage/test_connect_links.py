from __future__ import annotations

from datetime import timedelta

import pytest

from storage.queries.connections import connect_links
from storage.tables.core import DEAD, OFFERED, OPENED, PENDING, RETURNED, VERIFIED
from tests.storage.builders import SEALED, come_back, found, keep, offer, open_link, pending, race

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("two_workspaces")


async def test_a_sign_in_goes_through_its_stages(database, now):
    async with database.transaction() as tx:
        row = await offer(tx, "a", now=now)
        stages = [await _stage(tx, "a")]
        for step in (open_link(tx, "a", now=now), come_back(tx, "a", now=now), keep(tx, row.id, now=now)):
            assert await step
            stages.append(await _stage(tx, "a"))
        assert await connect_links.take_verified(tx, sign_in_id=row.id, now=now)
        assert [*stages, await _stage(tx, "a")] == [OFFERED, OPENED, RETURNED, PENDING, VERIFIED]


async def test_a_new_link_ends_the_same_persons_older_ones_alone(database, now):
    async with database.transaction() as tx:
        await offer(tx, "colleague", user_id="U2", now=now)
        await offer(tx, "elsewhere", workspace_id="id-of-T2", now=now)
        await offer(tx, "older", now=now)
        await open_link(tx, "older", now=now)
        await offer(tx, "newer", now=now)
        tickets = ("colleague", "elsewhere", "older", "newer")
        assert [await _stage(tx, ticket) for ticket in tickets] == [OFFERED, OFFERED, DEAD, OFFERED]


async def test_a_new_link_leaves_a_sign_in_that_waits_for_its_code(database, now):
    async with database.transaction() as tx:
        await pending(tx, "waiting", now=now)
        await offer(tx, "newer", now=now)
        assert await _stage(tx, "waiting") == PENDING


async def test_of_eight_browsers_one_opens_the_link(rivals, now):
    async with rivals[0].transaction() as tx:
        await offer(tx, "a", now=now)
    won = await race(rivals, lambda tx, n: _open_in(tx, f"browser {n}", now))
    async with rivals[0].reading() as tx:
        opened = found(await connect_links.by_ticket(tx, "a"))
    assert [f"browser {number}" for number, yes in enumerate(won) if yes] == [opened.browser_hash]


async def test_of_eight_returns_one_is_taken(rivals, now):
    async with rivals[0].transaction() as tx:
        await offer(tx, "a", now=now)
        await open_link(tx, "a", now=now)
    taken = await race(rivals, lambda tx, _: come_back(tx, "a", now=now))
    assert [row.verifier_sealed for row in taken if row] == [SEALED]


async def test_of_eight_verifications_one_gets_the_tokens(rivals, now):
    async with rivals[0].transaction() as tx:
        row = await pending(tx, "a", now=now)
    taken = await race(rivals, lambda tx, _: connect_links.take_verified(tx, sign_in_id=row.id, now=now))
    assert [(one.access_token_sealed, one.refresh_token_sealed) for one in taken if one] == [(SEALED, SEALED)]


async def test_of_eight_tries_as_many_count_as_are_allowed(rivals, now):
    async with rivals[0].transaction() as tx:
        row = await pending(tx, "a", now=now)
    counted = await race(rivals, lambda tx, _: connect_links.count_try(tx, sign_in_id=row.id, most=5))
    assert counted.count(True) == 5


async def test_of_eight_exchanges_one_is_kept(rivals, now):
    async with rivals[0].transaction() as tx:
        row = await offer(tx, "a", now=now)
        await open_link(tx, "a", now=now)
        await come_back(tx, "a", now=now)
    assert (await race(rivals, lambda tx, _: keep(tx, row.id, now=now))).count(True) == 1


async def test_a_return_in_another_browser_is_not_taken_and_spoils_nothing(database, now):
    async with database.transaction() as tx:
        await offer(tx, "a", now=now)
        await open_link(tx, "a", now=now)
        assert await come_back(tx, "a", browser="stranger", now=now) is None
        assert await come_back(tx, "a", now=now)


async def test_no_step_is_taken_too_late(database, now):
    late = now + 10 * MINUTE
    async with database.transaction() as tx:
        await offer(tx, "a", now=now)
        assert not await open_link(tx, "a", now=late)
        assert await open_link(tx, "a", now=now)
        assert await come_back(tx, "a", now=late) is None
        waiting = await pending(tx, "b", now=now)
        assert await connect_links.take_verified(tx, sign_in_id=waiting.id, now=late) is None


async def test_no_step_can_be_skipped(database, now):
    async with database.transaction() as tx:
        row = await offer(tx, "a", now=now)
        assert await come_back(tx, "a", now=now) is None
        assert not await keep(tx, row.id, now=now)
        assert await connect_links.take_verified(tx, sign_in_id=row.id, now=now) is None
        assert not await connect_links.count_try(tx, sign_in_id=row.id, most=5)


async def test_what_is_kept_pending_gets_time_of_its_own_and_loses_its_verifier(database, now):
    async with database.transaction() as tx:
        row = await pending(tx, "a", now=now)
        assert await connect_links.pending_of(tx, workspace_id="id-of-T1", user_id="U1") is row
    assert (row.verifier_sealed, row.code_sealed, row.expires_at) == (None, SEALED, now + 10 * MINUTE)


async def test_a_newer_pending_sign_in_ends_the_persons_older_one_alone(database, now):
    async with database.transaction() as tx:
        await pending(tx, "colleague", user_id="U2", now=now)
        await pending(tx, "elsewhere", workspace_id="id-of-T2", now=now)
        await pending(tx, "older", now=now)
        newer = await pending(tx, "newer", now=now)
        assert found(await connect_links.pending_of(tx, workspace_id="id-of-T1", user_id="U1")).id == newer.id
        assert [await _stage(tx, t) for t in ("colleague", "elsewhere", "older")] == [PENDING, PENDING, DEAD]


async def test_what_was_verified_is_handed_over_and_not_kept(database, now):
    async with database.transaction() as tx:
        row = await pending(tx, "a", now=now)
        taken = found(await connect_links.take_verified(tx, sign_in_id=row.id, now=now))
    async with database.reading() as tx:
        stored = found(await connect_links.by_ticket(tx, "a"))
    assert (taken.access_token_sealed, taken.refresh_token_sealed) == (SEALED, SEALED)
    assert (stored.access_token_sealed, stored.refresh_token_sealed, stored.code_sealed) == (None, None, None)


async def test_a_killed_sign_in_keeps_only_what_must_be_revoked(database, now):
    async with database.transaction() as tx:
        row = await pending(tx, "a", now=now)
        await connect_links.kill(tx, sign_in_id=row.id)
        dead = found(await connect_links.by_ticket(tx, "a"))
    assert (dead.stage, dead.access_token_sealed, dead.code_sealed) == (DEAD, None, None)
    assert dead.refresh_token_sealed == SEALED


async def test_a_verified_sign_in_cannot_be_killed(database, now):
    async with database.transaction() as tx:
        row = await pending(tx, "a", now=now)
        await connect_links.take_verified(tx, sign_in_id=row.id, now=now)
        await connect_links.kill(tx, sign_in_id=row.id)
        assert await _stage(tx, "a") == VERIFIED


async def test_the_dead_and_the_expired_are_revoked_and_the_waiting_are_not(database, now):
    async with database.transaction() as tx:
        dead = await pending(tx, "dead", now=now)
        await connect_links.kill(tx, sign_in_id=dead.id)
        await pending(tx, "expired", user_id="U2", now=now - 10 * MINUTE)
        await pending(tx, "waiting", user_id="U3", now=now)
        await offer(tx, "never came back", user_id="U4", now=now - 10 * MINUTE)
        assert [row.ticket_hash for row in await connect_links.to_revoke(tx, now=now, limit=9)] == ["expired", "dead"]
        assert [row.ticket_hash for row in await connect_links.to_revoke(tx, now=now, limit=1)] == ["expired"]


async def test_purging_waits_for_the_revocation(database, now):
    async with database.transaction() as tx:
        row = await pending(tx, "a", now=now - 10 * MINUTE)
        assert await connect_links.purge(tx, now=now) == 0
        await connect_links.erase_tokens(tx, sign_in_id=row.id)
        assert await connect_links.purge(tx, now=now) == 1
        assert await connect_links.by_ticket(tx, "a") is None


async def test_purging_takes_the_finished_and_leaves_the_living(database, now):
    async with database.transaction() as tx:
        done = await pending(tx, "verified", now=now)
        await connect_links.take_verified(tx, sign_in_id=done.id, now=now)
        await offer(tx, "killed", now=now)
        await offer(tx, "living", now=now)
        await pending(tx, "waiting", user_id="U2", now=now)
        assert await connect_links.purge(tx, now=now) == 2
        assert [await _stage(tx, ticket) for ticket in ("living", "waiting")] == [OFFERED, PENDING]


async def _stage(tx, ticket):
    return found(await connect_links.by_ticket(tx, ticket)).stage


async def _open_in(tx, browser, now):
    state = f"state of {browser}"
    return await connect_links.start(
        tx, ticket_hash="a", state_hash=state, verifier_sealed=SEALED, browser_hash=browser, now=now
    )
