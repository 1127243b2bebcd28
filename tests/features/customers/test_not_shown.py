"""A customer whom the copy knows and Sage's answer leaves out is not a customer who doesn't exist."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.source import Away
from bot.errors import NotAllowed, SageMissing
from bot.features.access.model.authorization import Role
from bot.features.customers.model.lookup import CustomerCard, NoCustomer, SeveralCustomers
from bot.features.customers.views import customer_line
from storage.queries.access import sessions
from tests.features.connections.test_workspace_connection import grant
from tests.features.mirror.synced_companies import mirror_desk


@pytest.fixture
async def room(desk, connected):
    """The mirror has been read, twelve minutes ago."""
    books = await mirror_desk(desk)
    assert await books.sync()
    assert await books.sync()
    desk.books = books.books
    desk.clock.forward(minutes=12)
    return desk


async def ask(desk, words="ABS001", user="U0PRIYA"):
    return await desk.services.customers.look_up(await desk.session(user), words)


@pytest.mark.parametrize("words", ["ABS001", "abs garages ltd"])
async def test_the_copys_figures_are_shown_and_said_to_be_old(room, words):
    number = room.world.customer("ABS001")["id"]
    room.world.remove("ABS001")
    card = await ask(room, words)
    assert isinstance(card, CustomerCard)
    assert (card.customer.reference, card.copied.why, card.source.age) == (
        "ABS001",
        Away.NOT_SHOWN,
        timedelta(minutes=12),
    )
    assert "Sage 200 does not show this customer now" in customer_line(card.source)
    card = await room.services.customers.by_id(await room.session(), number)
    assert (card.customer.reference, card.copied.why) == ("ABS001", Away.NOT_SHOWN)


async def test_a_site_that_shows_nobody_at_all_has_not_lost_its_customers(room):
    room.sage.faults.next(200, times=99, body="[]", contains="customer")
    assert (await ask(room)).copied.why is Away.NOT_SHOWN
    several = await ask(room, "ltd")
    assert isinstance(several, SeveralCustomers)
    assert several.source.copied.why is Away.NONE_SHOWN
    room.sage.faults.clear()
    found = await ask(room, "abs garagse")
    assert "ABS001" in {name.reference for name in found.nearest}, "an empty list is not remembered"


async def test_whom_nobody_knows_is_no_customer(room):
    assert isinstance(await ask(room, "ZZZ999"), NoCustomer)
    with pytest.raises(SageMissing, match="not in your company's Sage 200"):
        await room.services.customers.by_id(await room.session(), 1)


async def test_a_customer_with_another_name_now_is_shown_as_sage_has_them(room):
    room.world.update("ABS001", name="Bright Cars Ltd", short_name="Bright")
    card = await ask(room, "abs garages ltd")
    assert (card.customer.name, card.copied) == ("Bright Cars Ltd", None)


async def test_a_copy_too_old_shows_no_figures_and_says_that_sage_answered(room):
    room.world.remove("ABS001")
    room.clock.forward(hours=30)
    with pytest.raises(SageMissing, match=r"does not show this customer now\. The saved figures are from") as why:
        await ask(room)
    assert "did not answer" not in why.value.message


async def test_whom_sage_refuses_the_company_is_shown_no_copy_and_stays_refused(room):
    room.world.remove("ABS001")
    async with room.services.database.transaction() as tx:
        await sessions.refuse(tx, **room.books.named, user_id="U0PRIYA", refusal="SageForbidden", now=room.clock())
    assert isinstance(await ask(room), NoCustomer)
    assert (await room.session()).refusal == "SageForbidden"


async def test_sales_see_no_copy_of_somebody_elses_customer(room):
    await grant(room, "U0ANNA", Role.SALES)
    room.world.remove("ABS001")
    with pytest.raises(NotAllowed):
        await ask(room, user="U0ANNA")
