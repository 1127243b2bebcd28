"""A customer is shared, watched, found while somebody types, and found in a message: asked afresh at every step."""

from __future__ import annotations

import json

import pytest

from sandbox.slack.people import Channel
from sandbox.slack.sending.payloads import Payloads
from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.furnished import read_ledger

BOT = "U0BOTACME"


@pytest.fixture
async def acme(read_office):
    """Priya's sign-in answers; the app is in #sales and in others that take nothing."""
    channels = read_office.slack.workspaces["T0ACME"].channels
    channels["C0SALES"].members.add(BOT)
    for channel in (
        Channel("C0PUBLIC", "credit-control", {"U0PRIYA"}),
        Channel("C0OLD", "old", {"U0PRIYA", BOT}, is_archived=True),
        Channel("C0SHARED", "with-a-supplier", {"U0PRIYA", BOT}, is_ext_shared=True),
    ):
        channels[channel.id] = channel
    return read_office


def shown(view):
    return json.dumps(view.content, ensure_ascii=False)


async def newest(acme):
    await acme.settle()
    return acme.modals[-1]


async def opened_by(acme, message, action_id, **more):
    assert (await acme.sender.click(message, action_id, **{"user": "priya", **more})).status == 200
    return await newest(acme)


async def choose(acme, view, channel, **more):
    values = {"share.channel": channel, "share.comment": "Please see <!channel>"}
    reply = await acme.sender.click(view, "share.channel", selected=channel, values=values, **more)
    assert reply.status == 200
    return await newest(acme)


async def send(acme, view, channel, comment=""):
    before = len(posts(acme))
    reply = await acme.sender.submit(view, {"share.channel": channel, "share.comment": comment})
    assert reply.status == 200
    await acme.settle()
    return posts(acme)[before:]


def posts(acme):
    return [each for each in acme.slack.messages if each.via == "chat.postMessage" and each.channel.startswith("C")]


@pytest.mark.parametrize(
    ("kind", "has", "has_not"),
    [
        ("status", ["Not on hold", "no figures"], ["£", "80%", "limit*"]),
        ("band", ["Under 80% of its credit limit"], ["£"]),
        ("figures", ["£2,464.16"], []),
    ],
)
async def test_what_the_preview_shows_is_what_the_channel_reads(acme, kind, has, has_not):
    await acme.command("/sage", f"channel {kind}")
    form = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    previewed = await choose(acme, form, "C0SALES")
    for fact in has:
        assert fact in shown(previewed)
    for figure in has_not:
        assert figure not in shown(previewed)
    [posted] = await send(acme, previewed, "C0SALES", "Please see <!channel>")
    assert posted.channel == "C0SALES"
    assert "Shared by <@U0PRIYA>" in posted.text
    assert "Please see &lt;!channel&gt;" in posted.text
    assert [fact for fact in has[:1] if fact not in posted.text] == []
    assert [figure for figure in has_not if figure in posted.text + json.dumps(posted.blocks)] == []
    assert "was shared in <#C0SALES>" in shown(await newest(acme))
    line = f"*share a card* ABS001 ABS Garages Ltd (<#C0SALES>, shown {kind})"
    assert line in (await acme.command("/sage", "audit share")).text


@pytest.mark.parametrize(
    ("channel", "why"),
    [
        ("C0OLD", "archived"),
        ("C0SHARED", "another company"),
        ("C0NOWHERE", "/invite"),
        ("D0PRIYA", "not a channel"),
    ],
)
async def test_channels_that_take_nothing_say_why_at_the_choice_and_at_the_sending(acme, channel, why):
    form = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    refused = await choose(acme, form, channel)
    assert why in shown(refused)
    assert await send(acme, refused, channel) == []
    assert why in shown(await newest(acme))
    assert "Nothing is recorded" in (await acme.command("/sage", "audit share")).text


async def test_a_public_channel_is_joined_when_all_else_is_allowed(acme):
    form = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    previewed = await choose(acme, form, "C0PUBLIC")
    assert "isn't in that channel yet: *Share* lets it join" in shown(previewed)
    channel, bot = acme.slack.workspaces["T0ACME"].channels["C0PUBLIC"], acme.slack.workspaces["T0ACME"].bot_user_id
    assert bot not in channel.members
    await acme.command("/sage", "disconnect anyway")
    assert await send(acme, previewed, "C0PUBLIC") == []
    assert bot not in channel.members
    await acme.connect()
    again = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    [posted] = await send(acme, again, "C0PUBLIC")
    assert (posted.channel, bot in channel.members) == ("C0PUBLIC", True)


