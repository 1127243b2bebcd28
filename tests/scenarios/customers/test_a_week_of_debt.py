"""An invoice grows old over the weekend, is told on Monday at eight, and paid: through the whole product."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.scenarios.customers.test_example_of_debt import owe_the_example
from tests.scenarios.passing_time import BOT, PassingTime
from tests.scenarios.slack_app import office as open_office


@pytest.fixture
async def week(sqlite_url):
    """On a Friday: #sales is shown figures and wants to hear of late debt; Sage is looked at every four hours."""
    async with open_office(sqlite_url, SYNC_INTERVAL="14400") as office:
        office.clock.now = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
        await office.install()
        await office.connect()
        office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add(BOT)
        yield PassingTime(office)
        await office.settle()


def posted(week):
    return [
        message.text
        for message in week.office.slack.messages
        if message.channel == "C0SALES" and message.via == "chat.postMessage" and not message.is_gone
    ]


async def test_a_debt_ages_over_the_weekend_is_told_on_monday_and_paid(week):
    office, friday = week.office, week.office.clock().date()
    office.world.add(reference="LATE01", name="Late Payers Ltd", payment_terms_days=30)
    due = friday - timedelta(days=28)
    office.world.post_invoice("LATE01", 750, due=due, dated=due - timedelta(days=30))
    refused = await office.command("/sage", "subscribe overdue 30,60,90 here")
    assert "would tell it who is overdue" in refused.text
    await office.command("/sage", "channel figures")
    for wish in ("overdue 30,60,90, overdue-paid here", "debts here mondays 08:00"):
        assert "Subscription" in (await office.command("/sage", f"subscribe {wish}")).text
    await week.until(2026, 3, 16, 7, 55, every=240)
    assert posted(week) == [], "what is late at first is no news, and nobody is told at the weekend"
    await week.until(2026, 3, 16, 8, 1, every=6)
    [alert] = [text for text in posted(week) if "LATE01" in text and "has been overdue" in text]
    assert "for 30 days or more" in alert
    assert "Overdue £750.00, oldest 31 days" in alert
    [weekly] = [text for text in posted(week) if text.startswith("*Overdue debt in ")]
    assert "nothing to compare with yet" in weekly
    assert len(posted(week)) == 2
    office.world.post_receipt("LATE01", 750)
    await week.until(2026, 3, 16, 12, 30, every=240)
    [paid] = posted(week)[2:]
    assert (
        "£750.00 came in for Late Payers Ltd (LATE01), which was overdue. Nothing is overdue any more."
        in paid.replace(".*", ".")
    )
    await week.until(2026, 3, 17, 9, 0, every=240)
    assert len(posted(week)) == 3


async def test_the_news_of_the_morning_and_the_weekly_list_say_the_same(week):
    await week.office.command("/sage", "channel figures")
    for wish in ("overdue 30,60,90 here", "debts here mondays 08:00"):
        await week.office.command("/sage", f"subscribe {wish}")
    await week.until(2026, 3, 13, 10, 0, every=30)
    await week.until(2026, 3, 20, 9, 0, every=1_440)
    owe_the_example(week.office.world, date(2026, 3, 23))
    await week.until(2026, 3, 23, 7, 55, every=1_440)
    await week.until(2026, 3, 23, 8, 1, every=6)
    [alert] = [text for text in posted(week) if "Example Motors (EXA001) has been overdue" in text]
    assert "for 90 days or more" in alert
    assert "Overdue £1,250.00, oldest 110 days\nBalance £2,600.00 of £9,000.00 (29%)" in alert
    [listed] = [text for text in posted(week) if "Compared with 16 March 2026." in text]
    assert "Newly overdue: 1: EXA001 Example Motors £1,250.00" in listed
