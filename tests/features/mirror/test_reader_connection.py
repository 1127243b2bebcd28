"""Whose sign-in reads a company in the background, and what happens when Sage refuses it: Sage's no is final."""

from __future__ import annotations

import pytest

from bot.errors import NotAllowed, SageAccessRemoved
from bot.features.access.model.authorization import Action, Role
from sandbox.sage_id.people import Person
from storage.queries.connections import workspaces
from tests.features.mirror.synced_companies import mirror_desk
from tests.notices import notices_in

SECOND = "priya@example.test"  # opens both companies; George opens the first alone
THIRD = "ben@example.test"


@pytest.fixture
async def books(desk, mirrored):
    return await mirror_desk(desk)


async def give_role(desk, user, role):
    async with desk.services.database.transaction() as tx:
        whose = {"workspace_id": desk.workspaces["T0ACME"], "user_id": user}
        await workspaces.grant(tx, **whose, role=role.value, granted_by="U0PRIYA", now=desk.clock())


async def open_second_company(desk, user, email=SECOND):
    """Connect somebody whose sign-in points at the company that isn't the workspace's."""
    await desk.connect(desk.asker(user), email)
    first = (await desk.session("U0PRIYA")).company_pk
    for number in (1, 2):
        await desk.services.connections.choose(await desk.session(user), number=number)
        session = await desk.session(user)
        if session.company_pk != first:
            return session.company_pk
    raise AssertionError


async def subscribe(desk, user, words="holds in me"):
    async def nowhere(channel_id):
        raise AssertionError(channel_id)

    return await desk.services.subscriptions.create(await desk.session(user), words, here="", look=nowhere)


async def read(books, company_pk):
    """Read a company once more; which sign-ins Sage was asked with."""
    desk = books.desk
    await books.mirror.ensure(most=10)
    desk.clock.forward(minutes=10)
    desk.sage.requests.clear()
    done = await books.mirror.sync(workspace_id=desk.workspaces["T0ACME"], company_pk=company_pk)
    return done, {request.by for request in desk.sage.requests}


def lose(desk, email):
    """Sage's administrator takes every company away from somebody."""
    desk.sage_id.people[email].companies.clear()


async def test_the_workspaces_company_is_read_with_the_workspace_connection_alone(books):
    desk = books.desk
    await desk.connect(desk.asker("U0GEORGE"), "george@example.test")
    await desk.services.connections.disconnect(await desk.session())
    done, asked = await read(books, books.books.company_pk)
    assert (done, asked) == (False, set())


async def test_a_refusal_pauses_the_reading_and_never_falls_through_to_the_next_person(books):
    desk = books.desk
    for user in ("U0SECOND", "U0THIRD"):
        await give_role(desk, user, Role.SALES)
        await desk.connect(desk.asker(user), SECOND)
        await desk.services.connections.choose(await desk.session(user), number=1)
    lose(desk, "george@example.test")
    for _ in range(3):
        done, asked = await read(books, books.books.company_pk)
        assert not done
        assert asked <= {"george@example.test"}
    assert (await books.mirror.state(**books.books.named)).trouble


async def test_another_company_is_read_only_as_a_subscriber_who_was_told_so(books):
    desk = books.desk
    await give_role(desk, "U0ANNA", Role.CONTROLLER)
    company = await open_second_company(desk, "U0BEN")
    assert await open_second_company(desk, "U0ANNA") == company
    done, asked = await read(books, company)
    assert (done, asked) == (False, set())
    made = await subscribe(desk, "U0ANNA")
    assert made.reads_as_owner
    done, asked = await read(books, company)
    assert done
    await desk.services.subscriptions.remove(await desk.session("U0ANNA"), made.kept.number)
    done, asked = await read(books, company)
    assert (done, asked) == (False, set())


async def test_where_sage_refuses_a_subscriber_the_next_who_agreed_is_not_read_with(books):
    desk = books.desk
    opens = desk.sage_id.people[SECOND].companies
    desk.sage_id.people[THIRD] = Person(THIRD, "Ben", list(opens))
    for user, email in (("U0ANNA", SECOND), ("U0BEN", THIRD)):
        await give_role(desk, user, Role.CONTROLLER)
        company = await open_second_company(desk, user, email)
        assert (await subscribe(desk, user)).reads_as_owner
    assert await read(books, company) == (True, {SECOND})
    lose(desk, SECOND)
    for _ in range(3):
        done, asked = await read(books, company)
        assert not done
        assert asked <= {SECOND}


async def test_a_subscription_to_the_workspaces_own_company_lends_nobodys_sign_in(books):
    desk = books.desk
    await give_role(desk, "U0GEORGE", Role.CONTROLLER)
    await desk.connect(desk.asker("U0GEORGE"), "george@example.test")
    assert not (await subscribe(desk, "U0GEORGE")).reads_as_owner
    await desk.services.connections.disconnect(await desk.session())
    assert await read(books, books.books.company_pk) == (False, set())


async def test_whom_sage_refused_sees_nothing_of_the_company_until_sage_grants_it(books):
    desk = books.desk
    await give_role(desk, "U0GEORGE", Role.CONTROLLER)
    await desk.connect(desk.asker("U0GEORGE"), "george@example.test")
    assert (await desk.session("U0GEORGE")).cached.allowed
    companies = [*desk.sage_id.people["george@example.test"].companies]
    lose(desk, "george@example.test")
    with pytest.raises(SageAccessRemoved):
        await desk.services.customers.look_up(await desk.session("U0GEORGE"), "ABS001")
    refused = await desk.session("U0GEORGE")
    assert refused.refusal == "SageAccessRemoved"
    assert not refused.cached.allowed
    assert (await desk.services.home.of(refused)).accounts is None
    with pytest.raises(SageAccessRemoved):
        await desk.services.on_hold.ask(refused, "")
    # Neither disconnecting nor the workspace's sign-in gets round it: Sage said it of the person.
    await desk.services.connections.disconnect(await desk.session("U0GEORGE"))
    without = await desk.session("U0GEORGE")
    assert not without.cached.allowed
    with pytest.raises(NotAllowed):
        await desk.services.customers.look_up(without, "ABS001")
    desk.sage_id.people["george@example.test"].companies.extend(companies)
    await desk.connect(desk.asker("U0GEORGE"), "george@example.test")
    await desk.services.customers.look_up(await desk.session("U0GEORGE"), "ABS001")
    again = await desk.session("U0GEORGE")
    assert again.refusal is None
    assert again.decide(Action.NEWS).allowed
    assert again.cached.allowed


async def test_the_readers_refusal_is_told_once_and_ends_with_the_next_reading(books):
    desk = books.desk
    companies = [*desk.sage_id.people["george@example.test"].companies]
    lose(desk, "george@example.test")
    for _ in range(2):
        await read(books, books.books.company_pk)
    assert (await desk.session("U0ANNA")).refusal == "SageAccessRemoved"
    told = [each.kind for each in await notices_in(desk.services.database)]
    assert told.count("company_refused") == 1
    desk.sage_id.people["george@example.test"].companies.extend(companies)
    done, _ = await read(books, books.books.company_pk)
    assert done
    assert (await desk.session("U0ANNA")).refusal is None
