"""Handing over, deputies, claiming, and disconnecting the sign-in that a whole workspace rests on."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.features.access.model.authorization import Role
from bot.features.audit.model.hash_chain import CHANGES
from bot.jobs.tasks import Finders
from sandbox.slack import Changes
from storage.queries import audit
from storage.queries.access import roles, sessions
from storage.queries.connections import connections, succession, workspaces
from storage.tables.access import SuccessionRow
from tests.notices import notices_in

PRIYA, GEORGE = "priya@example.test", "george@example.test"


async def furnish(office):
    """Priya's sign-in answers; Anna is a controller without one; George has one of his own and no role."""
    await office.connect(PRIYA)
    await office.command("/sage", "company 1")
    await office.command("/sage", "roles <@U0ANNA> controller")
    await office.connect(GEORGE, user="george")


@pytest.fixture
def acme(furnished_office):
    return furnished_office


def database(office):
    return office.product.services.database


async def workspace(office):
    async with database(office).reading() as tx:
        return await workspaces.by_slack_id(tx, "T0ACME")


async def answers(office):
    """Whose sign-in answers, and in what state it is."""
    async with database(office).reading() as tx:
        row = await workspaces.workspace_connection(tx, workspace_id=(await workspace(office)).id)
        return row.user_id, row.state


async def told(office, kind):
    return [row.recipient for row in await notices_in(database(office)) if row.kind == kind]


async def recorded(office):
    here = await workspace(office)
    async with database(office).reading() as tx:
        return [line.action for line in await audit.page(tx, workspace_id=here.id, chain=CHANGES)]


async def offers(office):
    async with database(office).reading() as tx:
        return {(row.kind, row.user_id) for row in await tx.scalars(select(SuccessionRow))}


async def grant(office, user_id, role):
    here = await workspace(office)
    async with database(office).transaction() as tx:
        await workspaces.grant(
            tx, workspace_id=here.id, user_id=user_id, role=role, granted_by="U0PRIYA", now=office.clock()
        )


async def work(office):
    """Do what is due, as the worker would."""

    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await office.product.tasks.run(job)

    finders = Finders(office.product.services, Now())
    await finders.take_overs()
    for _ in range(3):
        await finders.outbox()
        office.clock.forward(seconds=2)


async def test_nobodys_sign_in_answers_before_they_accepted(acme):
    assert "Nothing changes before they accept" in (await acme.command("/sage", "handover <@U0GEORGE>")).text
    assert await answers(acme) == ("U0PRIYA", "connected")
    assert "isn't open" in (await acme.command("/sage", "accept-handover", user="anna")).text
    assert "now uses your Sage sign-in" in (await acme.command("/sage", "accept-handover", user="george")).text
    assert await answers(acme) == ("U0GEORGE", "connected")
    assert (await offers(acme), await told(acme, "handed_over")) == (set(), ["U0PRIYA"])
    assert {"offer", "accept hand-over"} <= set(await recorded(acme))
    assert "£2,464.16" in (await acme.command("/customer", "ABS001", user="anna")).text


async def test_the_button_in_the_message_accepts(acme):
    await acme.command("/sage", "handover <@U0GEORGE>")
    await work(acme)
    (asked,) = [each for each in acme.slack.messages if "asks you to let your Sage sign-in answer" in each.text]
    await acme.sender.click(asked, "handover.accept", user="george")
    await acme.settle()
    assert await answers(acme) == ("U0GEORGE", "connected")


@pytest.mark.parametrize(
    ("typed", "user"), [("refuse-handover", "george"), ("handover withdraw", "priya"), ("handover <@U0GARY>", "priya")]
)
async def test_an_offer_that_is_refused_or_withdrawn_is_gone(acme, typed, user):
    await acme.command("/sage", "handover <@U0GEORGE>")
    await acme.command("/sage", typed, user=user)
    expected = {("handover_asked", "U0GEORGE")} if "GARY" in typed else set()
    assert await offers(acme) == expected  # a guest is never asked, and takes nobody's place
    if not expected:
        assert "isn't open" in (await acme.command("/sage", "accept-handover", user="george")).text
    assert await answers(acme) == ("U0PRIYA", "connected")


async def test_an_offer_lasts_seven_days(acme):
    await acme.command("/sage", "handover <@U0GEORGE>")
    acme.clock.forward(days=7)
    assert "isn't open" in (await acme.command("/sage", "accept-handover", user="george")).text
    await acme.product.tasks.clear_away()
    assert await offers(acme) == set()


