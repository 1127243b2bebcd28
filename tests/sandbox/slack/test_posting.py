"""Posting in the simulated Slack: limits, lost answers, metadata, threads, files, people and menus that ask."""

import httpx
import pytest
from starlette.responses import JSONResponse

from sandbox.slack import T_ACME
from tests.sandbox.slack.fixtures import Play, actions, modal, option, section


@pytest.fixture
def play():
    play = Play()
    play.slack.install(T_ACME, scopes=["im:history", "files:write", "usergroups:read"])
    return play


async def post(play, user="U0PRIYA", **more):
    return await play.api("chat.postMessage", **{"channel": user, "text": "words", **more})


async def test_a_channel_takes_a_short_burst_and_then_one_a_second(play):
    play.slack.rate_limits = True
    assert [(await post(play)).get("error") for _ in range(4)] == [None, None, None, "ratelimited"]
    assert (await post(play, user="U0GEORGE"))["ok"]
    headers = {"Authorization": f"Bearer {play.token}"}
    refused = await play.http.post(
        "http://slack.test/api/chat.postMessage", json={"channel": "U0PRIYA", "text": "x"}, headers=headers
    )
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    play.clock.forward(seconds=1)
    assert [(await post(play)).get("error") for _ in range(2)] == [None, "ratelimited"]


async def test_without_the_switch_there_is_no_limit(play):
    assert all([(await post(play))["ok"] for _ in range(20)])


async def test_a_post_can_be_done_and_its_answer_lost(play):
    play.slack.faults.lose_answer(contains="chat.postMessage")
    with pytest.raises(httpx.RemoteProtocolError):
        await post(play, text="once")
    assert [message.text for message in play.slack.messages] == ["once"]


async def test_the_next_call_of_a_method_can_be_refused(play):
    play.slack.refuse_next("fatal_error", method="chat.postMessage")
    assert (await play.api("auth.test"))["ok"]
    assert [(await post(play)).get("error") for _ in range(2)] == ["fatal_error", None]


async def test_metadata_is_kept_and_read_back_on_request(play):
    metadata = {"event_type": "hold_news", "event_payload": {"id": "7"}}
    posted = await post(play, metadata=metadata)
    [plain] = (await play.api("conversations.history", channel=posted["channel"]))["messages"]
    [full] = (await play.api("conversations.history", channel=posted["channel"], include_all_metadata=True))["messages"]
    assert "metadata" not in plain
    assert full["metadata"] == metadata
    assert (await post(play, metadata={"event_type": "x"}))["error"] == "invalid_metadata_format"
    assert (await post(play, metadata={"event_type": 1, "event_payload": {}}))["error"] == "invalid_metadata_schema"


async def test_history_shows_a_threads_answer_only_when_it_was_broadcast(play):
    first = await post(play)
    await post(play, thread_ts=first["ts"], text="inside")
    await post(play, thread_ts=first["ts"], text="for all", reply_broadcast=True)
    said = (await play.api("conversations.history", channel=first["channel"]))["messages"]
    assert [each["text"] for each in said] == ["for all", "words"]


async def test_an_edited_answer_stays_in_its_thread(play):
    first = await post(play)
    inside = await post(play, thread_ts=first["ts"])
    await play.api("chat.update", channel=first["channel"], ts=inside["ts"], text="other")
    assert play.slack.messages[-1].thread_ts == first["ts"]


async def test_the_app_takes_back_its_own_words_alone(play):
    posted = await post(play)
    theirs = play.sender.said("mine", user="U0PRIYA", channel="D0PRIYA")
    where = {"channel": posted["channel"]}
    assert (await play.api("chat.delete", **where, ts=theirs.ts))["error"] == "cant_delete_message"
    assert (await play.api("chat.delete", **where, ts=posted["ts"]))["ok"]
    assert (await play.api("chat.delete", **where, ts=posted["ts"]))["error"] == "message_not_found"


async def test_a_message_has_an_address(play):
    posted = await post(play)
    found = await play.api("chat.getPermalink", channel=posted["channel"], message_ts=posted["ts"])
    assert found["permalink"].startswith("https://acme-motor-factors.slack.com/archives/D0PRIYA/p")
    missing = await play.api("chat.getPermalink", channel=posted["channel"], message_ts="1.1")
    assert missing["error"] == "message_not_found"


