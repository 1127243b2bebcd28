"""Slack's own token rotation, where it is on: one rotation however many ask, and alerts alone keep a token alive."""

from __future__ import annotations

import asyncio

import pytest

from bot.jobs.tasks import Finders


@pytest.fixture
async def rotating(bare_office):
    bare_office.slack.state.grants.rotates = True
    assert (await bare_office.install()).status_code == 200
    return bare_office


async def bots(office, count):
    find = office.product.services.installations.bot
    return await asyncio.gather(*(find("T0ACME") for _ in range(count)))


async def test_a_fresh_token_is_used_as_it_is(rotating):
    await rotating.command("/sage", "help")
    assert rotating.slack.state.grants.rotations == []


async def test_many_requests_near_its_end_are_one_rotation(rotating):
    before = (await bots(rotating, 1))[0].token
    rotating.clock.forward(hours=11, minutes=57)
    tokens = {bot.token for bot in await bots(rotating, 20)}
    assert len(tokens) == 1
    assert tokens != {before}
    assert rotating.slack.state.grants.rotations == ["issued"]


async def test_the_worker_rotates_for_a_workspace_where_nobody_types(rotating):
    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await rotating.product.tasks.run(job)

    rotating.clock.forward(hours=11, minutes=50)
    for _ in range(2):
        await Finders(rotating.product.services, Now()).rotations()
    assert rotating.slack.state.grants.rotations == ["issued"]
    rotating.clock.forward(hours=11)
    assert (await rotating.command("/sage", "help")).text


async def test_a_dead_refresh_token_is_tried_once_and_the_operator_told(rotating, capsys):
    rotating.slack.state.grants.revoke("T0ACME")
    rotating.clock.forward(hours=11, minutes=57)
    await bots(rotating, 3)
    assert rotating.slack.state.grants.rotations == ["invalid_refresh_token"]
    assert "install the app again" in capsys.readouterr().out


async def test_while_slack_is_away_the_old_token_is_used_to_its_end(rotating):
    before = (await bots(rotating, 1))[0].token
    rotating.slack.refuse_next("internal_error", method="oauth.v2.access", times=2)
    rotating.clock.forward(hours=11, minutes=57)
    assert (await bots(rotating, 1))[0].token == before
