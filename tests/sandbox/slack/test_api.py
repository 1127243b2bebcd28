from __future__ import annotations

import json

import pytest

from sandbox.slack import E_GRID, T_GRID, T_OTHER
from tests.sandbox.slack.fixtures import CLIENT, Play, asking, modal, plain, section

HOME = {"type": "home", "blocks": [section("hello")]}
SCOPED = {
    "users.info": "users:read",
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.open": "im:write",
    "agents.sessions.setStatus": "chat:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
}


@pytest.fixture
def play():
    return Play()


async def test_a_token_nobody_was_given_is_refused(play):
    assert (await play.api("auth.test", token="xoxb-made-up"))["error"] == "invalid_auth"


async def test_a_call_without_a_token_is_refused(play):
    assert (await play.http.post("http://slack.test/api/auth.test")).json()["error"] == "not_authed"


@pytest.mark.parametrize(("method", "scope"), SCOPED.items())
async def test_a_method_needs_its_scope(play, method, scope):
    token = play.slack.install(T_OTHER, scopes=["commands"])
    answer = await play.api(method, token=token)
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", scope, "commands")


async def test_an_unknown_method_is_refused_loudly(play):
    answer = await play.http.post("http://slack.test/api/chat.scheduleMessage")
    assert (answer.status_code, answer.json()["error"]) == (501, "unknown_method")
    assert play.slack.calls[-1].error == "unknown_method"


@pytest.mark.parametrize("path", ["files", "api/auth.test/more", "oauth/authorize"])
async def test_an_unknown_address_is_refused_loudly(play, path):
    assert (await play.http.get(f"http://slack.test/{path}")).status_code == 501


async def test_auth_test_tells_whose_token_it_is(play):
    answer = await play.api("auth.test")
    assert answer["url"] == "https://acme-motor-factors.slack.com/"
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0ACME", "U0BOTACME", "B0BOTACME")
    assert answer["is_enterprise_install"] is False


async def test_every_answer_lists_the_scopes(play):
    answer = await play.http.get("http://slack.test/api/auth.test", headers={"Authorization": f"Bearer {play.token}"})
    assert answer.headers["x-oauth-scopes"] == "assistant:write,chat:write,im:write,users:read"


async def test_arguments_come_by_query_form_or_json(play):
    url, headers = "http://slack.test/api/users.info", {"Authorization": f"Bearer {play.token}"}
    answers = [
        await play.http.get(url, params={"user": "U0PRIYA"}, headers=headers),
        await play.http.post(url, data={"user": "U0PRIYA", "token": play.token}),
        await play.http.post(url, json={"user": "U0PRIYA"}, headers=headers),
    ]
    assert [answer.json()["user"]["name"] for answer in answers] == ["priya"] * 3


async def test_blocks_in_a_form_are_json_inside_it(play):
    form = {"token": play.token, "channel": "U0PRIYA", "text": "words", "blocks": json.dumps([section()])}
    assert (await play.http.post("http://slack.test/api/chat.postMessage", data=form)).json()["ok"]
    form["blocks"] = "[broken"
    answer = await play.http.post("http://slack.test/api/chat.postMessage", data=form)
    assert answer.json()["error"] == "invalid_blocks_format"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("U0PRIYA", {"is_admin": True, "is_restricted": False, "team_id": "T0ACME"}),
        ("U0GEORGE", {"is_admin": False, "is_restricted": False, "team_id": "T0ACME"}),
        ("U0GARY", {"is_restricted": True, "is_ultra_restricted": False}),
        ("U0SOL", {"is_restricted": True, "is_ultra_restricted": True}),
        ("U0SAM", {"is_stranger": True, "team_id": "T0OTHER"}),
    ],
)
async def test_people_are_what_they_are(play, user, said):
    shown = (await play.api("users.info", user=user))["user"]
    assert {name: shown[name] for name in said} == said


async def test_nobody_sees_the_people_of_another_workspace(play):
    assert (await play.api("users.info", user="U0OLIVE"))["error"] == "user_not_found"


