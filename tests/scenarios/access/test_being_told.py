"""People are told of what concerns them: a role they were given, with their own way in."""

from __future__ import annotations

import pytest

from bot.jobs.tasks import Finders
from tests.scenarios.furnished import read_ledger

ANNA, GARY, SAM = "<@U0ANNA|anna>", "<@U0GARY|gary>", "<@U0SAM|sam>"
REPS = "<!subteam^S0REPS|@reps>"


@pytest.fixture
def acme(read_office):
    """Priya is connected and the app's first admin, and the mirror has been read."""
    return read_office


@pytest.fixture
def tell(acme):
    """Post what is due, as the worker would."""

    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await acme.product.tasks.run(job)

    finders = Finders(acme.product.services, Now())

    async def look():
        for _ in range(4):
            await finders.outbox()
            acme.clock.forward(seconds=2)

    return look


def direct(acme, user):
    """What stands in somebody's own conversation with the app, posted by itself."""
    place = f"D0{user.upper()}"
    posted = [m for m in acme.slack.messages if m.channel == place and m.via == "chat.postMessage" and not m.is_gone]
    return [m for m in posted if not m.is_ephemeral]


async def test_a_role_is_one_message_with_what_to_try_and_a_link_that_connects(acme, tell):
    await acme.command("/sage", f'roles {ANNA} customers "sales rep":george')
    await acme.command("/sage", f"roles {ANNA} sales")
    await tell()
    [told] = direct(acme, "anna")
    for said in ("made you a member of sales", "Sales rep is George", "`/customer BIG001`", "`/onhold mine`"):
        assert said in told.text, told.text
    assert acme.link(told) in told.text
    # What it says to type answers, and nobody else's customer is named.
    assert "£" in (await acme.command("/customer", "BIG001", user="anna")).text
    assert "NOR001" not in told.text
    page = await acme.browser.get(acme.link(told))
    assert "anna" in page.text.casefold()
    back = await acme.browser.get(await acme.allow(await acme.open_sage_id(acme.link(told)), "priya@example.test"))
    assert "verification-code" in back.text
    await tell()
    assert direct(acme, "anna") == [told]


async def test_an_old_message_opens_nothing_and_its_button_makes_a_new_link(acme, tell):
    await acme.command("/sage", f"roles {ANNA} controller")
    await tell()
    [told] = direct(acme, "anna")
    acme.clock.forward(hours=14)
    assert (await acme.browser.get(acme.link(told))).status_code == 400
    await acme.sender.click(told, "connect.start", user="anna")
    await acme.settle()
    [form] = [view for view in acme.slack.state.views.every.values() if "connect.code" in str(view.content)]
    assert acme.link(told) not in str(form.content)
    assert "/sage/connect/" in str(form.content)


async def test_a_link_that_is_in_use_is_not_ended_by_the_message(acme, tell):
    link = acme.link(await acme.command("/sage", "connect", user="anna"))
    url = await acme.open_sage_id(link)
    await acme.command("/sage", f"roles {ANNA} controller")
    await tell()
    [told] = direct(acme, "anna")
    assert "/sage/connect/" not in str(told.blocks)
    page = await acme.browser.get(await acme.allow(url, "priya@example.test"))
    assert "verification-code" in page.text


async def test_each_of_several_is_told_once_and_a_change_is_one_line(acme, tell):
    await acme.command("/sage", f"roles {ANNA} <@U0GEORGE> sales")
    await tell()
    assert [len(direct(acme, user)) for user in ("anna", "george")] == [1, 1]
    await acme.command("/sage", f"roles {ANNA} controller")
    await acme.command("/sage", f"roles remove {ANNA}")
    await tell()
    changed, gone = (m.text for m in direct(acme, "anna")[1:])
    assert changed.startswith("*<@U0PRIYA> made you a controller.* Before: a member of sales.")
    assert "took" in gone
    assert "\n" not in changed + gone


async def test_a_group_is_told_member_by_member_and_its_guests_nothing(acme, tell):
    given = (await acme.command("/sage", f"roles {REPS} sales")).text
    assert "message" in given
    await tell()
    told = {user: len(direct(acme, user)) for user in ("anna", "george", "gary", "sam")}
    assert told["gary"] == told["sam"] == 0
    assert sum(told.values()) >= 1


async def test_the_first_question_of_the_unconnected_has_their_own_link_and_a_way_to_ask(acme, tell):
    for command, text in (("/customer", "ABS001"), ("/onhold", ""), ("/overdue", "")):
        answer = await acme.command(command, text, user="anna")
        assert answer.is_ephemeral
        assert acme.link(answer) in answer.text
        assert "access.ask" in str(answer.blocks)
    page = await acme.browser.get(await acme.allow(await acme.open_sage_id(acme.link(answer)), "priya@example.test"))
    assert "verification-code" in page.text
    # While the code waits to be typed, no answer ends that sign-in by a new link.
    assert "/sage/connect/" not in str((await acme.command("/customer", "ABS001", user="anna")).blocks)


