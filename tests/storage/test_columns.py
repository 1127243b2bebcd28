from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from storage.tables.core import SeenRequest


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    ],
)
async def test_a_time_comes_back_the_same_and_in_utc(database, moment):
    async with database.transaction() as tx:
        await tx.execute(_elsewhere(database))
        tx.add(SeenRequest(key="k", seen_at=moment))
        await tx.flush()
        seen = await tx.scalar(select(SeenRequest.seen_at))
    assert (seen, seen.tzinfo) == (moment, UTC)


async def test_times_are_compared_as_moments_whatever_their_zone(database, now):
    later_but_smaller = (now + timedelta(hours=1)).astimezone(timezone(timedelta(hours=-8)))
    async with database.transaction() as tx:
        tx.add(SeenRequest(key="k", seen_at=now))
        await tx.flush()
        assert await tx.scalar(select(SeenRequest.key).where(SeenRequest.seen_at < later_but_smaller)) == "k"


async def test_a_time_without_a_zone_is_refused(database, now):
    with pytest.raises(StatementError, match="without a zone"):
        async with database.transaction() as tx:
            tx.add(SeenRequest(key="k", seen_at=now.replace(tzinfo=None)))


def _elsewhere(database):
    return text("set local time zone 'Asia/Tokyo'" if database.dialect == "postgresql" else "select 1")
