"""A Sage 200 that hangs costs its own people alone."""

from __future__ import annotations

import asyncio

import pytest

from bot.app import SAGE_CONNECTIONS
from bot.coordination.sage_places import PLACES_OF_COMPANY, SagePlaces
from bot.domain.company import Edition
from bot.errors import SageSlow
from storage.queries.connections import connections
from tests.connected_app import desk as open_desk


@pytest.fixture
async def served(database_url, no_waiting_between_tries):
    async with open_desk(database_url, served=True) as opened:
        yield opened


async def _hang(served, user_id, email):
    """Connect somebody to the Professional company, whose server then answers no more."""
    asker = served.asker(user_id)
    await served.connect(asker, email)
    offered = (await served.services.connections.companies(await served.session(asker))).offered
    editions = [company.edition for company in offered]
    await served.services.connections.choose(
        await served.session(asker), number=editions.index(Edition.PROFESSIONAL) + 1
    )
    served.sage.faults.delay(120, contains="/uk/sage200extra/")
    return await served.session(asker)


async def test_a_hanging_sage_holds_up_no_other_company_and_no_sign_in(served):
    george, ben = (served.asker(user, team_id="T0OTHER") for user in ("U0GEORGE", "U0BEN"))
    connection_id = (await served.connect(george)).connection_id
    hanging = await _hang(served, "U0PRIYA", "priya@example.test")
    customers, sage_tokens = served.services.customers, served.services.sage_tokens

    hundred = [asyncio.create_task(customers.look_up(hanging, f"ABS{number:03}")) for number in range(100)]
    try:
        while served.sage.faults.waiting < PLACES_OF_COMPANY:
            await asyncio.sleep(0.01)
        async with asyncio.timeout(15):  # the hanging requests are given up no sooner
            card = await customers.look_up(await served.session(george), "ABS001")
            async with served.services.database.reading() as tx:
                own = await connections.by_id(tx, workspace_id=george.workspace_id, connection_id=connection_id)
            assert await sage_tokens.refresh(
                workspace_id=george.workspace_id, connection_id=connection_id, version=own.token_version
            )
            assert (await served.sign_in(ben, "george@example.test")).code
        assert card.customer.reference == "ABS001"
        assert served.sage.faults.waiting == served.sage.faults.most_waiting == PLACES_OF_COMPANY
        with pytest.raises(SageSlow):  # as everybody who finds no place is told
            await hundred[-1]
    finally:
        served.sage.faults.clear()
        await asyncio.gather(*hundred, return_exceptions=True)


async def test_sage_id_has_connections_of_its_own(served):
    ben = served.asker("U0BEN", team_id="T0OTHER")
    hanging = await _hang(served, "U0PRIYA", "priya@example.test")
    held = SAGE_CONNECTIONS
    async with served.services.database.reading() as tx:
        own = await connections.of_user(tx, workspace_id=hanging.workspace_id, user_id="U0PRIYA")
    tokens = served.services.sage_tokens.tokens_of(own)
    company, ask = hanging.answering.company, served.services.connections._open_sage
    questions = [asyncio.create_task(ask(tokens, company, None).customer_by_id(1)) for _ in range(held)]
    try:
        while served.sage.faults.waiting < held:
            await asyncio.sleep(0.01)
        assert (await served.sign_in(ben, "george@example.test")).code
    finally:
        served.sage.faults.clear()
        await asyncio.gather(*questions, return_exceptions=True)


async def test_a_place_is_waited_for_only_so_long_and_given_back():
    places = SagePlaces(of_company=1, of_workspace=2, wait=0.05)
    async with places.take(workspace_id="w1", company="c1"):
        with pytest.raises(SageSlow):
            async with places.take(workspace_id="w2", company="c1"):
                pass
        async with places.take(workspace_id="w1", company="c2"):
            with pytest.raises(SageSlow):
                async with places.take(workspace_id="w1", company="c3"):
                    pass
            async with places.take(workspace_id="w2", company="c3"):
                pass
    async with places.take(workspace_id="w1", company="c1"), places.take(workspace_id="w1"):
        pass


async def test_those_that_wait_for_a_hanging_company_hold_no_place_of_their_workspace():
    places = SagePlaces(of_company=1, of_workspace=2, wait=0.2)

    async def wait():
        async with places.take(workspace_id="w1", company="c1"):
            pytest.fail("there is one place")

    async with places.take(workspace_id="w1", company="c1"):
        waiting = [asyncio.create_task(wait()) for _ in range(5)]
        await asyncio.sleep(0)
        async with places.take(workspace_id="w1", company="c2"):
            pass
        assert [type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)] == [SageSlow] * 5
