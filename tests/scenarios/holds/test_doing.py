"""People put accounts on hold and release them: in Sage, in their own name, told to the channel once."""

from __future__ import annotations

import asyncio

import pytest

from bot.jobs.tasks import Finders
from sandbox.slack import Message
from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.furnished import read_ledger

ANNA, GEORGE = "<@U0ANNA|anna>", "<@U0GEORGE|george>"


async def furnish(office):
    """Priya is connected and the app's first admin, George is a controller with his own Sage ID, Anna a rep."""
    await office.connect("priya@example.test")
    await office.command("/sage", "company 2")
    await office.connect("george@example.test", user="george")
    await read_ledger(office)
    await office.command("/sage", f"roles {GEORGE} controller")
    await office.command("/sage", f"roles {ANNA} sales")
    await office.command("/sage", f'roles {ANNA} customers "sales rep":George')
    office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    await office.command("/sage", "subscribe holds, releases in <#C0SALES|sales>")


@pytest.fixture
def acme(furnished_office):
    return furnished_office


async def customer(acme, text, **more):
    return await acme.command("/customer", text, **more)


def held(acme):
    row = acme.world.customer("ABS001")
    return row["on_hold"], row["status_reason"]


def puts(acme):
    return [seen for seen in acme.sage.requests if seen.method == "PUT"]


async def work(acme):
    """Do what is due, as the worker would, until nothing is."""

    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await acme.product.tasks.run(job)

    finders = Finders(acme.product.services, Now())
    for _ in range(3):
        await finders.syncs()
        await finders.outbox()
        acme.clock.forward(seconds=400)


def membership(acme, words, channel="C0SALES"):
    return [
        m for m in acme.slack.messages
        if m.channel == channel and m.via.startswith("chat.") and words in m.text and not m.is_gone
    ]  # fmt: skip


def direct(acme, user, words):
    return [
        m for m in acme.slack.messages if m.via.startswith("chat.") and words in m.text and m.channel == f"D{user[1:]}"
    ]


async def form(acme, message, action, **more):
    """Press a button that opens a form; the form."""
    await acme.sender.click(message, action, **more)
    await acme.settle()
    return acme.modals[-1]


async def test_a_hold_and_a_release_are_typed_and_stand_in_sage_with_reason_and_name(acme):
    said = (await customer(acme, "ABS001 hold Cheque bounced")).text
    assert "ABS Garages Ltd (ABS001) is on hold now" in said
    assert held(acme) == (True, "Cheque bounced (Priya, Slack)")
    said = (await customer(acme, "ABS001 hold Cheque bounced")).text
    assert "is on hold already" in said
    assert len(puts(acme)) == 1
    said = (await customer(acme, "ABS001 release Paid by card", user="george")).text
    assert "is off hold" in said
    assert held(acme) == (False, "Paid by card (George, Slack)")


async def test_a_hold_typed_without_a_reason_opens_the_form_that_asks_for_it(acme):
    await acme.sender.command("/customer", "ABS001 hold", user="priya", team="T0ACME")
    await acme.settle()
    [view] = acme.modals
    assert view.content["callback_id"] == "customer.reason"
    assert puts(acme) == []
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="priya")
    await acme.settle()
    assert held(acme) == (True, "Cheque bounced (Priya, Slack)")
    assert "is on hold already" in (await customer(acme, "ABS001 hold")).text
    await acme.sender.command("/customer", "ABS001 request-release", user="anna", team="T0ACME")
    await acme.settle()
    assert "Request release" in str(acme.modals[-1].content)


@pytest.mark.parametrize("words", ["hold", "release", "request-release"])
async def test_without_a_form_the_answer_says_how_to_type_the_reason(acme, words):
    if words != "hold":
        await customer(acme, "ABS001 hold Over terms")
    acme.slack.refuse_next("expired_trigger_id", method="views.open")
    user = "anna" if words == "request-release" else "priya"
    said = (await customer(acme, f"ABS001 {words}", user=user)).text
    assert f"`/customer ABS001 {words} REASON`" in said


