"""Who would read it is asked when it is sent; a place where nothing can be posted is paused, said once, and resumes."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.json_column import FILTER_JSON
from bot.features.alerts.model.messages import ChannelTrouble
from storage.queries.access import sessions
from storage.queries.connections import connections
from tests.builders import filter_column
from tests.features.delivery.slack_workspace import C_SALES, signed_in


async def archive(room):
    await room.changes.archive(C_SALES)


async def delete(room):
    await room.changes.delete_channel(C_SALES)


async def remove(room):
    await room.changes.remove_bot(C_SALES)


async def share(room):
    await room.changes.share_channel(C_SALES)


async def forbid(room):
    room.slack.state.grants.of("T0ACME").scopes = ("chat:write", "users:read")


TROUBLES = [
    (archive, ChannelTrouble.ARCHIVED),
    (delete, ChannelTrouble.GONE),
    (remove, ChannelTrouble.NOT_IN),
    (share, ChannelTrouble.SHARED),
    (forbid, ChannelTrouble.UNCHECKED),
]


@pytest.mark.parametrize(("happens", "trouble"), TROUBLES)
async def test_nothing_is_posted_there_and_the_owner_is_told_once_for_all_subscriptions(room, happens, trouble):
    await room.news()
    await room.run(seconds=10)
    await happens(room)
    both = [await room.news(reference="AB1"), await room.news(reference="AB2")]
    await room.run(seconds=1_800, step=20)
    assert len(room.posted()) == 1
    assert await room.paused() == [trouble.value] * 3
    [notice] = await room.notices()
    assert (notice.recipient, notice.facts["reason"], notice.facts["numbers"]) == ("U0PRIYA", trouble.value, "1, 2, 3")
    assert [(await room.read(row)).posted_at for row in both] == [None, None]


async def test_people_of_other_workspaces_are_no_readers_of_ours(room):
    room.slack.workspaces["T0ACME"].channels[C_SALES].is_org_shared = True
    await room.news()
    await room.run(seconds=600, step=20)
    assert room.posted() == []
    assert await room.paused() == [ChannelTrouble.ORGANISATION.value]


@pytest.mark.parametrize(
    ("refusal", "trouble"),
    [("restricted_action", ChannelTrouble.RESTRICTED), ("team_access_not_granted", ChannelTrouble.BARRED)],
)
async def test_a_place_that_only_posting_finds_closed_is_told_of_once_and_resumes(room, refusal, trouble):
    channel = room.slack.workspaces["T0ACME"].channels[C_SALES]
    channel.refuses = refusal
    await room.news(reference="AB1")
    await room.news(reference="AB2")
    await room.run(seconds=1_800, step=20)
    assert room.posted() == []
    [notice] = await room.notices()
    assert (notice.recipient, notice.facts["reason"]) == ("U0PRIYA", trouble.value)
    channel.refuses = ""
    await room.run(seconds=400, step=5)
    assert await room.paused() == ["", ""]
    assert ["AB1" in room.posted()[0].text, "AB2" in room.posted()[1].text] == [True, True]
    assert len(await room.notices()) == 1


@pytest.mark.parametrize("by_event", [False, True])
async def test_it_resumes_by_itself_and_what_waited_is_posted(room, by_event):
    await room.changes.archive(C_SALES)
    await room.news()
    await room.run(seconds=60, step=5)
    await room.changes.unarchive(C_SALES)
    if by_event:
        await room.outbox.look_soon(workspace_id=room.workspace_id, target_id=C_SALES)
    await room.run(seconds=10 if by_event else 200, step=2)
    assert await room.paused() == [""]
    assert ["is on hold" in message.text for message in room.posted()] == [True]


async def test_an_event_of_a_channel_that_nothing_waits_for_writes_nothing(room):
    """People come and go in channels all day, and SQLite has one writer."""
    written: list[str] = []
    event.listen(
        room.services.database._writer.sync_engine, "before_cursor_execute", lambda *given: written.append(given[2])
    )
    await room.outbox.look_soon(workspace_id=room.workspace_id, target_id=C_SALES)
    assert written == []


async def test_what_waited_for_more_than_a_day_becomes_one_message(room):
    await room.changes.archive(C_SALES)
    old = [await room.news(reference=f"AB{number}") for number in range(3)]
    await room.news(kind="released", reference="AB0")
    await room.run(seconds=60, step=5)
    room.clock.forward(hours=25)
    await room.news(reference="NEW")
    await room.changes.unarchive(C_SALES)
    await room.run(seconds=400, step=5)
    told = [message.text for message in room.posted()]
    assert len(told) == 2
    assert "could be posted here" in told[0]
    assert "3 put on hold, 1 released" in told[0]
    assert "NEW" in told[1]
    assert [(await room.read(row)).failure for row in old[1:]] == ["summarised"] * 2


async def test_another_channel_and_another_workspace_go_on(room):
    await room.changes.archive(C_SALES)
    await room.news()
    await room.news(target="C0GENERAL")
    await room.news(team="T0OTHER")
    await room.run(seconds=5)
    assert {(message.team, message.channel) for message in room.posted()} == {
        ("T0ACME", "C0GENERAL"),
        ("T0OTHER", C_SALES),
    }
    assert len(room.posted()) == 2


async def test_a_revoked_token_pauses_and_a_new_one_resumes(room):
    room.slack.uninstall("T0ACME")
    await room.news()
    await room.run(seconds=5)
    assert await room.paused() == [ChannelTrouble.NOT_INSTALLED.value]
    assert await room.notices() == []


async def test_who_left_or_became_a_guest_gets_nothing_and_who_is_back_does(room):
    await room.give_role("U0GEORGE")
    george = room.slack.workspaces["T0ACME"].person("george")
    for changed in ("deleted", "is_restricted"):
        setattr(george, changed, True)
        await room.news(target="U0GEORGE")
        await room.run(seconds=30, step=5)
        assert room.posted("D0GEORGE") == []
        assert set(await room.paused()) == {ChannelTrouble.LEFT.value}
        setattr(george, changed, False)
        room.clock.forward(seconds=200)
        room.slack.refuse_next("fatal_error", method="users.info")
    await room.run(seconds=400, step=5)
    assert len(room.posted("D0GEORGE")) == 2


async def test_figures_are_shown_by_the_class_at_the_moment_of_sending(room):
    await room.allow("figures")
    await room.news(reference="AB0")
    await room.run(seconds=5)
    await room.news(reference="AB1")
    await room.allow("band")
    await room.run(seconds=5)
    await room.news(reference="AB2")
    await room.allow("status")
    await room.run(seconds=5)
    await room.news(reference="AB3")
    await room.allow("everything")
    await room.run(seconds=5)
    figures, band, status, unknown = (message.text for message in room.posted())
    assert "£3,464.16 of £4,000.00 (87%)" in figures
    assert "80% of its credit limit or more" in band
    assert "£" not in band
    for text in (status, unknown):
        assert "£" not in text
        assert "%" not in text


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ("status", ["HOLD", "FREE"]),
        ("band", ["HOLD", "OVER", "BACK", "U80", "FREE"]),
        ("figures", ["HOLD", "OVER", "BACK", "U80", "U37", "MIN", "FREE"]),
    ],
)
async def test_what_would_tell_more_than_the_class_by_being_told_is_set_aside(room, figures, told):
    await room.allow(figures)
    limits = await room.subscribe(thresholds=[37, 80])
    rich = await room.subscribe(filter=filter_column("min:500"))
    await room.news(reference="HOLD", subscription_id=limits)
    await room.news(kind="over_limit", reference="OVER", subscription_id=limits)
    await room.news(kind="back_under_limit", reference="BACK", subscription_id=limits)
    await room.news(kind="utilisation", reference="U80", crossed=(80,), subscription_id=limits)
    await room.news(kind="utilisation", reference="U37", crossed=(37,), subscription_id=limits)
    minimum = await room.news(reference="MIN", subscription_id=rich)
    await room.news(kind="released", reference="FREE", subscription_id=rich)
    await room.run(seconds=20)
    assert [message.text.split("(")[1].split(")")[0] for message in room.posted()] == told
    assert bool((await room.read(minimum)).failure) is (figures != "figures")


@pytest.mark.parametrize(("figures", "says"), [("status", False), ("band", True)])
async def test_counts_leave_out_what_the_class_is_not_told(room, figures, says):
    await room.allow(figures)
    now = room.clock().isoformat()
    counts = {"put_on_hold": 3, "over_limit": 2, "utilisation": 1}
    await room.row("gap", {"since": now, "until": now, "counts": counts})
    await room.row("summary", {"kind": "over_limit", "count": 30, "customers": [], "seen_at": now})
    await room.run(seconds=5)
    text = " ".join(message.text for message in room.posted())
    assert "3 put on hold" in text
    assert ("2 over the credit limit" in text) is says
    assert ("30 accounts" in text) is says


@pytest.mark.parametrize(("mine", "said"), [(None, "some put on hold"), ((Codes(3, ("Durham",)),), "3 put on hold")])
async def test_sales_people_are_not_told_how_many_there_are_of_others_customers(room, mine, said):
    await room.give_role("U0GEORGE", "sales")
    await room.give_codes("U0GEORGE", {3: ("Durham",)})
    subscription = await room.subscribe("U0GEORGE", owner="U0GEORGE", filter=FILTER_JSON.write(Filter(mine=mine)))
    now = room.clock().isoformat()
    facts = {"since": now, "until": now, "counts": {"put_on_hold": 3}}
    await room.row("gap", facts, target="U0GEORGE", subscription_id=subscription)
    await room.run(seconds=5)
    [message] = room.posted("D0GEORGE")
    assert said in message.text


async def test_a_person_without_a_role_is_told_nothing_until_they_have_one(room):
    await room.news(target="U0GEORGE")
    await room.run(seconds=30, step=5)
    assert room.posted("D0GEORGE") == []
    assert await room.paused() == [ChannelTrouble.NO_ROLE.value]
    assert [notice.recipient for notice in await room.notices()] == ["U0PRIYA"]
    await room.give_role("U0GEORGE")
    await room.run(seconds=400, step=5)
    [message] = room.posted("D0GEORGE")
    assert "£3,464.16" in message.text
    assert await room.paused() == [""]


@pytest.mark.parametrize("refused", ["U0GEORGE", "U0PRIYA"])
async def test_whom_sage_refuses_is_told_nothing_until_it_shows_the_company(room, refused):
    """Themselves, or whoever's sign-in answers for the workspace."""
    await room.give_role("U0GEORGE")
    whose = {"workspace_id": room.workspace_id, "company_pk": room.companies["T0ACME"], "user_id": refused}
    async with room.services.database.transaction() as tx:
        await sessions.refuse(tx, **whose, refusal="SageForbidden", now=room.clock())
    await room.news(target="U0GEORGE")
    await room.run(seconds=30, step=5)
    assert room.posted() == []
    async with room.services.database.transaction() as tx:
        await sessions.lift_refusal(tx, **whose)
    await room.run(seconds=400, step=5)
    assert len(room.posted("D0GEORGE")) == 1


