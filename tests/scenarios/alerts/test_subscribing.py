"""Somebody subscribes a channel, by typing or by the form: every way it can go wrong says what to do."""

from __future__ import annotations

import json

import pytest

from sandbox.slack.people import Channel

BOT = "U0BOTACME"


@pytest.fixture
async def acme(connected_office):
    """Priya is connected and the app's admin; the app is in #sales, and there are other kinds of channels."""
    channels = connected_office.slack.workspaces["T0ACME"].channels
    channels["C0SALES"].members.add(BOT)
    for channel in (
        Channel("C0PUBLIC", "credit-control", {"U0PRIYA"}),
        Channel("C0PRIVATE", "board", {"U0PRIYA"}, is_private=True),
        Channel("C0OLD", "old", {"U0PRIYA", BOT}, is_archived=True),
        Channel("C0SHARED", "with-a-supplier", {"U0PRIYA", BOT}, is_ext_shared=True),
    ):
        channels[channel.id] = channel
    return connected_office


def answered(office, reply):
    return office.answer(reply)


async def press(office, message, action_id, **more):
    return await answered(office, await office.sender.click(message, action_id, user="priya", **more))


async def test_typed_confirmed_listed_and_ended(acme):
    made = await acme.command(
        "/sage", 'subscribe holds, releases in <#C0SALES|sales> where "sales rep":George as thread'
    )
    for fact in ("Subscription 1", "<#C0SALES>", "Sales rep is George", "no figures", "/sage unsubscribe 1"):
        assert fact in made.text
    assert "would have sent nothing" in made.text
    listed = await acme.command("/sage", "subscriptions")
    for fact in ("*1*", "owner <@U0PRIYA>", "<#C0SALES>", "running"):
        assert fact in listed.text
    assert "has ended" in (await acme.command("/sage", "unsubscribe 1")).text
    assert "no subscriptions" in (await acme.command("/sage", "subscriptions")).text
    assert made.warnings == []


async def test_one_prompt_pressed_after_another_makes_one_subscription(acme):
    prompts = [await acme.command("/sage", "subscribe holds in <#C0PUBLIC|credit-control>") for _ in range(2)]
    first, second = [await press(acme, prompt, "subscription.join") for prompt in prompts]
    assert "Subscription 1" in first.text
    assert "already" in second.text
    assert "/sage unsubscribe 1" in second.text
    assert "subscription.edit.1" in json.dumps(second.blocks)
    overlapping = await acme.command("/sage", "subscribe holds,releases in <#C0PUBLIC|credit-control>")
    assert "by subscription 1" in overlapping.text
    paused = await acme.command("/sage", "pause 2")
    assert "/sage resume 2" in paused.text


async def test_a_code_that_was_left_out_is_asked_for_in_a_form(acme):
    await acme.sender.command("/sage", "verify", user="priya")
    await acme.settle()
    view = acme.modals[-1]
    assert view.content["callback_id"] == "connect.code"


async def test_slack_escapes_what_people_type(acme):
    made = await acme.command("/sage", 'subscribe holds where region:"Tyne &amp; Wear"')
    assert "Tyne &amp; Wear" in made.text
    assert "Subscription 1" in made.text


async def test_a_nonsense_filter_names_the_valid_labels(acme):
    refused = await acme.command("/sage", "subscribe holds where colour:red")
    for fact in ("No analysis code is called that", "colour", "Sales rep", "Region"):
        assert fact in refused.text


@pytest.mark.parametrize(
    ("channel", "words"),
    [("C0OLD", "archived"), ("C0SHARED", "another company"), ("C0PRIVATE", "/invite"), ("C0NOWHERE", "/invite")],
)
async def test_a_channel_that_takes_no_news_says_why(acme, channel, words):
    refused = await acme.command("/sage", f"subscribe holds in <#{channel}|x>")
    assert words in refused.text
    assert "subscription.join" not in json.dumps(refused.blocks)
    assert "no subscriptions" in (await acme.command("/sage", "subscriptions")).text


async def test_a_public_channel_offers_to_be_joined_and_is(acme):
    offered = await acme.command("/sage", "subscribe holds in <#C0PUBLIC|credit-control> where region:Durham")
    assert "isn't in that channel" in offered.text
    assert BOT not in acme.slack.workspaces["T0ACME"].channels["C0PUBLIC"].members
    made = await press(acme, offered, "subscription.join")
    assert "Subscription 1" in made.text
    assert BOT in acme.slack.workspaces["T0ACME"].channels["C0PUBLIC"].members


async def test_a_join_button_forged_by_somebody_without_a_role_joins_nothing(acme):
    offered = await acme.command("/sage", "subscribe holds in <#C0PUBLIC|credit-control>")
    reply = await acme.sender.click(acme.as_if_shown(offered, "anna"), "subscription.join", user="anna")
    assert "with a role" in (await answered(acme, reply)).text
    assert BOT not in acme.slack.workspaces["T0ACME"].channels["C0PUBLIC"].members


@pytest.mark.parametrize("change", ["is_ext_shared", "is_archived"])
async def test_a_channel_that_takes_no_news_is_not_joined_either(acme, change):
    offered = await acme.command("/sage", "subscribe holds in <#C0PUBLIC|credit-control>")
    setattr(acme.slack.workspaces["T0ACME"].channels["C0PUBLIC"], change, True)
    assert "Subscription" not in (await press(acme, offered, "subscription.join")).text
    assert "conversations.join" not in {call.method for call in acme.slack.calls}


async def test_an_installation_from_before_the_channel_scopes_says_that_it_cannot_look(acme):
    acme.slack.refuse_next("missing_scope", method="conversations.info")
    assert "permission `channels:read`" in (await acme.command("/sage", "subscribe holds")).text