async def test_a_typed_hold_shows_what_changed_since_it_began_and_goes_on_with_the_same_reason(acme):
    number = acme.world.customer("ABS001")["id"]
    acme.sage.faults.delay(60, contains=f"customer_views?$filter=id eq {number}")
    asking = asyncio.create_task(customer(acme, "ABS001 hold Cheque bounced"))
    while not acme.sage.faults.waiting:
        await asyncio.sleep(0.01)
    acme.world.set_limit("ABS001", 5000)
    acme.sage.faults.clear()
    said = await asking
    assert "Credit limit: £4,000.00 → £5,000.00" in said.text
    assert (puts(acme), held(acme)[0]) == ([], False)
    view = await form(acme, said, "customer.hold", user="priya")
    (field,) = [each for each in view.content["blocks"] if each.get("block_id") == "reason"]
    assert field["element"]["initial_value"] == "Cheque bounced"
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="priya")
    await acme.settle()
    assert held(acme) == (True, "Cheque bounced (Priya, Slack)")


async def test_the_channel_is_told_once_by_whom_and_the_release_edits_the_card(acme):
    await customer(acme, "ABS001 hold Cheque bounced")
    await work(acme)
    (card,) = membership(acme, "ABS001")
    assert "By <@U0PRIYA>" in card.text
    assert "Changed in Sage 200" not in card.text
    await customer(acme, "ABS001 release Paid", user="george")
    await work(acme)
    said = membership(acme, "ABS001")
    (card_now,) = [m for m in said if not m.thread_ts]
    assert card_now.ts == card.ts
    assert "by <@U0GEORGE>" in card_now.text
    assert len(said) <= 2


async def test_a_rep_asks_and_a_controller_approves(acme):
    await customer(acme, "ABS001 hold Cheque bounced")
    refused = (await customer(acme, "ABS001 release Paid", user="anna")).text
    assert "Only admins of this app and controllers" in refused
    asked = (await customer(acme, "ABS001 request-release Cheque arrived", user="anna")).text
    assert "request 1" in asked
    assert "already asked" in (await customer(acme, "ABS001 request-release again", user="anna")).text
    await work(acme)
    asks = [m for m in acme.slack.messages if "asks to release" in m.text]
    assert len(asks) == 2
    (mine,) = [m for m in asks if "GEORGE" in m.channel]
    view = await form(acme, mine, "release.approve", user="george")
    await acme.sender.submit(view, {"reason": "Seen in the bank"}, user="george")
    await acme.settle()
    assert held(acme) == (False, "Seen in the bank (George, Slack)")
    await work(acme)
    told = [m for m in acme.slack.messages if "Your request to release" in m.text]
    assert len(told) == 1
    assert "Approved by <@U0GEORGE>: Seen in the bank" in told[0].text
    now = [m for m in acme.slack.messages if "asks to release" in m.text and not m.is_gone]
    assert all("Approved by <@U0GEORGE>" in m.text and "release.approve" not in str(m.blocks) for m in now)
    (card,) = [m for m in membership(acme, "ABS001") if not m.thread_ts]
    assert "by <@U0GEORGE>" in card.text
    late = (await acme.command("/sage", "approve 1")).text
    assert "Already decided" in late


async def test_a_button_opens_a_form_and_undo_opens_the_opposite(acme):
    card = await customer(acme, "ABS001")
    assert "customer.release" not in str(card.blocks)
    view = await form(acme, card, "customer.hold", user="priya")
    wrong = await acme.sender.submit(view, {"reason": "   "}, user="priya")
    assert "Please add a reason" in str(wrong.json())
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="priya")
    await acme.settle()
    assert held(acme) == (True, "Cheque bounced (Priya, Slack)")
    (said,) = [m for m in acme.slack.messages if "is on hold now" in m.text]
    view = await form(acme, said, "customer.release", user="priya")
    await acme.sender.submit(view, {"reason": "A mistake"}, user="priya")
    await acme.settle()
    assert held(acme) == (False, "A mistake (Priya, Slack)")


def cards(acme):
    """The cards of ABS001 that stand on the screen, with their places."""
    return [
        (each.channel, each.ts, "🛑 On hold" in each.text, "customer.release" in str(each.blocks))
        for each in acme.slack.messages
        if each.text.startswith("ABS Garages Ltd (ABS001): ") and not each.is_gone
    ]


async def by_form(acme, card, action, reason):
    view = await form(acme, card, action, user="priya")
    await acme.sender.submit(view, {"reason": reason}, user="priya")
    await acme.settle()


async def test_the_card_that_was_pressed_is_redrawn(acme):
    card = await customer(acme, "ABS001")
    await by_form(acme, card, "customer.hold", "Cheque bounced")
    assert cards(acme) == [(card.channel, card.ts, True, True)]
    (redrawn,) = [each for each in acme.slack.messages if each.ts == card.ts and not each.is_gone]
    assert "Cheque bounced" in redrawn.text
    assert redrawn.user == "U0PRIYA"
    await by_form(acme, redrawn, "customer.release", "Paid")
    assert cards(acme) == [(card.channel, card.ts, False, False)]


