from __future__ import annotations

import pytest

from tests.sandbox.slack.fixtures import Play, actions, button, section


@pytest.fixture
def play():
    return Play()


async def hook(play):
    await play.sender.command("/customer", "ABS001", user="priya")
    return play.app.got[-1]["response_url"]


async def click_hook(play, message):
    await play.sender.click(message, "press", user="priya")
    return play.app.got[-1]["response_url"]


async def use(play, url, **body):
    return await play.http.post(url, json={"text": "words", **body})


def seen(play, user="U0PRIYA"):
    return [message.text for message in play.slack.seen_by(user, team="T0ACME")]


async def test_an_answer_is_for_the_asker_alone(play):
    answer = await use(play, await hook(play), text="hush")
    assert (answer.status_code, answer.text) == (200, "ok")
    assert (seen(play), seen(play, "U0GEORGE")) == (["hush"], [])


async def test_an_answer_may_be_for_the_channel(play):
    await use(play, await hook(play), text="hear", response_type="in_channel")
    assert seen(play, "U0GEORGE") == ["hear"]


async def test_five_answers_and_no_sixth(play):
    url = await hook(play)
    assert [(await use(play, url)).status_code for _ in range(6)] == [200] * 5 + [404]
    assert (await use(play, url)).json()["error"] == "used_url"


async def test_thirty_minutes_and_no_longer(play):
    url = await hook(play)
    play.clock.forward(minutes=30)
    answer = await use(play, url)
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")
    assert seen(play) == []


async def test_a_url_that_was_never_given_is_refused(play):
    assert (await use(play, "http://slack.test/hooks/commands/guess")).status_code == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{broken", "invalid_payload"),
        (b"[]", "invalid_payload"),
        (b"{}", "no_text"),
        (b'{"blocks": [{}]}', "invalid_blocks"),
    ],
)
async def test_what_is_no_message_is_refused(play, body, error):
    answer = await play.http.post(await hook(play), content=body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert seen(play) == []


async def test_a_click_may_replace_the_message(play):
    message = await play.posted(actions(button()), text="before")
    await use(play, await click_hook(play, message), text="after", replace_original=True)
    assert seen(play) == ["after"]
    assert play.slack.messages[-1].ts == message.ts


async def test_a_click_leaves_the_message_unless_told_otherwise(play):
    message = await play.posted(actions(button()), text="before")
    await use(play, await click_hook(play, message), text="beside")
    assert seen(play) == ["before", "beside"]


async def test_a_replaced_private_message_stays_private(play):
    await use(play, await hook(play), text="before", blocks=[actions(button())])
    url = await click_hook(play, play.slack.messages[-1])
    await use(play, url, text="after", replace_original=True, response_type="in_channel")
    assert (seen(play), seen(play, "U0GEORGE")) == (["after"], [])


async def test_a_click_may_take_the_message_away(play):
    message = await play.posted(actions(button()), text="before")
    await use(play, await click_hook(play, message), delete_original=True)
    assert seen(play) == []


async def test_answers_to_a_command_never_replace_one_another(play):
    url = await hook(play)
    await use(play, url, text="one moment")
    await use(play, url, text="here", replace_original=True)
    assert seen(play) == ["one moment", "here"]


async def test_blocks_without_a_text_leave_a_warning(play):
    await use(play, await hook(play), text="", blocks=[section()])
    assert play.slack.messages[-1].warnings
