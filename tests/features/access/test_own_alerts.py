"""Who is told of their own customers without asking, and who is not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.features.access.model.authorization import Role
from storage.tables.alerts import SubscriptionRow
from tests.features.holds.test_change_hold import GEORGE, sync
from tests.notices import notices_in

REP = "U0ANNA"


@pytest.fixture
async def acme(desk):
    """Priya is an admin with her own Sage ID; Anna has nothing yet."""
    await desk.connect(desk.asker(), GEORGE)
    await sync(desk)
    return desk


async def give(acme, role):
    return await acme.services.roles.give(await acme.session(), acme.asker(REP), role)


async def own(acme, words='"sales rep":george'):
    return await acme.services.roles.give_customers(await acme.session(), acme.asker(REP), words)


async def subscriptions(acme):
    async with acme.services.database.reading() as tx:
        statement = select(SubscriptionRow).where(SubscriptionRow.owner == REP).order_by(SubscriptionRow.number)
        return [(row.is_default, row.topics) for row in await tx.scalars(statement)]


ALL = [(True, ["holds", "promise-broken", "releases"])]


async def test_a_role_and_customers_of_ones_own_make_one_subscription_in_either_order(acme):
    await own(acme)
    assert await subscriptions(acme) == []
    await give(acme, Role.SALES)
    assert await subscriptions(acme) == ALL
    await own(acme, "Region:Scotland")
    await give(acme, Role.CONTROLLER)
    assert await subscriptions(acme) == ALL
    told = [row.kind for row in await notices_in(acme.services.database)]
    assert told.count("role_given") == 1


async def test_it_ends_with_the_customers_or_the_role_and_comes_back_with_them(acme):
    await give(acme, Role.SALES)
    for end, again in ((own, own), (give, give)):
        await own(acme)
        assert await subscriptions(acme) == ALL
        await end(acme, "none" if end is own else None)
        assert await subscriptions(acme) == []
        await again(acme, '"sales rep":george' if again is own else Role.SALES)
        assert await subscriptions(acme) == ALL


async def test_once_ended_it_stays_ended_whoever_ended_it(acme):
    await own(acme)
    await give(acme, Role.SALES)
    await acme.services.subscriptions.remove(await acme.session(REP), 1)
    await own(acme, "Region:Scotland")
    await give(acme, None)
    await give(acme, Role.SALES)
    assert await subscriptions(acme) == []


async def test_what_they_subscribed_to_themselves_is_not_told_twice(acme):
    await give(acme, Role.CONTROLLER)
    await acme.services.subscriptions.create(await acme.session(REP), "holds in me", here="", look=None)
    await own(acme)
    assert await subscriptions(acme) == [(False, ["holds"]), (True, ["promise-broken", "releases"])]