async def test_a_card_in_the_apps_own_conversation_is_redrawn_even_if_its_address_is_spent(acme):
    await acme.sender.direct_message("ABS001", user="priya")
    await acme.settle()
    card = acme.latest
    acme.slack.faults.next(404, contains="/hooks/actions/")
    await by_form(acme, card, "customer.hold", "Cheque bounced")
    assert cards(acme) == [(card.channel, card.ts, True, True)]


async def test_a_card_that_slack_does_not_redraw_is_sent_anew(acme):
    card = await customer(acme, "ABS001")
    acme.slack.faults.next(404, contains="/hooks/actions/")
    await by_form(acme, card, "customer.hold", "Cheque bounced")
    assert [(place, held_now) for place, _, held_now, _ in cards(acme)] == [("C0SALES", False), ("D0PRIYA", True)]


async def test_what_others_read_is_never_put_over_by_a_card(acme):
    card = await customer(acme, "ABS001")
    (row,) = [block for block in card.blocks if block.get("block_id") == "customer.card.hold"]
    public = Message("1772442000.009999", "T0ACME", "C0SALES", "said", "chat.postMessage", blocks=[row])
    acme.slack.state.messages.add(public)
    await by_form(acme, public, "customer.hold", "Cheque bounced")
    assert held(acme)[0]
    assert not public.is_gone
    assert cards(acme) == [(card.channel, card.ts, False, False)]


async def test_what_changed_since_the_card_was_drawn_is_shown_and_asked_again(acme):
    card = await customer(acme, "ABS001")
    acme.world.update("ABS001", status_reason="On watch")
    view = await form(acme, card, "customer.hold", user="priya")
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="priya")
    await acme.settle()
    (said,) = [m for m in acme.slack.messages if "since you looked" in m.text]
    assert "On watch" in said.text
    assert (held(acme)[0], puts(acme)) == (False, [])
    view = await form(acme, said, "customer.hold", user="priya")
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="priya")
    await acme.settle()
    assert held(acme) == (True, "Cheque bounced (Priya, Slack)")


async def test_what_a_hold_leaves_in_sage_is_there_with_its_answer_and_no_job_has_run(acme):
    await acme.command("/sage", "settings hold-notes both")
    books = acme.world.companies[0]

    async def left(words):
        await customer(acme, words)
        await acme.settle()
        return [(len(each), [row["is_active"] for row in each.values()]) for each in (books.alerts, books.memos)]

    assert await left("ABS001 hold Cheque bounced") == [(1, [True]), (1, [True])]
    assert await left("ABS001 release Paid") == [(1, [False]), (1, [False])]
    await acme.product.services.hold_notes.write_due()
    assert (len(books.alerts), len(books.memos)) == (1, 1)


@pytest.mark.parametrize("held_there", [False, True])
async def test_a_card_of_the_company_before_acts_there_and_not_in_the_one_picked_since(acme, held_there):
    action = "customer.hold"
    if held_there:
        await customer(acme, "ABS001 hold x")
        action = "customer.release"
    card = await customer(acme, "ABS001")
    view = await form(acme, card, action, user="priya")
    await acme.command("/sage", "company 1")
    in_use = acme.world.companies[1]
    assert acme.world.customer("ABS001", company=in_use)["on_hold"] is False
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="priya")
    await acme.settle()
    assert held(acme)[0] is not held_there
    assert acme.world.customer("ABS001", company=in_use)["on_hold"] is False
    acme.clock.forward(minutes=1)  # or it would be the same click, sent twice
    # Sage ID lists the company no more, as the app learns when it looks.
    acme.sage_id.people["priya@example.test"].companies.remove(acme.world.companies[0].key)
    await acme.command("/sage", "company")
    before = len(puts(acme))
    await acme.sender.click(card, action, user="priya")
    await acme.settle()
    assert [m for m in acme.slack.messages if "Your Sage ID doesn't open that company." in m.text]
    assert len(puts(acme)) == before


async def test_what_is_typed_says_in_which_company(acme):
    assert "ABS Motor Factors" in (await customer(acme, "ABS001 hold Cheque bounced")).text
    asked = await customer(acme, "ABS001 request-release Cheque arrived", user="anna")
    assert "ABS Motor Factors" in asked.text


