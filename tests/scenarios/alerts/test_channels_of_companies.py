"""A channel raised for one company is shown no figure of another: not shared, subscribed, listed, edited or said."""

from __future__ import annotations

import asyncio

import pytest

from storage.queries.connections import workspaces
from tests.scenarios.alerts.test_news_posted import look
from tests.scenarios.customers.test_reach import BOT, choose, opened_by, posts, send, shown
from tests.scenarios.furnished import read_ledger

OWN, OTHER = "ABS Motor Factors Ltd", "ABS Fleet Services Ltd"
C_SALES = "C0SALES"


async def furnish(office):
    """#sales is shown the figures of the workspace's company; Anna, a controller, has connected another one."""
    await office.connect()
    office.slack.workspaces["T0ACME"].channels[C_SALES].members.add(BOT)
    bot = await office.product.services.installations.bot("T0ACME")
    async with office.product.services.database.transaction() as tx:
        given = {"workspace_id": bot.workspace_id, "granted_by": "U0PRIYA", "now": office.clock()}
        await workspaces.grant(tx, user_id="U0ANNA", role="controller", **given)
    await office.command("/sage", "channel figures")
    await office.connect("priya@example.test", user="anna")
    number = 1 if OTHER in (await office.command("/sage", "company 1", user="anna")).text else 2
    assert OTHER in (await office.command("/sage", f"company {number}", user="anna")).text
    await read_ledger(office)


@pytest.fixture
def acme(furnished_office):
    return furnished_office


@pytest.fixture
def fleet(acme):
    return next(each for each in acme.world.companies if each.company_name == OTHER)


async def changed(acme):
    """Sage is read again, and what came of it is posted."""
    acme.clock.forward(minutes=10)
    for name in ("syncs", "digests"):
        await getattr(acme.product.finders, name)()
        while acme.product.dispatch._lanes:
            await asyncio.sleep(0.01)
    for _ in range(4):
        await look(acme)


def said_in_sales(acme):
    return [each for each in acme.slack.messages if each.channel == C_SALES and not each.user]


async def test_the_other_company_is_shared_without_figures(acme):
    own = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    [posted] = await send(acme, await choose(acme, own, C_SALES), C_SALES)
    assert "£2,464.16" in posted.text
    card = await acme.command("/customer", "ABS001", user="anna")
    assert "£77.70" in card.text
    form = await opened_by(acme, card, "customer.share", user="anna")
    preview = await choose(acme, form, C_SALES)
    assert "no figures" in shown(preview)
    assert "£" not in shown(preview)
    [posted] = await send(acme, preview, C_SALES)
    assert "ABS001" in posted.text
    assert "£" not in posted.text + str(posted.blocks)


async def test_news_of_the_other_company_is_posted_and_edited_without_figures(acme, fleet):
    made = await acme.command("/sage", "subscribe holds,releases in <#C0SALES>", user="anna")
    assert "no figures" in made.text
    assert "hold status and figures" in (await acme.command("/sage", "subscribe holds,releases in <#C0SALES>")).text
    await changed(acme)  # the other company is read for the first time
    acme.world.put_on_hold("FLE001", "Owes £5", company=fleet)
    acme.world.put_on_hold("ABS001", "Owes us", company=acme.world.companies[0])
    await changed(acme)
    acme.world.release("FLE001", "Paid £5", company=fleet)
    await changed(acme)
    theirs = [each for each in said_in_sales(acme) if "FLE001" in each.text]
    assert {each.via for each in theirs} == {"chat.postMessage", "chat.update"}
    assert [each.text for each in theirs if "£" in each.text + str(each.blocks)] == []
    assert "£2,464.16" in next(each.text for each in said_in_sales(acme) if "ABS001" in each.text)


async def test_what_tells_a_band_is_not_subscribed_for_the_other_company(acme):
    refused = await acme.command("/sage", "subscribe over-limit in <#C0SALES>", user="anna")
    assert "hold status only" in refused.text
    assert "Subscription 1" in (await acme.command("/sage", "subscribe over-limit in <#C0SALES>")).text


async def test_the_digest_of_the_other_company_has_no_figures(acme):
    made = await acme.command("/sage", "subscribe digest daily 09:30 in <#C0SALES>", user="anna")
    assert "no figures" in made.text, made.text
    acme.clock.forward(hours=1)
    await changed(acme)
    [digest] = [each for each in said_in_sales(acme) if "FLE002" in each.text]
    assert "£" not in digest.text + str(digest.blocks)


async def test_an_answer_about_the_other_company_is_for_the_asker_alone(acme):
    before = len(posts(acme))
    event = {"type": "app_mention", "user": "U0ANNA", "channel": C_SALES, "ts": "1772442000.000100"}
    await acme.sender.event({**event, "text": "<@U0BOTACME> what does ABS001 owe?", "event_ts": event["ts"]})
    await acme.settle()
    [answer] = [each for each in acme.slack.messages if "£77.70" in each.text]
    assert answer.user == "U0ANNA"
    assert posts(acme)[before:] == []


async def test_the_class_is_given_and_told_by_company(acme):
    said = await acme.command("/sage", "channel")
    assert f"shows figures* of {OWN}" in said.text
    refused = await acme.command("/sage", f"channel band for {OTHER}")
    assert "aren't shown the figures" in refused.text, "Priya's Sage ID doesn't open that company"
    assert OTHER in (await acme.command("/sage", "channel band for Nobody Ltd")).text
    lowered = await acme.command("/sage", f"channel status for “{OTHER.lower()}”")
    assert f"of {OTHER}" in lowered.text
    raised = await acme.command("/sage", f"channel band <#C0GENERAL|general> for {OWN}")
    assert f"/sage channel status <#C0GENERAL> for {OWN}" in str(raised.blocks)
    assert f"<#C0GENERAL>: band of {OWN}" in (await acme.command("/sage", "settings")).text
    assert f"<#C0GENERAL>, {OWN}" in (await acme.command("/sage", "audit change channel")).text


async def test_homes_form_asks_of_which_company(acme):
    await acme.sender.event({"type": "app_home_opened", "user": "U0PRIYA", "tab": "home", "channel": "D0PRIYA"})
    await acme.settle()
    home = next(each for each in acme.slack.views.values() if each.content["type"] == "home")
    form = await opened_by(acme, home, "home.channels")
    assert OWN in shown(form)
    [other] = [
        option["value"]
        for block in form.content["blocks"]
        for option in (block.get("element") or {}).get("options", [])
        if option["text"]["text"] == OTHER
    ]
    values = {"place": "C0GENERAL", "class": "figures", "company": other}
    acme.slack.workspaces["T0ACME"].channels["C0GENERAL"].members.add(BOT)
    reply = await acme.sender.submit(form, values)
    assert "aren't shown the figures" in reply.body
    own = next(
        option["value"]
        for block in form.content["blocks"]
        for option in (block.get("element") or {}).get("options", [])
        if option["text"]["text"] == OWN
    )
    assert (await acme.sender.submit(form, {**values, "company": own})).body in {"", "{}"}
    await acme.settle()
    assert f"<#C0GENERAL>: figures of {OWN}" in (await acme.command("/sage", "settings")).text
