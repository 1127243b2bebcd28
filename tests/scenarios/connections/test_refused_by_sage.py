"""Sage closes a company to somebody who has a role: nothing of that company reaches them, by whichever way."""

from __future__ import annotations

import json

import pytest

from sandbox.sage_id.people import Person
from tests.scenarios.alerts.test_news_posted import look
from tests.scenarios.furnished import read_ledger
from tests.scenarios.test_home import open_home

RITA, HER_DM = "rita@example.test", "D0GEORGE"


async def furnish(office):
    """Priya's sign-in is the workspace's; George is a controller with a Sage ID of his own. ABS001 is on hold."""
    await office.connect()
    office.sage_id.people[RITA] = Person(RITA, "Rita", [office.world.companies[0].key])
    assert "controller" in (await office.command("/sage", "roles <@U0GEORGE|george> controller")).text
    await office.connect(RITA, user="george")
    office.world.put_on_hold("ABS001", "Overdue")
    await read_ledger(office)
    assert "£2,464.16" in (await office.command("/customer", "ABS001", user="george")).text
    await said(office)


@pytest.fixture
def acme(furnished_office):
    return furnished_office


def close(acme):
    """Sage no longer opens the company to George's Sage ID. A quarter of a minute later."""
    acme.sage_id.people[RITA].companies.clear()
    acme.clock.forward(seconds=20)


def reopen(acme):
    acme.sage_id.people[RITA].companies.append(acme.world.companies[0].key)


async def subscribed(acme, words, user="george"):
    assert "Subscription 1" in (await acme.command("/sage", f"subscribe {words}", user=user)).text


async def change(acme, reference="NOR001", *, hold=True):
    """Put an account on hold in Sage, or release it, and have the ledger read."""
    acme.clock.forward(minutes=6)
    if hold:
        acme.world.put_on_hold(reference, "Over limit")
    else:
        acme.world.release(reference)
    await read_ledger(acme)


async def said(acme):
    """What stands in George's own messages, once all that is due is posted."""
    for _ in range(3):
        await look(acme)
    found = [each for each in acme.slack.messages if each.channel == HER_DM and not each.is_gone]
    return " ".join(each.text + json.dumps([each.blocks, [file["name"] for file in each.files]]) for each in found)


async def refusals(acme):
    return (await acme.command("/sage", "audit refused by <@U0GEORGE|george>")).text


async def test_news_in_private(acme):
    await subscribed(acme, "holds,releases in me")
    await change(acme)
    assert "NOR001" in await said(acme)
    close(acme)
    await change(acme, "ABS002")
    told = await said(acme)
    assert "ABS002" not in told
    assert "is paused" in told
    reopen(acme)
    assert "£2,464.16" in (await acme.command("/customer", "ABS001", user="george")).text
    acme.clock.forward(minutes=5)
    assert "ABS002" in await said(acme)


async def test_a_company_closed_just_after_it_was_shown(acme):
    """Twenty seconds ago Sage showed them a card: that is no leave for today's news."""
    await subscribed(acme, "holds in me")
    acme.clock.forward(minutes=6)
    acme.world.put_on_hold("ABS002", "Over limit")
    await read_ledger(acme)
    assert "£2,464.16" in (await acme.command("/customer", "ABS001", user="george")).text
    close(acme)
    assert "ABS002" not in await said(acme)


async def test_a_digest(acme):
    await subscribed(acme, "digest in me at weekdays 08:30")
    close(acme)
    acme.clock.forward(days=1)
    await acme.product.finders.digests()
    assert "ABS001" not in await said(acme)


async def test_a_watch(acme):
    assert "NOR001" in (await acme.command("/customer", "NOR001 watch", user="george")).text
    close(acme)
    before = await said(acme)
    await change(acme)
    assert (await said(acme)).count("NOR001") == before.count("NOR001")


async def test_an_edit_of_a_card_in_a_direct_message(acme):
    await subscribed(acme, "holds,releases in me")
    await change(acme)
    before = await said(acme)
    close(acme)
    await change(acme, hold=False)
    after = await said(acme)
    assert after.count("NOR001") == before.count("NOR001")
    assert "eleased" not in after


async def test_home(acme):
    assert "ABS Garages Ltd" in json.dumps((await open_home(acme, "george")).content)
    close(acme)
    assert "ABS Garages Ltd" not in json.dumps((await open_home(acme, "george")).content)


async def test_a_list_and_a_file(acme):
    assert "ABS001" in (await acme.command("/onhold", user="george")).text
    close(acme)
    answers = [await acme.command("/onhold", words, user="george") for words in ("", "csv")]
    assert ["ABS001" in answer.text + str(answer.blocks) for answer in answers] == [False, False]
    assert ".csv" not in await said(acme)


async def test_a_request_for_a_release(acme):
    """Its message, its outcome in that message, the list of requests and the form all name the customer."""
    await acme.command("/sage", "roles <@U0ANNA|anna> controller")
    asked = await acme.command("/customer", "ABS001 request-release Paid by card", user="anna")
    assert "1" in asked.text
    assert "Paid by card" in await said(acme)
    close(acme)
    assert "ABS001" not in (await acme.command("/sage", "requests", user="george")).text
    assert "no request number 1" in (await acme.command("/sage", "decline 1 No", user="george")).text
    await acme.command("/sage", "withdraw 1", user="anna")
    standing = await said(acme)
    assert "ABS001" not in standing.partition("Paid by card")[2]


async def test_a_channel_whose_subscriber_is_refused_is_paused(acme):
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    await subscribed(acme, "holds in <#C0SALES|sales>")
    close(acme)
    await change(acme)
    await said(acme)
    assert [each.text for each in acme.slack.messages if each.channel == "C0SALES" and "NOR001" in each.text] == []


async def test_sage_that_does_not_answer_takes_nothing_away(acme):
    """A failure says nothing of anybody's access: a role stands."""
    await subscribed(acme, "holds in me")
    await change(acme)
    acme.sage.faults.next(503, contains="customer_views", times=10)
    assert "NOR001" in await said(acme)


async def test_whoever_chooses_another_company_instead_is_refused_the_one_they_lost(acme):
    await subscribed(acme, "holds in me")
    close(acme)
    acme.sage_id.people[RITA].companies.append(acme.world.companies[1].key)
    await acme.command("/sage", "company", user="george")
    await change(acme)
    assert "NOR001" not in await said(acme)


async def test_the_refusal_is_stored_and_in_the_record(acme):
    await subscribed(acme, "holds in me")
    close(acme)
    await change(acme)
    await said(acme)
    assert "refused by Sage" in (await acme.command("/sage", "audit by <@U0GEORGE|george>")).text
