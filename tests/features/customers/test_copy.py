"""Sage's own answer in time, else the copy's, marked, while it may be trusted; never past a refusal of Sage's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.source import Away
from bot.errors import (
    BadQuestion,
    CopyTooOld,
    SageAccessRemoved,
    SageBusy,
    SageError,
    SageForbidden,
    SageMissing,
    SageUnavailable,
)
from bot.features.access.model.authorization import Action, Role
from bot.features.assistant.model.questions import Largest
from bot.features.customers.model.lookup import CustomerCard, NoCustomer, SeveralCustomers
from bot.features.customers.service.copy_permission import MOST_RUNNING
from storage.queries.connections import connections, workspaces
from tests import mirrored_company as held


@pytest.fixture
async def room(desk, connected):
    """Connected, and a copy of three customers taken twelve minutes ago."""
    asker = desk.asker()
    books = await held.company_of(desk.services.database, asker)
    now = desk.clock()
    await held.keep_ledger(desk.services.database, books, synced_at=now)
    abs_id = desk.world.customer("ABS001")["id"]
    copies = [(abs_id, "ABS001", "Copied Garages Ltd"), (1, "TWI001", "Twin Ltd"), (2, "TWI002", "Twin Ltd")]
    for number, reference, name in copies:
        of = {
            "reference": reference,
            "name": name,
            "on_hold": False,
            "balance": Decimal("77.00"),
            "postcode": "NE4 7JB",
        }
        await held.hold(desk.services.database, books, number, now=now, days=None, **of)
    desk.clock.forward(minutes=12)
    return desk


async def ask(desk, words="ABS001", user="U0PRIYA"):
    return await desk.services.customers.look_up(await desk.session(user), words)


async def test_sages_own_answer_is_live(room):
    card = await ask(room)
    assert (card.copied, card.customer.balance) == (None, Decimal("2464.16"))
    assert card.source.as_of == room.clock()


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"status": 503}, Away.SILENT),
        ({"status": 504}, Away.SILENT),
        ({"status": 429, "headers": {"Retry-After": "30"}}, Away.BUSY),
        ({"status": 200, "body": "<html>"}, Away.UNREADABLE),
    ],
)
async def test_while_sage_is_away_the_copy_answers_and_says_so(room, fault, why):
    room.sage.faults.next(times=9, contains="customer_views", **fault)
    card = await ask(room)
    assert (card.customer.balance, card.copied.why) == (Decimal("77.00"), why)
    assert card.source.age == timedelta(minutes=12)


async def test_sage_id_away_is_told_from_sage_away(room):
    room.sage_id.expire_access("george@example.test")
    room.sage_id.faults.offline()
    assert (await ask(room)).copied.why is Away.SIGN_IN


async def test_a_slow_sage_is_not_waited_for_where_there_is_a_copy(room):
    copy = room.services.customers._cached_data
    in_time, copy._in_time = copy._in_time, 0.1
    room.sage.faults.delay(30, contains="customer_views")
    assert (await ask(room)).copied.why is Away.SLOW
    room.sage.faults.clear()
    copy._in_time = in_time
    assert (await ask(room)).copied is None


async def test_a_slow_sage_is_waited_for_where_there_is_none(room):
    room.services.customers._cached_data._in_time = 0.01
    room.sage.faults.delay(0.3)
    assert (await ask(room, "LON002")).copied is None
    room.clock.forward(hours=30)
    room.sage_id.expire_access("george@example.test")
    assert (await ask(room)).copied is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [("copied garages", CustomerCard), ("twin", SeveralCustomers), ("ne47jb", SeveralCustomers), ("zzqq", NoCustomer)],
)
async def test_the_copy_is_looked_through_by_name_and_postcode(room, words, kind):
    room.sage.faults.offline()
    found = await ask(room, words)
    assert isinstance(found, kind)
    assert found.source.copied.why is Away.SILENT


async def test_a_choice_from_a_menu_is_answered_from_the_copy_too(room):
    room.sage.faults.offline()
    card = await room.services.customers.by_id(await room.session(), 2)
    assert card.customer.reference == "TWI002"
    with pytest.raises(SageUnavailable):
        await room.services.customers.by_id(await room.session(), 3)


async def test_an_old_copy_shows_no_figures(room):
    room.sage.faults.offline()
    room.clock.forward(hours=23, minutes=48)
    assert (await ask(room)).copied is not None
    room.clock.forward(seconds=1)
    for words in ("ABS001", "twin"):
        with pytest.raises(CopyTooOld, match="2 March 2026, 09:00 UTC"):
            await ask(room, words)


@pytest.mark.parametrize(("status", "error"), [(403, SageForbidden), (404, SageMissing)])
async def test_a_refusal_is_never_answered_from_the_copy(room, status, error):
    room.sage.faults.next(status, times=9, contains="/customer")
    with pytest.raises(error):
        await ask(room)


async def test_an_outage_after_a_refusal_does_not_open_the_copy(room):
    room.sage.faults.next(403, contains="customer_views")
    with pytest.raises(SageForbidden):
        await ask(room)
    room.sage.faults.offline()
    with pytest.raises(SageUnavailable):
        await ask(room)
    room.sage.faults.clear()
    assert (await ask(room)).copied is None
    room.sage.faults.offline()
    assert (await ask(room)).copied is not None


async def test_a_company_taken_away_is_a_refusal(room):
    room.sage_id.people["george@example.test"].companies.clear()
    with pytest.raises(SageAccessRemoved):
        await ask(room)


async def test_a_mere_miss_does_not_bar_the_copy(room):
    with pytest.raises(SageMissing):
        await room.services.customers.by_id(await room.session(), 3)
    with pytest.raises(BadQuestion):
        await ask(room, "")
    room.sage.faults.offline()
    assert (await ask(room)).copied is not None


async def test_whom_the_workspace_answers_is_answered_from_the_copy(room):
    async with room.services.database.transaction() as tx:
        whose = {"workspace_id": room.asker().workspace_id, "user_id": "U0GEORGE"}
        await workspaces.grant(tx, **whose, role=Role.CONTROLLER, granted_by="U0PRIYA", now=room.clock())
    room.sage.faults.offline()
    assert (await ask(room, user="U0GEORGE")).copied is not None


async def test_the_other_workspace_never_sees_this_copy(room):
    other = room.asker("U0SAM", team_id="T0OTHER")
    await room.connect(other)
    room.sage.faults.next(503, times=99)
    with pytest.raises(SageUnavailable):
        await room.services.customers.look_up(await room.session(other), "ABS001")
    with pytest.raises(SageUnavailable):
        await room.services.customers.look_up(await room.session(other), "twin")


async def test_without_a_copy_the_trouble_itself_is_told(desk, connected):
    desk.sage.faults.next(429, headers={"Retry-After": "30"}, times=9)
    with pytest.raises(SageBusy):
        await ask(desk)


@pytest.fixture
async def roleless(room):
    """George, who has no role, with a Sage sign-in of his own that Sage has shown nothing yet."""
    await room.connect(room.asker("U0GEORGE"), "george@example.test")
    return room


async def seen_at(desk, user="U0GEORGE"):
    async with desk.services.database.reading() as tx:
        own = await connections.of_user(tx, workspace_id=desk.asker().workspace_id, user_id=user)
    return own.figures_seen_at


async def test_a_refusal_that_comes_after_the_copy_is_remembered(room):
    room.services.customers._cached_data._in_time = 0.05
    room.sage.faults.delay(0.4, contains="customer_views")
    room.sage.faults.next(403, times=9, contains="customer_views")
    assert (await ask(room)).copied.why is Away.SLOW
    await asyncio.wait(list(room.services.permission._running.values()), timeout=10)
    room.sage.faults.clear()
    room.sage.faults.offline()
    with pytest.raises(SageUnavailable):
        await ask(room)
    with pytest.raises(SageForbidden):
        await room.services.on_hold.ask(await room.session(), "")


async def test_without_a_role_the_copy_shows_what_sage_has_shown_them_before(roleless):
    roleless.sage.faults.offline()
    with pytest.raises(SageUnavailable):
        await ask(roleless, user="U0GEORGE")
    with pytest.raises(SageUnavailable):
        await roleless.services.on_hold.ask(await roleless.session("U0GEORGE"), "")
    roleless.sage.faults.clear()
    assert await seen_at(roleless) is None
    assert (await ask(roleless, user="U0GEORGE")).copied is None
    assert await seen_at(roleless) == roleless.clock()
    roleless.sage.faults.offline()
    assert (await ask(roleless, user="U0GEORGE")).copied is not None
    assert (await roleless.services.on_hold.ask(await roleless.session("U0GEORGE"), "")).accounts == ()


async def test_without_a_role_a_slow_sage_is_waited_for_until_it_has_shown_something(roleless):
    roleless.services.customers._cached_data._in_time = 0.01
    roleless.sage.faults.delay(0.3)
    assert (await ask(roleless, user="U0GEORGE")).copied is None


async def test_a_refusal_takes_back_what_sage_had_shown(roleless):
    await ask(roleless, user="U0GEORGE")
    roleless.sage.faults.next(403, times=9, contains="customer_views")
    with pytest.raises(SageForbidden):
        await roleless.services.on_hold.ask(await roleless.session("U0GEORGE"), "")
    assert await seen_at(roleless) is None
    roleless.sage.faults.clear()
    roleless.sage.faults.offline()
    for ask_again in (
        ask(roleless, user="U0GEORGE"),
        roleless.services.rankings.ask(await roleless.session("U0GEORGE"), Largest(), ""),
        roleless.services.mentions.find(await roleless.session("U0GEORGE"), "ABS001"),
    ):
        with pytest.raises(SageError):
            await ask_again


async def test_only_customers_that_sage_showed_lift_a_refusal(room):
    room.sage.faults.next(403, contains="customer_views")
    with pytest.raises(SageForbidden):
        await ask(room)
    assert isinstance(await ask(room, "Twin Motors"), SeveralCustomers), (
        "names alone are given to more people than figures are"
    )
    room.sage.faults.offline()
    with pytest.raises(SageUnavailable):
        await ask(room)


async def test_silence_admits_nobody_while_they_type(roleless):
    async def typed():
        return await roleless.services.type_ahead.suggest(lambda: roleless.session("U0GEORGE"), "abs")

    roleless.sage.faults.offline()
    assert await typed() == ()
    roleless.sage.faults.clear()
    roleless.sage.faults.next(403, times=9, contains="customer_views")
    assert await typed() == ()
    roleless.sage.faults.clear()
    assert await typed() == (), "until Sage shows them something"
    await ask(roleless, user="U0GEORGE")
    assert [name.reference for name in await typed()] == ["ABS001"]


async def test_a_refusal_that_is_on_its_way_is_waited_for_and_heeded(room):
    room.services.customers._cached_data._in_time = 0.05
    room.sage.faults.delay(0.4, contains="customer_views")
    room.sage.faults.next(403, times=9, contains="customer_views")
    assert (await ask(room)).copied.why is Away.SLOW
    with pytest.raises(SageForbidden):
        await room.services.on_hold.ask(await room.session(), "")


async def test_what_an_earlier_sign_in_was_shown_lifts_no_refusal_of_a_later_one(room):
    earlier, card = room.services.connections.company_for(await room.session()), await ask(room)

    async def answered_late():
        return card

    await room.connect(room.asker())
    room.sage.faults.next(403, contains="customer_views")
    with pytest.raises(SageForbidden):
        await ask(room)
    await room.services.permission.asked(earlier, answered_late)
    assert (await room.session()).refusal == "SageForbidden"
    assert await seen_at(room, "U0PRIYA") is None


async def test_questions_that_run_on_are_limited_for_each_workspace_alone(desk):
    permission, let_go = desk.services.permission, asyncio.Event()

    async def run_on(team_id, count):
        """Let so many people's questions run on."""
        asker = desk.asker(team_id=team_id)
        await desk.connect(asker)
        sage = desk.services.connections.company_for(await desk.session(asker), action=Action.STATUS)
        questions = [asyncio.create_task(let_go.wait()) for _ in range(count)]
        for number, question in enumerate(questions):
            permission.run_on(replace(sage, sign_in=replace(sage.sign_in, sign_in_id=f"s{number}")), question)
        await asyncio.sleep(0)
        return questions

    many = await run_on("T0ACME", MOST_RUNNING + 5)
    [other] = await run_on("T0OTHER", 1)
    assert [question.cancelled() for question in many] == [False] * MOST_RUNNING + [True] * 5
    let_go.set()
    assert await other
    await asyncio.gather(*many[:MOST_RUNNING])
    [again] = await run_on("T0ACME", 1)
    assert await again
