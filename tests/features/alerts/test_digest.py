"""The list of accounts on hold, read when it is sent: whose, since when, late, in pages; and the other reports."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests import mirrored_company
from tests.builders import filter_column


async def customer(room, number, *, team="T0ACME", on_hold=True, region="Durham", balance="100.00"):
    async with room.services.database.transaction() as tx:
        here = {"company_pk": room.companies[team], "workspace_id": room.workspaces[team]}
        said = {
            "reference": f"AB{number:03}",
            "name": "ABS Garages Ltd",
            "balance": Decimal(balance),
            "on_hold": on_hold,
        }
        await mirrored_company.keep(tx, number, now=room.clock(), **here, **said, analysis={"3": region})


async def list_due(room, **unlike):
    subscription = await room.subscribe(**unlike)
    since = (room.clock() - timedelta(days=1)).isoformat()
    facts = {"due_at": room.clock().isoformat(), "since": since, "late": False}
    return await room.row("digest", facts, subscription_id=subscription)


async def test_it_holds_the_accounts_on_hold_now_the_longest_first(room):
    await room.allow("figures")
    await customer(room, 1)
    await customer(room, 2)
    await customer(room, 3, on_hold=False)
    await room.episode(customer_id=1, opened_at=room.clock() - timedelta(hours=3))
    await room.episode(customer_id=2, opened_at=room.clock() - timedelta(days=12))
    await room.episode(customer_id=3, opened_at=room.clock() - timedelta(days=3), closed_at=room.clock())
    await list_due(room)
    await room.run(seconds=3)
    [message] = room.posted()
    assert message.text.index("AB002") < message.text.index("AB001")
    assert "12 days · Balance £100.00" in message.text
    assert "1 new, 1 released" in message.text
    assert "Released: AB003" in message.text
    assert "late" not in message.text


async def test_it_is_about_the_customers_of_its_filter_and_its_own_workspace(room):
    await customer(room, 1)
    await customer(room, 2, region="Leeds")
    await customer(room, 9, team="T0OTHER")
    await list_due(room, filter=filter_column("code3:Durham"))
    await list_due(room, filter=filter_column("mine"))
    await room.run(seconds=5)
    durham, mine = (message.text for message in room.posted())
    assert "AB001" in durham
    assert "AB002" not in durham + mine
    assert "AB009" not in durham + mine
    assert "No accounts are on hold" in mine


async def test_a_list_that_comes_late_says_so(room):
    await list_due(room)
    room.clock.forward(hours=2)
    await room.run(seconds=3)
    assert "sent 2 h late" in room.posted()[0].text


async def test_a_long_list_goes_on_in_its_thread(room):
    for number in range(60):
        await customer(room, number)
    row = await list_due(room)
    await room.news(reference="ZZ1")
    await room.run(seconds=10)
    first, second, third, other = room.posted()
    assert (second.thread_ts, third.thread_ts, other.thread_ts) == (first.ts, first.ts, "")
    assert "ZZ1" in other.text
    found = [line for page in (first, second, third) for line in page.text.split("\n") if line.startswith("• ")]
    assert len(found) == len(set(found)) == 60
    assert (await room.read(row)).posted_at


async def test_a_report_over_an_outage_and_a_summary_are_one_message_each(room):
    since, until = ((room.clock() - timedelta(hours=hours)).isoformat() for hours in (7, 0))
    await room.row("gap", {"since": since, "until": until, "counts": {"put_on_hold": 2, "released": 1}})
    summary = {
        "kind": "put_on_hold",
        "count": 10_000,
        "customers": [{"customer_id": 1, "reference": "AB1", "name": "ABS"}],
        "seen_at": until,
    }
    await room.row("summary", {**summary, "by_user": None})
    await room.run(seconds=5)
    gap, many = (message.text for message in room.posted())
    assert "2 put on hold, 1 released" in gap
    assert "10,000 accounts" in many


@pytest.mark.parametrize(
    ("shown", "order"), [("status", ["AB001", "AB002", "AB003"]), ("figures", ["AB002", "AB003", "AB001"])]
)
async def test_where_no_figure_is_shown_the_order_does_not_tell_who_owes_most(room, shown, order):
    await room.allow(shown)
    for number, balance in ((3, "500.00"), (1, "10.00"), (2, "90000.00")):
        await customer(room, number, balance=balance)
        await room.episode(customer_id=number, opened_at=room.clock() - timedelta(days=2))
    await list_due(room)
    await room.run(seconds=3)
    [message] = room.posted()
    assert sorted(order, key=message.text.index) == order