async def test_sam_is_no_stranger_at_home(play):
    token = play.slack.install(T_OTHER)
    assert "is_stranger" not in (await play.api("users.info", token=token, user="U0SAM"))["user"]


async def test_a_message_to_a_person_lands_in_their_conversation_with_the_app(play):
    message = await play.posted(text="hello")
    assert (message.channel, message.text, message.via, message.user) == ("D0PRIYA", "hello", "chat.postMessage", "")
    assert play.slack.seen_by("U0PRIYA", team="T0ACME") == [message]
    assert play.slack.seen_by("U0GEORGE", team="T0ACME") == []


@pytest.mark.parametrize(
    ("channel", "error"), [("C0SALES", "not_in_channel"), ("C0NOWHERE", "channel_not_found"), ("", "channel_not_found")]
)
async def test_the_app_writes_only_where_it_is(play, channel, error):
    assert (await play.api("chat.postMessage", channel=channel, text="hello"))["error"] == error


async def test_an_archived_channel_takes_nothing(play):
    sales = play.slack.workspaces["T0ACME"].channels["C0SALES"]
    sales.members.add("U0BOTACME")
    assert (await play.api("chat.postMessage", channel="C0SALES", text="hello"))["ok"]
    sales.is_archived = True
    assert (await play.api("chat.postMessage", channel="C0SALES", text="hello"))["error"] == "is_archived"


async def test_an_ephemeral_message_is_for_one_person(play):
    play.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    await play.api("chat.postEphemeral", channel="C0SALES", user="U0PRIYA", text="hush")
    assert [len(play.slack.seen_by(user, team="T0ACME")) for user in ("U0PRIYA", "U0GEORGE")] == [1, 0]


async def test_an_ephemeral_message_in_a_thread_that_nobody_has_begun_is_not_shown_though_slack_says_ok(play):
    play.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    root = play.sender.said("Who looks after ABS001?", user="U0PRIYA", channel="C0SALES")
    hush = {"channel": "C0SALES", "user": "U0PRIYA", "text": "hush", "thread_ts": root.ts}
    assert (await play.api("chat.postEphemeral", **hush))["ok"]
    assert play.slack.seen_by("U0PRIYA", team="T0ACME") == [root]
    await play.api("chat.postMessage", channel="C0SALES", text="George does.", thread_ts=root.ts)
    assert (await play.api("chat.postEphemeral", **hush))["ok"]
    assert [each.text for each in play.slack.seen_by("U0PRIYA", team="T0ACME")][-1] == "hush"


async def test_blocks_that_slack_would_refuse_are_refused_and_not_shown(play):
    answer = await play.api("chat.postMessage", channel="U0PRIYA", text="words", blocks=[section("")])
    assert answer["error"] == "invalid_blocks"
    assert play.slack.messages == []


async def test_blocks_without_a_text_leave_a_warning(play):
    assert (await play.posted(section())).warnings == []
    assert (await play.posted(section(), text="")).warnings


async def test_an_update_takes_the_place_of_the_message(play):
    first = await play.posted(text="first")
    await play.api("chat.update", channel="D0PRIYA", ts=first.ts, text="second")
    [shown] = play.slack.seen_by("U0PRIYA", team="T0ACME")
    assert (shown.text, shown.ts, shown.is_edited) == ("second", first.ts, True)


async def test_ephemeral_messages_are_not_updated(play):
    play.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    posted = await play.api("chat.postEphemeral", channel="C0SALES", user="U0PRIYA", text="hush")
    answer = await play.api("chat.update", channel="C0SALES", ts=posted["message_ts"], text="again")
    assert answer["error"] == "message_not_found"


async def test_a_modal_opens_for_whoever_caused_the_trigger(play):
    answer = await play.api("views.open", trigger_id=await play.trigger(), view=modal(asking()))
    view = play.slack.views[answer["view"]["id"]]
    assert (view.user, view.is_open) == ("U0PRIYA", True)
    assert play.slack.messages[-1].view is not None