async def test_a_channel_that_cannot_be_joined_is_said_and_nothing_recorded(acme):
    grant = acme.slack.state.grants.of("T0ACME")
    grant.scopes = tuple(scope for scope in grant.scopes if scope != "channels:join")
    form = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    assert await send(acme, form, "C0PUBLIC") == []
    assert "/invite" in shown(await newest(acme))
    assert "Nothing is recorded" in (await acme.command("/sage", "audit share")).text


async def test_it_is_posted_as_it_is_and_as_they_may_when_it_is_sent(acme):
    await acme.command("/sage", "channel figures")
    form = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    previewed = await choose(acme, form, "C0SALES")
    assert "£2,464.16" in shown(previewed)
    await acme.command("/sage", "channel status")
    acme.world.put_on_hold("ABS001", "£5 short")
    [posted] = await send(acme, previewed, "C0SALES")
    assert "🛑 On hold" in posted.text
    assert "£" not in posted.text
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].is_ext_shared = True
    again = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    assert await send(acme, again, "C0SALES") == []


async def test_another_may_press_neither_the_button_nor_send_the_form(acme):
    card = await acme.command("/customer", "ABS001")
    assert "with a role may share" in shown(
        await opened_by(acme, acme.as_if_shown(card, "george"), "customer.share", user="george")
    )
    assert (
        "only for full members"
        in (await press(acme, acme.as_if_shown(card, "gary"), "customer.share", user="gary")).text
    )
    form = await opened_by(acme, card, "customer.share")
    await acme.command("/sage", "disconnect anyway")
    assert await send(acme, form, "C0SALES") == []
    assert "connect" in shown(await newest(acme))


async def test_forged_and_old_buttons_share_nothing(acme):
    card = await acme.command("/customer", "ABS001")
    customer_id = acme.world.customer("ABS001")["id"]
    forged = await opened_by(acme, card, "customer.share", value="999999999 1 ABS001")
    assert "not in your company" in shown(forged)
    other = await opened_by(acme, card, "customer.share", value=f"{customer_id} 1 HOL001")
    assert "a different one now" in shown(other)
    assert "out of date" in (await press(acme, card, "customer.share", value="1 or 1 eq 1")).text
    form = await opened_by(acme, card, "customer.share")
    form.content["private_metadata"] = "not ours"
    assert await send(acme, form, "C0SALES") == []
    assert posts(acme) == []


async def test_a_lost_answer_is_not_asked_again_and_said(acme):
    form = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    acme.slack.faults.next(503, times=9, contains="chat.postMessage")
    await send(acme, form, "C0SALES")
    assert "Check the channel" in shown(await newest(acme))


async def test_watch_says_so_on_the_card_is_one_however_often_and_is_undone(acme):
    card = await acme.command("/customer", "ABS001")
    pressed = await acme.sender.click(card, "customer.watch", user="priya")
    done = await acme.sender.wait_for_answer(pressed, where=lambda each: "watching" in each.text)
    assert "You are watching *ABS Garages Ltd*" in done.text
    card = await acme.command("/customer", "ABS001")
    assert "Stop watching" in json.dumps(card.blocks)
    assert "already" in (await acme.command("/customer", "abs001 watch")).text
    listed = await acme.command("/sage", "subscriptions")
    assert "*1 subscription*" in listed.text
    assert "customer is ABS001" in listed.text
    gone = await press(acme, done, "customer.unwatch.undo")
    assert "any more alerts about" in gone.text
    assert "You are watching" in (await press(acme, gone, "customer.watch.undo")).text
    assert "any more alerts about" in (await acme.command("/customer", "ABS001 unwatch")).text
    assert "aren't watching" in (await acme.command("/customer", "ABS001 unwatch")).text
    assert "Stop watching" not in json.dumps((await acme.command("/customer", "ABS001")).blocks)


async def test_a_watched_customer_that_is_put_on_hold_is_told_in_private(acme):
    await acme.command("/customer", "ABS001 watch")
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.clock.forward(minutes=6)
    await read_ledger(acme)
    outbox = acme.product.services.outbox
    for workspace_id, target_id in await outbox.due(most=9):
        await outbox.post_target(workspace_id=workspace_id, target_id=target_id)
    told = [each for each in acme.slack.messages if "ABS001" in each.text and "is on hold" in each.text]
    assert [each.channel for each in told] == ["D0PRIYA"]