async def test_asking_for_access_is_decided_once_and_everybody_sees_it(acme, tell):
    await acme.command("/sage", "roles <@U0GEORGE> admin")
    await tell()
    refused = await acme.command("/customer", "ABS001", user="anna")
    asked = await acme.answer(await acme.sender.click(refused, "access.ask", user="anna"))
    assert "2 admins" in asked.text
    assert "already asked" in (await acme.command("/sage", "request-access", user="anna")).text
    await tell()
    at_priya, at_george = direct(acme, "priya")[-1], direct(acme, "george")[-1]
    assert "asks for access" in at_priya.text
    assert "asks for access" in at_george.text
    # A button is no permission.
    forged = acme.as_if_shown(at_priya, "anna")
    no = await acme.answer(await acme.sender.click(forged, "access.give.sales", user="anna"))
    assert "Only an admin" in no.text
    await acme.answer(await acme.sender.click(at_priya, "access.give.sales", user="priya"))
    await acme.answer(await acme.sender.click(at_george, "access.refuse", user="george"))
    await tell()
    for user in ("priya", "george"):
        here = [m for m in acme.slack.messages if m.channel == f"D0{user.upper()}" and not m.is_gone]
        [shown] = [m for m in here if "for access to Sage 200" in m.text]
        assert "<@U0PRIYA> made them a member of sales" in shown.text
        assert "access." not in str(shown.blocks)
    [told] = direct(acme, "anna")
    assert "made you a member of sales" in told.text


async def test_a_no_is_told_and_not_asked_again_at_once(acme, tell):
    await acme.command("/sage", "request-access I look after the north", user="anna")
    await tell()
    asked = direct(acme, "priya")[-1]
    assert "I look after the north" in asked.text
    await acme.answer(await acme.sender.click(asked, "access.refuse", user="priya"))
    await tell()
    assert "said no" in direct(acme, "anna")[-1].text
    assert "again tomorrow" in (await acme.command("/sage", "request-access", user="anna")).text
    acme.clock.forward(days=2)
    assert "Sent" in (await acme.command("/sage", "request-access", user="anna")).text


async def test_own_customers_are_followed_until_that_is_switched_off(acme, tell):
    await acme.command("/sage", f"roles {ANNA} sales")
    await tell()
    await acme.command("/sage", f'roles {ANNA} customers "sales rep":george')
    await tell()
    told = direct(acme, "anna")[-1]
    assert len(direct(acme, "anna")) == 2
    assert "put on hold, released, or doesn't pay as promised" in told.text
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.world.put_on_hold("NOR001", "Over limit")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    await tell()
    news = [m.text for m in direct(acme, "anna")[2:]]
    assert ["ABS001" in text for text in news] == [True]
    off = await acme.answer(await acme.sender.click(told, "access.switch_off", user="anna"))
    assert "Switched off" in off.text
    assert "no subscriptions" in (await acme.command("/sage", "subscriptions", user="anna")).text.casefold()
    # Not switched on again by another list of customers, nor by another role.
    await acme.command("/sage", f"roles {ANNA} customers Region:Scotland")
    await acme.command("/sage", f"roles {ANNA} controller")
    acme.world.release("ABS001")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    await tell()
    assert not [m for m in direct(acme, "anna") if "off hold" in m.text]


async def test_who_is_shown_the_status_alone_gets_the_link_to_see_more(acme, tell):
    await acme.command("/sage", "settings status-for-everyone on")
    answer = await acme.command("/customer", "ABS001", user="anna")
    assert "Not on hold" in answer.text
    assert acme.link(answer) in answer.text


async def test_an_alert_in_a_channel_is_acted_on(acme, tell):
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    await acme.command("/sage", f'roles {ANNA} customers "sales rep":george')
    await acme.command("/sage", f"roles {ANNA} sales")
    await acme.command("/sage", "subscribe holds,releases in <#C0SALES|sales>")
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    await tell()
    [alert] = [m for m in acme.slack.messages if m.channel == "C0SALES" and m.via == "chat.postMessage"]
    assert "Rep: Anna" in alert.text
    assert "<@U0ANNA>" not in str(alert.blocks)
    assert "£" not in alert.text + str(alert.blocks)
    # Who presses is answered alone, with what they may see; a colleague without a role is not.
    seen = await acme.answer(await acme.sender.click(alert, "alert.view", user="anna"))
    assert seen.is_ephemeral
    assert "£2,464.16" in seen.text
    refused = await acme.answer(await acme.sender.click(alert, "alert.view", user="george"))
    assert "£" not in refused.text
    await acme.sender.click(alert, "alert.request", user="anna")
    await acme.settle()
    assert [view for view in acme.slack.state.views.every.values() if "Cheque bounced" in str(view.content)]


async def test_a_customer_is_snoozed_from_its_alert_listed_and_told_again(acme, tell):
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    await acme.command("/sage", "subscribe holds,paid,orders in <#C0SALES|sales>")

    def posted():
        return [m for m in acme.slack.messages if m.channel == "C0SALES" and m.via == "chat.postMessage"]

    async def held(reference):
        acme.world.put_on_hold(reference, "Overdue")
        acme.clock.forward(minutes=10)
        await read_ledger(acme)
        await tell()
        return len(posted())

    await acme.command("/customer", "ABS002 snooze 2w here", channel="C0SALES")
    assert await held("ABS002") == 0
    assert await held("ABS001") == 1
    parts = [each for block in posted()[0].blocks for each in block.get("elements", ())]
    [menu] = [each for each in parts if each["type"] == "static_select"]
    week = menu["options"][1]["value"]
    refused = await acme.answer(await acme.sender.click(posted()[0], "alert.snooze", selected=week, user="anna"))
    assert "haven't connected" in refused.text
    done = await acme.answer(await acme.sender.click(posted()[0], "alert.snooze", selected=week, user="priya"))
    assert "No alerts about" in done.text
    listed = (await acme.command("/sage", "subscriptions")).text
    assert "ABS001" in listed
    assert "ABS002" in listed
    acme.world.release("ABS001")
    assert await held("ABS001") == 1
    await acme.command("/customer", "ABS001 snooze off here", channel="C0SALES")
    assert "ABS001" not in (await acme.command("/sage", "subscriptions")).text