async def test_a_sign_in_of_their_own_is_told_nothing_without_a_role(room):
    """Sage shows them the company, but who is told in private was given a role."""
    await signed_in(room, "T0ACME", "U0GEORGE")
    await room.news(target="U0GEORGE")
    await room.run(seconds=30, step=5)
    assert room.posted() == []
    assert await room.paused() == [ChannelTrouble.NO_ROLE]
    await room.give_role("U0GEORGE")
    await room.run(seconds=400, step=5)
    assert len(room.posted("D0GEORGE")) == 1


async def test_a_role_reaches_the_company_of_the_workspace_connection_alone(room):
    await room.give_role("U0GEORGE")
    async with room.services.database.transaction() as tx:
        named = {"workspace_id": room.workspace_id, "connection_id": "of-U0PRIYA"}
        other = {"edition": "standard", "site_id": "s1", "company_id": 2, "company_name": "B", "site_name": "B"}
        await connections.choose_company(tx, **named, **other)
    await room.news(target="U0GEORGE")
    await room.run(seconds=30, step=5)
    assert room.posted() == []
    async with room.services.database.transaction() as tx:
        await connections.choose_company(tx, **named, **{**other, "company_id": 1})
    await room.run(seconds=400, step=5)
    assert len(room.posted("D0GEORGE")) == 1