async def test_a_file_is_announced_uploaded_and_shared_once(play):
    channel = (await post(play))["channel"]
    announced = await play.api("files.getUploadURLExternal", filename="on-hold.csv", length=3)
    share = {"files": [{"id": announced["file_id"], "title": "On hold"}], "channel_id": channel}
    assert (await play.api("files.completeUploadExternal", **share))["error"] == "file_not_found"
    assert (await play.http.post(announced["upload_url"], content=b"four")).status_code == 400
    assert (await play.http.post(announced["upload_url"], content=b"a,b")).status_code == 200
    assert (await play.api("files.completeUploadExternal", **share))["ok"]
    [file] = play.slack.messages[-1].files
    assert (file["name"], file["title"]) == ("on-hold.csv", "On hold")
    assert play.slack.state.files[file["id"]].content == b"a,b"
    assert (await play.api("files.completeUploadExternal", **share))["error"] == "file_not_found"


async def test_people_have_the_offset_of_their_zone_today(play):
    play.slack.workspaces[T_ACME].person("anna").tz = "Asia/Tokyo"
    people = {each["id"]: each for each in (await play.api("users.list"))["members"]}
    assert (people["U0ANNA"]["tz_offset"], people["U0PRIYA"]["tz_offset"]) == (32400, 0)
    play.clock.forward(days=120)
    assert (await play.api("users.info", user="U0PRIYA"))["user"]["tz_offset"] == 3600


async def test_groups_of_people_can_be_read(play):
    groups = play.slack.workspaces[T_ACME].usergroups
    shown = {each["id"]: each["handle"] for each in (await play.api("usergroups.list"))["usergroups"]}
    assert shown == {"S0CREDIT": "credit-team", "S0REPS": "sales-reps"}
    assert (await play.api("usergroups.users.list", usergroup="S0REPS"))["users"] == ["U0GEORGE"]
    assert (await play.api("usergroups.users.list", usergroup="S0NONE"))["error"] == "no_such_subteam"
    groups["S0REPS"].is_disabled = True
    assert [each["id"] for each in (await play.api("usergroups.list"))["usergroups"]] == ["S0CREDIT"]
    assert (await play.api("usergroups.users.list", usergroup="S0REPS"))["error"] == "subteam_disabled"


async def test_groups_of_people_need_a_scope():
    play = Play()
    play.slack.install(T_ACME, scopes=["users:read"])
    for method in ("usergroups.list", "usergroups.users.list"):
        assert (await play.api(method, usergroup="S0CREDIT"))["error"] == "missing_scope"


async def test_a_menu_can_ask_the_app_for_its_options(play):
    message = await play.posted(actions({"type": "external_select", "action_id": "who"}))
    play.app.answer = JSONResponse({"options": [option("ABS001")]})
    assert await play.sender.suggest(message, "who", "abs", user="priya") == ["ABS001"]
    assert (play.app.got[-1]["type"], play.app.got[-1]["value"]) == ("block_suggestion", "abs")
    await play.sender.click(message, "who", user="priya", selected="ABS001")
    assert play.app.got[-1]["actions"][0]["selected_option"]["value"] == "ABS001"
    play.app.answer = JSONResponse({"options": [option("x" * 200)]})
    with pytest.raises(AssertionError, match="less than 151"):
        await play.sender.suggest(message, "who", "abs", user="priya")


async def test_modals_stand_on_one_another_three_high(play):
    pushed = await play.api("views.push", trigger_id=await play.trigger(), view=modal())
    assert pushed["error"] == "not_found"
    await play.api("views.open", trigger_id=await play.trigger(), view=modal())
    views = [await play.api("views.push", trigger_id=await play.trigger(), view=modal(section())) for _ in range(3)]
    assert [view.get("error") for view in views] == [None, None, "push_limit_reached"]
    assert views[1]["view"]["previous_view_id"] == views[0]["view"]["id"]
    assert views[1]["view"]["root_view_id"] == views[0]["view"]["previous_view_id"]