async def test_a_role_that_was_taken_away_after_the_form_was_opened_does_nothing(acme):
    card = await customer(acme, "ABS001", user="george")
    view = await form(acme, card, "customer.hold", user="george")
    await acme.command("/sage", f"roles remove {GEORGE}")
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="george")
    await acme.settle()
    assert puts(acme) == []
    assert any("Only admins of this app and controllers may put" in m.text for m in acme.slack.messages)


async def test_a_rep_sees_no_button_but_the_request(acme):
    assert "customer.hold" not in str((await customer(acme, "ABS001", user="anna")).blocks)
    acme.world.put_on_hold("ABS001", "Overdue")
    card = await customer(acme, "ABS001", user="anna")
    assert "customer.release" not in str(card.blocks)
    view = await form(acme, card, "customer.request_release", user="anna")
    await acme.sender.submit(view, {"reason": "Cheque arrived"}, user="anna")
    await acme.settle()
    assert "ABS Garages Ltd (ABS001)*\n<@U0ANNA> asks to release it" in (await acme.command("/sage", "requests")).text
    assert "Declined by <@U0PRIYA>: Not yet" in (await acme.command("/sage", "decline 1 Not yet")).text


async def test_the_record_is_listed_and_sent_as_a_file(acme):
    await customer(acme, "ABS001 hold =SUM(A1)")
    listed = await acme.command("/sage", "audit hold")
    assert "<@U0PRIYA>: *hold* ABS001 ABS Garages Ltd: =SUM(A1)" in listed.text
    own = await acme.command("/sage", "audit", user="george")
    assert "*connect*" in own.text
    assert "ABS001" not in own.text
    assert "Only admins" in (await acme.command("/sage", "audit", user="anna")).text
    assert "as a file" in (await press(acme, listed, "audit.csv")).text
    (message,) = [each for each in acme.slack.messages if each.files]
    content = acme.slack.state.files[message.files[0]["id"]].content.decode("utf-8-sig")
    assert ",U0PRIYA,hold," in content
    assert message.channel.startswith("D")
    assert "*export a list* the record (2 lines with “hold”)" in (await acme.command("/sage", "audit")).text


async def test_a_hold_that_cannot_reach_sage_says_that_nothing_was_changed(acme):
    acme.sage.faults.offline()
    said = (await customer(acme, "ABS001 hold Cheque bounced")).text
    assert "Nothing was changed: Sage 200 isn't responding." in said
    assert "figures to show" not in said
    acme.sage.faults.clear()
    assert held(acme)[0] is False


# What Sage or its gateway may answer in place of a change, and what is said of it.
NO_ANSWERS = [
    (400, "", "Sage 200 didn't accept it."),
    (403, "{}", "your Sage 200 role doesn't let you change customers."),
    (404, "", "Sage 200 doesn't have that"),
    (409, '{"message": "conflict"}', "Sage 200 didn't accept it."),
    (429, "", "Sage 200 is busy."),
    (500, "", "Sage 200 isn't responding."),
    (200, "<html>Sign in</html>", "Sage 200 gave an answer that can't be read."),
    (200, '{"id": 1, "refer', "Sage 200 gave an answer that can't be read."),
    (204, "", "Sage 200 gave an answer that can't be read."),
    (302, "", "Sage 200 gave an answer that can't be read."),
]


@pytest.mark.parametrize(("status", "body", "why"), NO_ANSWERS)
async def test_whatever_sage_answers_in_place_of_a_hold_it_is_said_that_nothing_was_changed(acme, status, body, why):
    acme.sage.faults.next(status, times=9, body=body, contains="PUT /")
    said = (await customer(acme, "ABS001 hold Cheque bounced")).text
    assert f"Nothing was changed: {why}" in said
    assert said.count("Nothing was changed") == 1
    acme.sage.faults.clear()
    assert held(acme)[0] is False


@pytest.mark.parametrize(
    ("typed", "became"),
    [
        ("hold Cheque bounced", "Nothing was changed: "),
        ("release Paid", "Nothing was changed: "),
        ("request-limit 9000 Growing", "Nothing was sent: "),
        ("dispute INV1 Short delivery", "Nothing was noted: "),
    ],
)
@pytest.mark.parametrize(
    ("status", "body"), [(503, ""), (429, ""), (200, "<html>"), (400, ""), (403, "{}")], ids=lambda each: str(each)[:6]
)
async def test_whatever_was_to_be_done_it_is_said_that_it_was_not(acme, typed, became, status, body):
    acme.sage.faults.next(status, times=99, body=body, contains="accounts")
    said = (await customer(acme, f"ABS001 {typed}")).text
    assert said.startswith(became)
    assert "figures" not in said
