from __future__ import annotations

from datetime import timedelta

import pytest

from storage.queries import seen_requests as requests
from tests.storage.builders import CALLERS, race

WINDOW = timedelta(minutes=10)


async def claim(tx, key, *, now, window):
    return await requests.claim(await tx.connection(), [requests.Claim(key, now, window)]) == {key}


async def test_of_eight_callers_one_takes_the_request(rivals, now):
    won = await race(rivals, lambda tx, _: claim(tx, "Ev1", now=now, window=WINDOW))
    assert sorted(won) == [False] * (CALLERS - 1) + [True]


async def test_of_eight_callers_one_takes_a_request_that_was_seen_long_ago(rivals, now):
    async with rivals[0].transaction() as tx:
        await claim(tx, "Ev1", now=now - 2 * WINDOW, window=WINDOW)
    won = await race(rivals, lambda tx, _: claim(tx, "Ev1", now=now, window=WINDOW))
    assert sorted(won) == [False] * (CALLERS - 1) + [True]


@pytest.mark.parametrize(("minutes", "again"), [(0, False), (9, False), (10, False), (11, True)])
async def test_a_request_can_be_taken_again_after_the_window(database, now, minutes, again):
    async with database.transaction() as tx:
        assert await claim(tx, "Ev1", now=now, window=WINDOW)
        assert await claim(tx, "Ev1", now=now + timedelta(minutes=minutes), window=WINDOW) is again


async def test_a_refused_claim_does_not_lengthen_the_window(database, now):
    async with database.transaction() as tx:
        moments = [now + timedelta(minutes=minutes) for minutes in (0, 9, 11)]
        assert [await claim(tx, "Ev1", now=m, window=WINDOW) for m in moments] == [True, False, True]


async def test_many_are_claimed_at_once_and_each_by_its_own_window(database, now):
    async with database.transaction() as tx:
        connection = await tx.connection()
        short, long = requests.Claim("short", now, timedelta(seconds=3)), requests.Claim("long", now, WINDOW)
        assert await requests.claim(connection, [short, long]) == {"short", "long"}
        later = [requests.Claim(each.key, now + timedelta(seconds=4), each.window) for each in (short, long)]
        assert await requests.claim(connection, later) == {"short"}


async def test_old_requests_are_purged_and_new_ones_kept(database, now):
    async with database.transaction() as tx:
        await claim(tx, "old", now=now - 2 * WINDOW, window=WINDOW)
        await claim(tx, "new", now=now, window=WINDOW)
        assert await requests.purge_seen(tx, before=now - WINDOW) == 1
        assert not await claim(tx, "new", now=now, window=WINDOW)
