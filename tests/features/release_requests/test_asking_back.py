"""A question goes to the person who asked, and its answer to everybody; people are reminded in working hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import BadQuestion, NotAllowed
from tests.features.release_requests.test_requests import (  # noqa: F401 - the fixture
    FIRST,
    REP,
    SECOND,
    acme,
    approve,
    ask,
    of,
    prepare,
    told,
)


async def deliver(desk):
    for workspace_id, target_id in await desk.outbox.due(most=50):
        await desk.outbox.post_target(workspace_id=workspace_id, target_id=target_id)
    desk.clock.forward(seconds=2)


async def post_all(desk):
    for _ in range(3):
        await deliver(desk)


def kinds(desk, user, since=0):
    return [kind for who, kind, _ in desk.slack.told[since:] if who == user]


async def test_a_question_is_answered_and_stands_with_the_request(acme):  # noqa: F811
    await ask(acme)
    await post_all(acme)
    await acme.requests.ask_back(await of(acme, FIRST), 1, "Which cheque?")
    await post_all(acme)
    assert kinds(acme, REP) == ["release_question"]
    assert kinds(acme, FIRST) == ["release_asked", "release_shown"]
    with pytest.raises(BadQuestion):
        await acme.requests.answer(await of(acme, FIRST), 1, "Not mine")
    await acme.requests.answer(await of(acme, REP), 1, "The one of Monday")
    await post_all(acme)
    shown = acme.slack.stands(SECOND)
    assert (shown.question, shown.question_by, shown.answer) == ("Which cheque?", FIRST, "The one of Monday")
    assert kinds(acme, REP) == ["release_question", "release_question"]  # the second edits the first
    assert kinds(acme, FIRST)[-1] == "release_replied"
    with pytest.raises(BadQuestion, match="waiting for an answer"):
        await acme.requests.answer(await of(acme, REP), 1, "Again")
    assert (await approve(acme)).is_news


async def test_only_who_may_decide_asks_back_and_only_while_it_waits(acme):  # noqa: F811
    await ask(acme)
    with pytest.raises(NotAllowed):
        await acme.requests.ask_back(await of(acme, REP), 1, "Why?")
    with pytest.raises(BadQuestion, match="write something"):
        await acme.requests.ask_back(await of(acme, FIRST), 1, " ")
    await approve(acme)
    assert not (await acme.requests.ask_back(await of(acme, FIRST), 1, "Why?")).is_news


async def test_people_are_reminded_after_two_working_hours_and_admins_after_four(acme):  # noqa: F811
    await acme.services.settings.change(await acme.session(), "working-hours 0:00 to 23:59")
    await acme.services.settings.change(await acme.session(), "holidays none")
    while acme.clock().weekday() > 2:
        acme.clock.forward(days=1)
    await ask(acme)
    await post_all(acme)
    since = len(acme.slack.told)
    assert await acme.requests.remind(now=acme.clock() + timedelta(hours=1, minutes=50)) == 0
    acme.clock.forward(hours=2, minutes=2)
    assert await acme.requests.remind(now=acme.clock()) == 1
    assert await acme.requests.remind(now=acme.clock()) == 0
    await post_all(acme)
    assert (kinds(acme, FIRST, since), kinds(acme, SECOND, since)) == (["release_reminded"], [])
    acme.clock.forward(hours=2, minutes=2)
    assert await acme.requests.remind(now=acme.clock()) == 1
    await post_all(acme)
    assert (kinds(acme, FIRST, since), kinds(acme, SECOND, since)) == (["release_reminded"], ["release_reminded"])
    acme.clock.forward(hours=6)
    assert await acme.requests.remind(now=acme.clock()) == 0
    # What reminded shows the outcome, as what asked does.
    await approve(acme)
    await post_all(acme)
    assert kinds(acme, SECOND, since).count("release_shown") == 2
    assert (REP, "release_answered") in await told(acme)


async def test_while_an_answer_is_waited_for_the_person_who_asked_is_reminded(acme):  # noqa: F811
    await ask(acme)
    await acme.requests.ask_back(await of(acme, FIRST), 1, "Which cheque?")
    acme.clock.forward(days=4)
    assert await acme.requests.remind(now=acme.clock()) == 1
    assert (REP, "release_question") in await told(acme)
    assert "release_reminded" not in {kind for _, kind in await told(acme)}