async def test_those_without_a_role_and_forged_buttons_watch_nothing(acme):
    card = await acme.command("/customer", "ABS001")
    for user in ("george", "gary"):
        assert "watching" not in (await press(acme, acme.as_if_shown(card, user), "customer.watch", user=user)).text
    assert "not in your company" in (await press(acme, card, "customer.watch", value="99999 1 ABS001")).text
    assert "out of date" in (await press(acme, card, "customer.watch", value="x")).text
    assert "no subscriptions" in (await acme.command("/sage", "subscriptions")).text


async def shortcut(acme, user="priya"):
    trigger = acme.slack.state.triggers.new(user=f"U0{user.upper()}", team="T0ACME")
    payloads = Payloads(acme.slack.state, "T0ACME")
    payload = payloads.shortcut("customer.find", user=payloads.place.person(user), trigger_id=trigger)
    assert (await acme.sender.click(payload)).status == 200
    return await newest(acme)


async def test_the_shortcut_finds_a_customer_while_somebody_types(acme):
    view = await shortcut(acme)
    offer = await acme.sender.offer(view, "picker.customer", "hexham gar", user="priya")
    assert [each["text"]["text"] for each in offer["options"]] == ["ABS Garages (Hexham) Ltd (ABS002)"]
    offer = await acme.sender.offer(view, "picker.customer", "abs001", user="priya")
    chosen = offer["options"][0]["value"]
    await acme.sender.click(view, "picker.customer", selected=chosen, user="priya")
    filled = await newest(acme)
    assert "£2,464.16" in shown(filled)
    assert "customer.aged" not in shown(filled)
    await acme.sender.click(filled, "picker.customer", selected="999999999", user="priya")
    refused = await newest(acme)
    assert "not in your company" in shown(refused)
    assert "picker.customer" in shown(refused)


async def test_others_are_offered_nobody(acme):
    view = await shortcut(acme)
    for user in ("gary", "anna"):
        assert await acme.sender.suggest(acme.as_if_shown(view, user), "picker.customer", "abs", user=user) == []
    assert "picker.customer" not in shown(await shortcut(acme, "anna"))
    assert (await shortcut(acme, "gary")).user == "U0ANNA", "nothing is opened for a guest"
    assert "only for full members" in acme.latest.text


async def test_the_subscription_form_takes_customers_from_the_menu(acme):
    await acme.sender.command("/sage", "subscribe", user="priya")
    form = await newest(acme)
    assert await acme.sender.suggest(form, "customers", "ABS0") == ["ABS001", "ABS002"]
    filled = {"kinds": ["holds"], "own": ["me"], "delivery": "at_once", "customers": ["ABS001", "HOL001"]}
    assert (await acme.sender.submit(form, filled)).status == 200
    await acme.settle()
    listed = await acme.command("/sage", "subscriptions")
    assert "customer is ABS001 or HOL001" in listed.text


async def mentioned(acme, text, user="priya"):
    said = acme.sender.said(text, user="U0BEN", channel="C0SALES")
    trigger = acme.slack.state.triggers.new(user=f"U0{user.upper()}", team="T0ACME")
    reply = await acme.sender.shortcut(said, "customer.mentioned", user=user, trigger_id=trigger)
    assert reply.status == 200
    return await newest(acme)


async def test_the_customers_of_a_message_with_their_cards(acme):
    view = await mentioned(acme, "Is HOL001 still stopped? And what of abs garages, <@U0BEN>?")
    for fact in ("(HOL001)", "🛑 On hold", "ABS Garages Ltd (ABS001)", "£2,464.16"):
        assert fact in shown(view)
    await acme.sender.click(view, "mentioned.card.1", user="priya")
    card = await newest(acme)
    assert card.previous == view.id
    assert "£2,464.16" in shown(card)
    await acme.sender.click(view, "mentioned.card.1", user="priya", value="1 or 1 eq 1")
    assert "out of date" in shown(await newest(acme))
    card.is_open = (await newest(acme)).is_open = False
    await acme.command("/sage", "disconnect anyway")
    await acme.sender.click(view, "mentioned.card.1", user="priya")
    assert "£" not in shown(await newest(acme))


async def test_a_message_that_names_nobody_and_people_who_may_ask_nothing(acme):
    assert "names no customer" in shown(await mentioned(acme, "Lunch, anybody?"))
    assert (await mentioned(acme, "HOL001?", user="gary")).user == "U0PRIYA", "nothing is opened for a guest"
    assert "only for full members" in acme.latest.text