async def test_permission_is_checked_again_when_an_offer_is_accepted(acme):
    await acme.command("/sage", "handover <@U0GEORGE>")
    await acme.command("/sage", "disconnect", user="george")
    assert "connect" in (await acme.command("/sage", "accept-handover", user="george")).text
    await acme.connect(GEORGE, user="george")
    await grant(acme, "U0PRIYA", Role.SALES)
    assert "isn't open" in (await acme.command("/sage", "accept-handover", user="george")).text
    assert await answers(acme) == ("U0PRIYA", "connected")


async def test_the_owner_is_asked_before_everybody_is_cut_off(acme):
    await acme.command("/sage", "subscribe holds in me")
    asks = await acme.command("/sage", "disconnect")
    assert "1 colleague without" in asks.text
    assert "1 subscription depend" in asks.text
    assert await answers(acme) == ("U0PRIYA", "connected")
    await acme.sender.click(asks, "disconnect.anyway", user="priya")
    await acme.settle()
    assert await answers(acme) == ("U0PRIYA", "disconnected")


async def test_after_a_disconnection_everybody_is_told_the_truth(acme):
    await grant(acme, "U0GEORGE", Role.ADMIN)
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    await acme.command("/sage", "subscribe holds in <#C0SALES|sales>")
    await acme.command("/sage", "disconnect anyway")
    assert await told(acme, "sign_in_disconnected") == ["U0GEORGE"]
    for typed in ("ABS001", "ABS001 order 100"):
        answer = await acme.command("/customer", typed, user="anna")
        assert "disconnected by <@U0PRIYA>" in answer.text
        assert "haven't connected" not in answer.text
    assert "stopped: no Sage sign-in" in (await acme.command("/sage", "subscriptions", user="anna")).text
    await work(acme)
    stopped = [each for each in acme.slack.messages if each.channel == "C0SALES" and "have stopped here" in each.text]
    assert len(stopped) == 1
    assert "answers for colleagues" in (await acme.command("/sage", "connect")).text
    await acme.connect(PRIYA)
    await acme.command("/sage", "company 1")
    assert await answers(acme) == ("U0PRIYA", "connected")
    await work(acme)
    back = [each for each in acme.slack.messages if each.channel == "C0SALES" and "on again here" in each.text]
    assert len(back) == 1
    assert "stopped" not in (await acme.command("/sage", "subscriptions", user="anna")).text


async def test_a_deputy_who_agreed_takes_over_by_themself(acme):
    await acme.command("/sage", "deputy <@U0GEORGE>")
    assert "hasn't answered yet" in (await acme.command("/sage", "deputy")).text
    assert "company" in (await acme.command("/sage", "accept-deputy", user="george")).text
    if ("deputy", "U0GEORGE") not in await offers(acme):
        await acme.command("/sage", "company 2")
        await acme.command("/sage", "accept-deputy", user="george")
    assert await offers(acme) == {("deputy", "U0GEORGE")}
    assert await answers(acme) == ("U0PRIYA", "connected")
    assert "takes over" in (await acme.command("/sage", "disconnect")).text
    await acme.command("/sage", "disconnect anyway")
    assert await answers(acme) == ("U0GEORGE", "connected")
    assert (await offers(acme), "deputy takes over" in await recorded(acme)) == (set(), True)
    assert "U0PRIYA" in await told(acme, "deputy_took_over")


async def test_a_deputy_takes_over_from_an_owner_who_left(acme):
    await acme.command("/sage", "company 2")
    await acme.command("/sage", "deputy <@U0GEORGE>")
    await acme.command("/sage", "accept-deputy", user="george")
    await Changes(acme.slack, acme.sender).deactivate("priya")
    await acme.product.tasks.check_owners()
    await work(acme)
    assert await answers(acme) == ("U0GEORGE", "connected")


@pytest.mark.parametrize(("typed", "user"), [("deputy none", "priya"), ("deputy resign", "george")])
async def test_a_deputy_who_is_none_any_more_takes_nothing_over(acme, typed, user):
    await acme.command("/sage", "company 2")
    await acme.command("/sage", "deputy <@U0GEORGE>")
    await acme.command("/sage", "accept-deputy", user="george")
    await acme.command("/sage", typed, user=user)
    await acme.command("/sage", "disconnect anyway")
    await work(acme)
    assert await answers(acme) == ("U0PRIYA", "disconnected")


