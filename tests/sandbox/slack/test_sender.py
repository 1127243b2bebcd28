from __future__ import annotations

import asyncio

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from sandbox.slack import E_GRID, T_GRID, Reply
from tests.sandbox.slack.fixtures import Play, actions, asking, button, menu, modal, option, plain

PICK = {
    "type": "input",
    "block_id": "size",
    "label": plain("Size"),
    "element": menu(option("s", "Small"), option("l", "Large")),
}


@pytest.fixture
def play():
    return Play()


async def opened(play, *blocks):
    view = modal(*blocks, callback_id="connect.code", private_metadata="kept")
    answer = await play.api("views.open", trigger_id=await play.trigger(), view=view)
    return play.slack.views[answer["view"]["id"]]


async def test_a_command_is_signed_as_slack_signs(play):
    reply = await play.sender.command("/customer", "ABS001", user="priya")
    assert (reply.status, reply.error) == (200, "")
    assert len(play.app.got) == 1


async def test_an_unsigned_request_is_the_apps_to_refuse(play):
    assert (await play.sender.raw(b"command=/customer", {})).status == 401
    assert play.app.got == []


@pytest.mark.parametrize("changed", ["body", "moment"])
async def test_a_signature_is_good_for_one_body_and_five_minutes(play, changed):
    body = b"command=%2Fcustomer"
    now = int(play.clock.now())
    headers = play.sender.signed(body, at=now - 301 if changed == "moment" else now)
    sent = b"command=%2Fother" if changed == "body" else body
    assert (await play.sender.raw(sent, headers)).status == 401


async def test_what_one_person_is_shown_nobody_else_presses(play):
    view = await opened(play, PICK)
    await play.sender.command("/customer", "ABS001", user="priya")
    url = play.app.got[-1]["response_url"]
    await play.http.post(url, json={"text": "hush", "blocks": [actions(button())]})
    sent = len(play.app.got)
    for pressing in (
        play.sender.click(play.slack.messages[-1], "press", user="george"),
        play.sender.submit(view, {"size": "s"}, user="george"),
    ):
        with pytest.raises(LookupError, match="shown to U0PRIYA alone"):
            await pressing
    assert len(play.app.got) == sent


async def test_a_command_has_slacks_fields(play):
    await play.sender.command("/customer", "ABS001", user="george", trigger_id="1.2.three")
    got = play.app.got[-1]
    assert got.pop("response_url").startswith("http://slack.test/hooks/commands/")
    assert got == {
        "token": "sandbox-verification",
        "team_id": "T0ACME",
        "team_domain": "acme-motor-factors",
        "channel_id": "C0SALES",
        "channel_name": "sales",
        "user_id": "U0GEORGE",
        "user_name": "george",
        "command": "/customer",
        "text": "ABS001",
        "api_app_id": "A0SAGE200",
        "is_enterprise_install": "false",
        "trigger_id": "1.2.three",
    }


async def test_the_branch_of_an_organisation_says_so(play):
    play.slack.install(E_GRID)
    await play.sender.command("/customer", user="grace", team=T_GRID)
    got = play.app.got[-1]
    named = ("team_id", "enterprise_id", "enterprise_name", "is_enterprise_install")
    assert [got[name] for name in named] == [T_GRID, E_GRID, "Grid Holdings", "true"]


async def test_a_click_has_slacks_shape(play):
    message = await play.posted(actions(button("go", value="7")))
    await play.sender.click(message, "go", user="priya")
    got = play.app.got[-1]
    assert got["type"] == "block_actions"
    assert got["user"] == {"id": "U0PRIYA", "username": "priya", "name": "priya", "team_id": "T0ACME"}
    assert got["team"] == {"id": "T0ACME", "domain": "acme-motor-factors"}
    assert (got["enterprise"], got["is_enterprise_install"]) == (None, False)
    place = {"type": "message", "message_ts": message.ts, "channel_id": "D0PRIYA", "is_ephemeral": False}
    assert got["container"] == place
    assert got["channel"] == {"id": "D0PRIYA", "name": "directmessage"}
    assert got["message"]["blocks"] == message.blocks
    assert got["state"] == {"values": {}}
    assert got["response_url"].startswith("http://slack.test/hooks/actions/")
    [action] = got["actions"]
    assert (action["type"], action["action_id"], action["block_id"], action["value"]) == ("button", "go", "b0", "7")
    assert float(action["action_ts"]) > float(message.ts)


async def test_an_ephemeral_message_is_not_in_the_payload(play):
    reply = await play.sender.command("/customer", user="priya")
    await play.http.post(play.app.got[-1]["response_url"], json={"text": "a", "blocks": [actions(button())]})
    await play.sender.click(await play.sender.wait_for_answer(reply), "press", user="priya")
    assert "message" not in play.app.got[-1]
    assert play.app.got[-1]["container"]["is_ephemeral"] is True


async def test_a_choice_carries_the_whole_option(play):
    message = await play.posted(actions(menu(option("s", "Small"), option("l", "Large"))))
    await play.sender.click(message, "pick", user="priya", selected="l")
    assert play.app.got[-1]["actions"][0]["selected_option"] == option("l", "Large")