async def test_a_trigger_works_once(play):
    trigger = await play.trigger()
    await play.api("views.open", trigger_id=trigger, view=modal())
    assert (await play.api("views.open", trigger_id=trigger, view=modal()))["error"] == "exchanged_trigger_id"


async def test_a_trigger_lasts_three_seconds(play):
    trigger = await play.trigger()
    play.clock.forward(seconds=3)
    assert (await play.api("views.open", trigger_id=trigger, view=modal()))["error"] == "expired_trigger_id"


async def test_a_trigger_of_another_workspace_opens_nothing(play):
    trigger, stranger = await play.trigger(), play.slack.install(T_OTHER)
    answer = await play.api("views.open", token=stranger, trigger_id=trigger, view=modal())
    assert answer["error"] == "invalid_trigger_id"


async def test_a_view_is_updated_unless_it_changed_meanwhile(play):
    opened = (await play.api("views.open", trigger_id=await play.trigger(), view=modal()))["view"]
    how = {"view_id": opened["id"], "hash": opened["hash"], "view": modal(title=plain("Next"))}
    assert (await play.api("views.update", **how))["view"]["title"]["text"] == "Next"
    assert (await play.api("views.update", **how))["error"] == "hash_conflict"


async def test_a_home_tab_is_published_again_in_the_same_place(play):
    first = await play.api("views.publish", user_id="U0PRIYA", view=HOME)
    second = await play.api("views.publish", user_id="U0PRIYA", view=HOME)
    assert first["view"]["id"] == second["view"]["id"]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("agents.sessions.setStatus", {"channel_id": "D0PRIYA", "thread_ts": "1.1", "status": "processing"}),
        (
            "assistant.threads.setSuggestedPrompts",
            {"channel_id": "D0PRIYA", "prompts": [{"title": "a", "message": "b"}]},
        ),
    ],
)
async def test_the_agent_methods_work_in_the_apps_own_conversation(play, method, arguments):
    await play.api("conversations.open", users="U0PRIYA")
    assert (await play.api(method, **arguments))["ok"]


async def test_a_status_stands_until_the_app_ends_it(play):
    await play.api("conversations.open", users="U0PRIYA")
    session = {"channel_id": "D0PRIYA", "thread_ts": "1.1"}
    await play.api("agents.sessions.setStatus", **session, status="processing")
    assert play.slack.state.statuses == {"D0PRIYA": "is working…"}
    await play.posted()
    assert play.slack.state.statuses == {"D0PRIYA": "is working…"}
    await play.api("agents.sessions.setStatus", **session, status="active")
    assert play.slack.state.statuses == {}
    assert (await play.api("agents.sessions.setStatus", **session, status="is asking"))["error"] == "invalid_arguments"


@pytest.mark.parametrize(("method", "proof"), [("auth.revoke", {}), ("apps.uninstall", CLIENT)])
async def test_after_the_end_the_token_is_dead(play, method, proof):
    assert (await play.api(method, **proof))["ok"]
    assert (await play.api("auth.test"))["error"] == "token_revoked"


async def test_only_the_app_itself_may_uninstall_itself(play):
    answer = await play.api("apps.uninstall", client_id=CLIENT["client_id"], client_secret="guess")
    assert answer["error"] == "bad_client_secret"
    assert (await play.api("auth.test"))["ok"]


async def test_an_organisations_token_reaches_its_workspaces(play):
    token = play.slack.install(E_GRID)
    who = await play.api("auth.test", token=token)
    assert (who["is_enterprise_install"], who["enterprise_id"]) == (True, E_GRID)
    await play.api("chat.postMessage", token=token, channel="U0GRACE", text="hello")
    assert play.slack.messages[-1].team == T_GRID


async def test_calls_are_logged_without_secrets(play):
    await play.api("oauth.v2.access", token="", code="the-code", **CLIENT)
    assert "the-code" not in str(play.slack.calls)
    assert CLIENT["client_secret"] not in str(play.slack.calls)


async def test_attachments_are_refused_loudly(play):
    answer = await play.api("chat.postMessage", channel="U0PRIYA", text="a", attachments=[{"text": "b"}])
    assert "attachments" in answer["why"]