async def test_where_no_admin_is_left_a_slack_admin_claims_the_app(acme):
    acme.slack.workspaces["T0ACME"].users["U0GEORGE"].is_admin = True
    acme.product.services.sessions  # noqa: B018
    george = await claimer(acme)
    assert "still here" in await claim(acme, george)
    await Changes(acme.slack, acme.sender).deactivate("priya")
    acme.slack.refuse_next("internal_error", method="users.info", times=1)
    assert "still here" in await claim(acme, george)
    assert await claim(acme, george) == ""
    here = await workspace(acme)
    async with database(acme).reading() as tx:
        assert (await roles.people(tx, workspace_id=here.id))["U0GEORGE"] == "admin"
    assert "U0ANNA" in await told(acme, "role_changed")
    assert "claim the app" in await recorded(acme)


async def claimer(office):
    from bot.features.access.model.authorization import Asker, Membership

    here = await workspace(office)
    asker = Asker(here.id, here.name, "T0ACME", "U0GEORGE", "George", Membership.ADMIN)
    return await office.product.services.sessions.of(asker, now=office.clock())


async def claim(office, session):
    """Claim; what was refused, or nothing."""
    from bot.errors import BotError

    try:
        await office.product.services.succession.claim(session)
    except BotError as error:
        return error.message
    return ""


async def test_a_plain_member_claims_nothing(acme):
    await Changes(acme.slack, acme.sender).deactivate("priya")
    assert "Only an admin of this Slack workspace" in (await acme.command("/sage", "claim", user="george")).text


async def test_who_is_left_is_told_a_way_that_works(acme):
    await Changes(acme.slack, acme.sender).deactivate("priya")
    await acme.product.tasks.check_owners()
    await work(acme)
    (told_anna,) = [each for each in acme.slack.messages if "was deactivated in Slack" in each.text]
    assert "/sage claim" in told_anna.text
    assert "claim.claim" in str(told_anna.blocks)


async def test_an_uninstall_is_not_said_to_be_the_owners_disconnection(acme):
    await acme.sender.uninstall()
    acme.clock.forward(minutes=1)
    await acme.install()
    answer = (await acme.command("/customer", "ABS001", user="anna")).text
    assert "ended when the app was uninstalled" in answer
    assert "disconnected by" not in answer


async def test_an_offer_that_is_withdrawn_while_sage_is_asked_is_not_accepted(acme):
    await acme.command("/sage", "handover <@U0GEORGE>")
    acme.sage.faults.delay(60)
    accepting = asyncio.create_task(acme.command("/sage", "accept-handover", user="george"))
    while not acme.sage.faults.waiting:
        await asyncio.sleep(0.01)
    here = await workspace(acme)
    async with database(acme).transaction() as tx:
        assert await succession.remove(tx, workspace_id=here.id, kind="handover_asked")
    acme.sage.faults.clear()
    assert "isn't open" in (await accepting).text
    assert await answers(acme) == ("U0PRIYA", "connected")


async def test_a_deputy_whose_sign_in_opens_another_company_takes_nothing_over(acme):
    """The workspace is answered from another company since they agreed."""
    await acme.command("/sage", "company 2")
    await acme.command("/sage", "deputy <@U0GEORGE>")
    await acme.command("/sage", "accept-deputy", user="george")
    assert await offers(acme) == {("deputy", "U0GEORGE")}
    await acme.command("/sage", "company 1")
    await acme.command("/sage", "disconnect anyway")
    await work(acme)
    assert await answers(acme) == ("U0PRIYA", "disconnected")


async def test_a_deputy_whom_sage_refuses_the_company_takes_nothing_over(acme):
    await acme.command("/sage", "company 2")
    await acme.command("/sage", "deputy <@U0GEORGE>")
    await acme.command("/sage", "accept-deputy", user="george")
    here = {"workspace_id": (await workspace(acme)).id, "user_id": "U0GEORGE"}
    async with database(acme).transaction() as tx:
        theirs = await connections.of_user(tx, **here)
        await sessions.refuse(tx, **here, company_pk=theirs.company_pk, refusal="SageAccessRemoved", now=acme.clock())
    await acme.command("/sage", "disconnect anyway")
    await work(acme)
    assert await answers(acme) == ("U0PRIYA", "disconnected")
