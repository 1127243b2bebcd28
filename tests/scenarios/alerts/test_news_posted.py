"""News through the whole product: found by the finders, posted, paused with its channel, resumed by Slack's event."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.domain.json_column import CHANGE_JSON
from sandbox.slack import Changes
from storage.queries.connections.workspaces import grant
from storage.tables.alerts import OutboxRow, SubscriptionRow
from storage.tables.core import CompanyRow, Workspace
from tests.features.delivery.slack_workspace import C_SALES, ROWS, change


async def wanted(office) -> dict[str, object]:
    """Priya's subscription for #sales."""
    async with office.product.services.database.transaction() as tx:
        place = {"workspace_id": await tx.scalar(select(Workspace.id).where(Workspace.slack_id == "T0ACME"))}
        await grant(tx, **place, user_id="U0PRIYA", role="controller", granted_by="U0PRIYA", now=office.clock())
        company = CompanyRow(**place, edition="standard", site_id="s", company_id=1, company_name="ABS", site_name="x")
        tx.add(company)
        await tx.flush()
        said = {"number": 1, "owner": "U0PRIYA", "topics": ["holds"], "delivery": "at_once", "paused_reason": ""}
        where = {"company_pk": company.id, "target_id": C_SALES, "is_personal": False}
        row = SubscriptionRow(**place, **said, **where, **ROWS, created_at=office.clock())
        tx.add(row)
        await tx.flush()
        return {**place, **where, "subscription_id": row.id}


async def news(office, given, key):
    facts = {**CHANGE_JSON.write(change()), "seen_at": office.clock().isoformat(), "by_user": None}
    times = {"created_at": office.clock(), "due_at": office.clock()}
    async with office.product.services.database.transaction() as tx:
        tx.add(OutboxRow(**given, **times, kind="change", dedupe_key=key, facts=facts))


async def look(office):
    """Once around the timetable, and all that each of its jobs starts, so that the order is the same on any machine."""
    for name in ("outbox", "paused_targets", "outbox"):
        await getattr(office.product.finders, name)()
        while office.product.dispatch._lanes:
            await asyncio.sleep(0.01)
    office.clock.forward(seconds=2)


def told(office, channel=C_SALES):
    return [each for each in office.slack.messages if each.channel == channel and each.via == "chat.postMessage"]


@pytest.fixture
def changes(office):
    place = office.slack.workspaces["T0ACME"]
    place.channels[C_SALES].members.add(place.bot_user_id)
    return Changes(office.slack, office.sender, events={"channel_unarchive", "member_joined_channel"})


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_channel_that_comes_back_gets_its_news_within_seconds(office, changes, leaves):
    given = await wanted(office)
    await news(office, given, "1")
    await look(office)
    assert len(told(office)) == 1
    await (changes.remove_bot if leaves else changes.archive)(C_SALES)
    await news(office, given, "2")
    for _ in range(3):
        await look(office)
    assert len(told(office)) == 1
    [notice] = told(office, "D0PRIYA")[-1:]
    assert "1 for <#C0SALES> is paused" in notice.text
    await (changes.invite_bot if leaves else changes.unarchive)(C_SALES)
    for _ in range(2):
        await look(office)
    assert len(told(office)) == 2


async def test_somebody_else_joining_a_channel_is_not_our_return(office, changes):
    given = await wanted(office)
    await changes.remove_bot(C_SALES)
    await news(office, given, "1")
    await look(office)
    asked = len([call for call in office.slack.calls if call.method == "conversations.info"])
    joined = {"type": "member_joined_channel", "user": "U0ANNA", "channel": C_SALES, "channel_type": "C"}
    assert (await office.sender.event(joined)).status == 200
    await look(office)
    assert len([call for call in office.slack.calls if call.method == "conversations.info"]) == asked