@pytest.mark.parametrize(("action_id", "selected"), [("elsewhere", None), ("pick", "xl")])
async def test_nobody_clicks_what_is_not_there(play, action_id, selected):
    message = await play.posted(actions(menu(option("s", "Small"))))
    with pytest.raises(LookupError):
        await play.sender.click(message, action_id, user="priya", selected=selected)


async def test_a_payload_may_be_sent_as_it_is(play):
    forged = {"type": "block_actions", "user": {"id": "U0NOBODY"}, "actions": []}
    await play.sender.click(forged)
    assert play.app.got == [forged]


async def test_a_submission_has_slacks_shape(play):
    view = await opened(play, asking(), PICK)
    await play.sender.submit(view, {"code": "ABC234", "size": "l"})
    got = play.app.got[-1]
    assert (got["type"], got["user"]["id"]) == ("view_submission", "U0PRIYA")
    assert (got["view"]["id"], got["view"]["callback_id"]) == (view.id, "connect.code")
    assert got["view"]["private_metadata"] == "kept"
    assert got["view"]["state"]["values"] == {
        "code": {"typed": {"type": "plain_text_input", "value": "ABC234"}},
        "size": {"pick": {"type": "static_select", "selected_option": option("l", "Large")}},
    }


async def test_fields_left_alone_are_empty(play):
    await play.sender.submit(await opened(play, asking(), PICK), {})
    values = play.app.got[-1]["view"]["state"]["values"]
    assert values["code"]["typed"]["value"] is None
    assert values["size"]["pick"]["selected_option"] is None


async def test_a_modal_closes_unless_the_app_objects(play):
    view = await opened(play)
    play.app.answer = JSONResponse({"response_action": "errors", "errors": {"code": "Not that one."}})
    await play.sender.submit(view, {"code": "ZZZ999"})
    assert (view.is_open, view.errors) == (True, {"code": "Not that one."})
    play.app.answer = PlainTextResponse("")
    await play.sender.submit(view, {"code": "ABC234"})
    assert (view.is_open, view.errors) == (False, {})


async def test_a_modal_may_be_answered_with_other_content(play):
    view = await opened(play)
    play.app.answer = JSONResponse({"response_action": "update", "view": modal(title=plain("Next"))})
    await play.sender.submit(view, {})
    assert (view.is_open, view.content["title"]["text"]) == (True, "Next")


async def test_an_event_has_slacks_envelope(play):
    await play.sender.event({"type": "app_uninstalled"}, event_id="Ev1", retry_num=2)
    got, headers = play.app.got[-1], play.app.headers[-1]
    assert (got["type"], got["event_id"], got["team_id"]) == ("event_callback", "Ev1", "T0ACME")
    assert got["event_time"] == int(play.clock.now())
    assert got["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": "T0ACME",
            "user_id": "U0BOTACME",
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]
    assert (headers["x-slack-retry-num"], headers["x-slack-retry-reason"]) == ("2", "http_timeout")


async def test_an_organisation_wide_event_authorises_no_team(play):
    play.slack.install(E_GRID)
    await play.sender.event({"type": "message"}, team=T_GRID)
    [authorization] = play.app.got[-1]["authorizations"]
    assert (authorization["enterprise_id"], authorization["team_id"]) == (E_GRID, None)
    assert authorization["is_enterprise_install"] is True


async def test_what_people_write_arrives_escaped(play):
    await play.sender.direct_message("Bits & <Bobs>", user="priya")
    event = play.app.got[-1]["event"]
    assert (event["type"], event["channel_type"], event["channel"]) == ("message", "im", "D0PRIYA")
    assert event["text"] == "Bits &amp; &lt;Bobs&gt;"


async def test_leaving_kills_the_token_and_tells_the_app(play):
    await play.sender.uninstall()
    assert [got["event"]["type"] for got in play.app.got] == ["app_uninstalled", "tokens_revoked"]
    assert play.app.got[1]["event"]["tokens"] == {"oauth": [], "bot": ["U0BOTACME"]}
    assert (await play.api("auth.test"))["error"] == "token_revoked"


@pytest.mark.parametrize("answer", [PlainTextResponse("hello"), JSONResponse({"text": "hello"})])
async def test_an_acknowledgement_may_be_the_answer(play, answer):
    play.app.answer = answer
    reply = await play.sender.command("/customer", user="priya")
    message = await play.sender.wait_for_answer(reply)
    assert (message.text, message.user, message.via) == ("hello", "U0PRIYA", "response")


async def test_a_failing_app_is_reported_to_the_person(play):
    play.app.answer = PlainTextResponse("", 500)
    reply = await play.sender.command("/customer", user="priya")
    assert reply.error == "dispatch_failed"
    assert play.slack.messages[-1].via == "slack"
    with pytest.raises(AssertionError, match="dispatch_failed"):
        await play.sender.wait_for_answer(reply)


async def test_waiting_ends_when_the_answer_comes(play):
    reply = await play.sender.command("/customer", user="priya")
    waiting = asyncio.create_task(play.sender.wait_for_answer(reply, where=lambda message: message.text == "last"))
    for words in ("first", "last"):
        await play.http.post(play.app.got[-1]["response_url"], json={"text": words})
    assert (await waiting).text == "last"


async def test_waiting_in_vain_says_what_there_is(play):
    await play.posted(text="something else")
    with pytest.raises(AssertionError, match="something else"):
        await play.sender.wait_for_answer(Reply(200, "", 0, "no-such-hook"), timeout=0)
