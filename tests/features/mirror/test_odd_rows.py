"""One odd row in a company's Sage: the company is read, changes are found, and nobody is taken for deleted."""

from __future__ import annotations

import pytest

from bot.domain.changes import ChangeKind
from bot.features.customers.model.lookup import CustomerCard, NoCustomer
from sandbox.sage200.odd_rows import ODDITIES
from tests.features.mirror.synced_companies import mirror_desk


@pytest.mark.parametrize("kind", ODDITIES)
async def test_a_company_with_an_odd_row_is_read_and_kept_fresh(desk, connected, kind):
    number = desk.world.customer("EDG001")["id"]
    desk.world.companies[0].oddities[number] = kind
    books = await mirror_desk(desk)
    assert await books.sync()
    state = await books.mirror.state(**books.books.named)
    assert (state.synced_at is not None, state.trouble) == (True, "")
    assert await books.seen("ABS001") is not None
    desk.world.put_on_hold("ABS001")
    assert await books.sync()
    assert await books.reconcile()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


@pytest.mark.parametrize("kind", ODDITIES)
async def test_a_customer_whose_row_became_odd_is_not_deleted(desk, connected, kind):
    books = await mirror_desk(desk)
    assert await books.sync()
    desk.world.companies[0].oddities[desk.world.customer("EDG001")["id"]] = kind
    assert await books.reconcile()
    assert await books.seen("EDG001") is not None
    assert books.told.news == []
    found = await desk.services.customers.look_up(await desk.session(), "EDG001")
    assert isinstance(found, CustomerCard)
    nearest = await desk.services.customers.look_up(await desk.session(), "abs garagse")
    assert isinstance(nearest, NoCustomer)
    assert nearest.nearest