async def test_status_for_everyone_is_told_without_figures(room):
    await room.choose(status_for_everyone=True)
    await room.news(target="U0GEORGE")
    await room.run(seconds=5)
    [message] = room.posted("D0GEORGE")
    assert "AB" in message.text
    assert "£" not in message.text
    assert "%" not in message.text


async def test_sales_people_are_told_of_their_own_customers_alone(room):
    await room.give_role("U0GEORGE", "sales")
    await room.give_codes("U0GEORGE", {3: ("Durham",)})
    await room.news(target="U0GEORGE", reference="AB1", analysis={3: "Durham"})
    await room.news(target="U0GEORGE", reference="AB2", analysis={3: "Leeds"})
    await room.news(target="U0GEORGE", reference="AB3")
    await room.news(target="U0GEORGE", reference="AB4", analysis={3: "durham"})
    await room.run(seconds=20)
    assert [message.text.split("(")[1][:3] for message in room.posted("D0GEORGE")] == ["AB1", "AB4"]
    assert await room.paused() == [""] * 4


async def test_sales_people_whose_customers_nobody_knows_are_told_nothing(room):
    await room.give_role("U0GEORGE", "sales")
    await room.news(target="U0GEORGE", analysis={3: "Durham"})
    await room.run(seconds=20)
    assert room.posted() == []
    assert await room.paused() == [ChannelTrouble.NO_ROLE.value]


async def test_what_somebody_paused_or_muted_meanwhile_is_not_told(room):
    paused = await room.subscribe(paused_reason="paused by Priya")
    muted = await room.subscribe(muted_until=room.clock.now.replace(hour=23))
    rows = [await room.news(subscription_id=each) for each in (paused, muted)]
    await room.news()
    await room.run(seconds=10)
    assert len(room.posted()) == 1
    assert [(await room.read(row)).failure for row in rows] == ["paused", "muted"]


async def test_a_subscription_that_was_deleted_takes_its_news_along(room):
    from sqlalchemy import delete as deleting

    from storage.tables.alerts import SubscriptionRow

    gone = await room.subscribe()
    await room.news(subscription_id=gone)
    async with room.services.database.transaction() as tx:
        await tx.execute(deleting(SubscriptionRow).where(SubscriptionRow.id == gone))
    await room.run(seconds=5)
    assert room.posted() == []


async def test_when_slack_says_that_we_ask_too_often_its_last_word_is_good_for_fifteen_seconds(room):
    await room.news(reference="AB0")
    await room.run(seconds=10)
    for seconds, count in ((2, 2), (20, 2)):
        room.slack.faults.next(429, headers={"Retry-After": "5"}, contains="conversations.info")
        await room.news(reference="AB1")
        room.clock.forward(seconds=seconds)
        await room.run(seconds=3)
        assert len(room.posted()) == count
    room.slack.faults.clear()