@pytest.mark.parametrize("user", ["anna", "gary"])
async def test_others_are_refused_with_words(acme, user):
    refused = await acme.command("/sage", "subscribe holds", user=user)
    assert "Only people with a role" in refused.text if user == "anna" else "only for full members" in refused.text
    await acme.command("/sage", "subscribe", user=user)
    assert acme.modals == []


async def test_the_buttons_pause_resume_mute_edit_and_delete_with_undo(acme):
    await acme.command("/sage", "subscribe holds in me where rep:George")
    listed = await acme.command("/sage", "subscriptions")
    paused = await press(acme, listed, "subscription.pause.1")
    assert "paused since" in paused.text
    resumed = await press(acme, paused, "subscription.resume.1")
    assert "running" in resumed.text
    assert "muted until" in (await press(acme, resumed, "subscription.mute.1")).text
    gone = await press(acme, resumed, "subscription.delete.1")
    assert "has ended" in gone.text
    again = await press(acme, gone, "subscription.undo")
    assert "Sales rep is George" in again.text
    assert "<@U0PRIYA> in a direct message" in again.text


async def test_undo_comes_too_late_after_five_minutes(acme):
    await acme.command("/sage", "subscribe holds in me")
    gone = await acme.command("/sage", "unsubscribe 1")
    acme.clock.forward(minutes=6)
    assert "too long ago" in (await press(acme, gone, "subscription.undo")).text


async def test_silence_is_typed_too(acme):
    await acme.command("/sage", "subscribe digest weekdays 08:30 in me")
    assert "next digest" in (await acme.command("/sage", "subscriptions")).text
    assert "paused since" in (await acme.command("/sage", "pause 1")).text
    assert "next digest" in (await acme.command("/sage", "resume 1")).text
    assert "muted until" in (await acme.command("/sage", "mute 1 until friday")).text
    assert "next digest" in (await acme.command("/sage", "mute 1 off")).text
    assert "isn't a length of time" in (await acme.command("/sage", "mute 1 forever")).text
    for typed in ("unsubscribe 1 2", "pause 1 and 2", "resume 1 #2"):
        refused = await acme.command("/sage", typed)
        assert "one number at a time" in refused.text, typed
    assert "next digest" in (await acme.command("/sage", "subscriptions")).text
    for typed in ("unsubscribe", "pause x", "resume 7", "mute -1 2d", "unsubscribe 99999999999"):
        refused = await acme.command("/sage", typed)
        assert "number" in refused.text, typed


async def test_it_is_reassigned_to_a_full_member_with_a_role_only(acme):
    await acme.command("/sage", "subscribe holds")
    assert "They may not have it" in (await acme.command("/sage", "reassign 1 <@U0ANNA|anna>")).text
    assert "only for full members" in (await acme.command("/sage", "reassign 1 <@U0GARY|gary>")).text
    assert "Name a person" in (await acme.command("/sage", "reassign 1 anna")).text
    assert "owner <@U0PRIYA>" in (await acme.command("/sage", "subscriptions")).text


async def open_form(acme):
    reply = await acme.sender.command("/sage", "subscribe", user="priya")
    assert reply.status == 200
    await acme.settle()
    return acme.modals[-1]


async def test_the_form_says_mistakes_beside_their_fields_and_then_subscribes(acme):
    view = await open_form(acme)
    filled = {"kinds": ["holds"], "lists": ["digest"], "place": "C0SALES", "delivery": "at_once"}
    wrong = await acme.sender.submit(view, {**filled, "filter": "colour:red", "schedule": "whenever"}, user="priya")
    errors = wrong.json()["errors"]
    assert set(errors) == {"filter", "schedule"}
    assert "Region" in errors["filter"]
    right = await acme.sender.submit(view, {**filled, "filter": "region:Durham", "schedule": "weekdays 08:30"})
    assert right.body in ("", "{}")
    await acme.settle()
    listed = await acme.command("/sage", "subscriptions")
    for fact in ("<#C0SALES>", "Region is Durham", "weekdays at 08:30"):
        assert fact in listed.text
    confirmed = [each for each in acme.slack.messages if "Subscription 1" in each.text]
    assert confirmed[0].via == "chat.postMessage"


async def test_editing_opens_the_form_as_it_was(acme):
    await acme.command("/sage", "channel band")
    await acme.command("/sage", "subscribe utilisation 80,95 where region:Durham")
    listed = await acme.command("/sage", "subscriptions")
    assert (await acme.sender.click(listed, "subscription.edit.1", user="priya")).status == 200
    await acme.settle()
    view = acme.modals[-1]
    shown = {block["block_id"]: block["element"] for block in view.content["blocks"]}
    assert shown["filter"]["initial_value"] == "Region:Durham"
    assert shown["thresholds"]["initial_value"] == "80,95"
    assert shown["place"]["initial_conversation"] == "C0SALES"
    await acme.sender.submit(view, {"kinds": ["holds"], "own": ["me"], "delivery": "at_once"}, user="priya")
    await acme.settle()
    listed = await acme.command("/sage", "subscriptions")
    assert "*1* Put on hold" in listed.text
    assert "<@U0PRIYA> in a direct message" in listed.text


async def test_another_workspace_knows_nothing_of_it(acme):
    await acme.command("/sage", "subscribe holds")
    await acme.connect(user="oscar", team="T0OTHER")
    assert "no subscriptions" in (await acme.command("/sage", "subscriptions", user="oscar", team="T0OTHER")).text
    refused = await acme.command("/sage", "unsubscribe 1", user="oscar", team="T0OTHER")
    assert "no subscription number 1" in refused.text
    assert "*1*" in (await acme.command("/sage", "subscriptions")).text
