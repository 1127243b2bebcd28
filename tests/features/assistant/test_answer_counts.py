"""Answers and presses are counted without words or names; words are kept where admins say so, and go again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.errors import NotAllowed
from bot.features.access.model.authorization import Role
from bot.features.assistant.model.answer_kinds import NOT_UNDERSTOOD
from bot.features.assistant.model.answers import Thread
from bot.features.personal_data.service.personal_data import Subject
from storage.tables.assistant import AnswerCount, AnswerFeedback, UnclearQuestion
from tests.counting import database_cost

HERE = Thread("D0PRIYA")


@pytest.fixture
async def acme(desk, connected):
    return desk


async def rows(desk, model):
    async with desk.services.database.reading() as tx:
        return await tx.scalar(select(func.count()).select_from(model))


async def keep(desk, word):
    await desk.services.settings.change(await desk.session(), f"keep-questions {word}")


async def figures(desk):
    found = await desk.services.answer_counts.report(await desk.session())
    return {each.label: (each.answered, each.liked, each.disliked) for each in found.kinds}, found.not_understood


async def test_counts_are_written_once_a_minute(acme):
    counts, session = acme.services.answer_counts, await acme.session()
    with database_cost(acme.services.database) as cost:
        for kind in ("Balance", "Balance", NOT_UNDERSTOOD):
            await counts.count(session, kind, "what is this")
    assert cost.statements == 0
    acme.clock.forward(seconds=60)
    await counts.count(await acme.session(), "Terms", "terms?")
    assert await rows(acme, AnswerCount) == 3
    assert await rows(acme, UnclearQuestion) == 0
    await counts.count(await acme.session(), "Balance", "")
    assert await figures(acme) == ({"balance": (3, 0, 0), "payment terms": (1, 0, 0)}, 1)


async def test_a_press_counts_once_a_person_and_may_be_changed(acme):
    counts, priya, george = acme.services.answer_counts, await acme.session(), await acme.session("U0GEORGE")
    for session, is_liked in ((priya, True), (priya, False), (george, True)):
        await counts.press(session, HERE, "1.1", "Balance", is_liked=is_liked)
    assert await figures(acme) == ({"balance": (0, 1, 1)}, 0)


async def test_a_workspace_sees_its_own_and_only_admins_do(acme):
    other = await acme.session(team_id="T0OTHER")
    await acme.services.answer_counts.count(other, "Balance", "")
    await acme.services.answer_counts.press(other, HERE, "1.1", "Balance", is_liked=True)
    assert await figures(acme) == ({}, 0)
    await acme.services.roles.give(await acme.session(), acme.asker("U0GEORGE"), Role.CONTROLLER)
    with pytest.raises(NotAllowed):
        await acme.services.answer_counts.report(await acme.session("U0GEORGE"))


async def test_words_are_kept_while_admins_say_so(acme):
    counts = acme.services.answer_counts
    await keep(acme, "on")
    session = await acme.session()
    await counts.count(session, NOT_UNDERSTOOD, "x" * 1_000)
    await counts.count(session, "Balance", "what does ABS001 owe")
    assert (await counts.report(session)).words == ("x" * 300,)
    await keep(acme, "off")
    assert await rows(acme, UnclearQuestion) == 0
    await counts.count(await acme.session(), NOT_UNDERSTOOD, "eh")
    assert await rows(acme, UnclearQuestion) == 0


async def test_all_of_it_goes_in_time(acme):
    counts = acme.services.answer_counts
    await keep(acme, "on")
    await counts.count(await acme.session(), NOT_UNDERSTOOD, "eh")
    await counts.press(await acme.session(), HERE, "1.1", "Balance", is_liked=True)
    await counts.write()
    left = []
    for days in (29, 2, 58, 3):
        acme.clock.forward(seconds=timedelta(days=days).total_seconds())
        await acme.services.data_retention.clear_away(now=acme.clock())
        left.append([await rows(acme, model) for model in (UnclearQuestion, AnswerFeedback, AnswerCount)])
    assert left == [[1, 1, 1], [0, 1, 1], [0, 1, 1], [0, 0, 0]]


async def test_a_person_takes_presses_and_words_along(acme):
    counts = acme.services.answer_counts
    await keep(acme, "on")
    for user in ("U0PRIYA", "U0GEORGE"):
        session = await acme.session(user)
        await counts.count(session, NOT_UNDERSTOOD, "eh")
        await counts.press(session, HERE, "1.1", "Balance", is_liked=True)
    subject = Subject(person="U0GEORGE")
    found = await acme.services.personal_data.find(subject)
    assert {"answer_feedback", "unclear_questions"} <= found[0].tables.keys()
    await acme.services.personal_data.erase(subject, found, now=acme.clock())
    assert (await rows(acme, AnswerFeedback), await rows(acme, UnclearQuestion)) == (1, 1)
