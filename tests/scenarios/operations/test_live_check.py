"""`bot doctor --live` at the simulated Slack and Sage: what it learns, that it only reads, and what it doesn't tell."""

from __future__ import annotations

import re

import pytest

from bot.config import BadSettings
from bot.operations.doctor import examine
from bot.operations.live_check import Report, check_live
from tests.connected_app import settings
from tests.serving import address, free_socket, serving


async def report_of(office, url, public_url, **more):
    report, seen = Report(office.clock(), "1.0.0"), []
    given = {"workspace": "T0ACME", "clock": office.clock, "progress": lambda learnt: seen.append(learnt.said), **more}
    await check_live(settings(url, **office.environment, PUBLIC_URL=public_url), report, **given)
    assert seen == [each.said for each in report.learnt]
    return report


async def test_the_doctor_finds_no_fault_where_none_is(connected_office, sqlite_url):
    office, bound = connected_office, free_socket()
    office.sage_id.redirect_uris.append(f"{address(bound)}/sage/callback")
    async with serving(office.product.asgi, bound):
        found = await examine(settings(sqlite_url, **office.environment, PUBLIC_URL=address(bound)))
    assert len(found) >= 7
    assert [each for each in found if each.fault] == []


async def test_a_whole_report_tells_counts_and_kinds_and_nothing_of_anybody(connected_office, sqlite_url):
    office, bound = connected_office, free_socket()
    office.sage.requests.clear()
    before = len(office.slack.calls)
    async with serving(office.product.asgi, bound):
        report = await report_of(office, sqlite_url, address(bound))
    assert report.is_good, report.text
    told = report.text
    for line in (
        "## ✓ Slack takes data_table",
        "needed and missing: none",
        "an unsigned request is answered 401",
        "## – Sage 200: which form of a change it takes",
        "companies of",
        "document_outstanding_value, Opening balance: above ",
        "trader_transaction_type, kinds: TradingAccountEntryTypeOpeningBalanceInvoice",
        "date_time_updated: 9999-99-99T99:99:99",
        "a filter by time: heeded",
    ):
        assert line in told, told
    assert {each.method for each in office.sage.requests} == {"GET"}
    assert {each.method for each in office.slack.calls[before:]} == {"blocks.validate", "auth.test", "users.list"}
    customers = [customer for company in office.world.companies for customer in company.customers.values()]
    words = {str(each[name]) for each in customers for name in ("reference", "name") if each.get(name)}
    assert len(words) > 20
    assert [word for word in words if word in told] == []
    assert not re.search(r"xox|U0[A-Z]|priya|george|(?<![:\d])\d+\.\d\d\b|£", told.split("##", 1)[1], re.I)


async def test_where_nobody_connected_slack_alone_is_asked(office, sqlite_url):
    report = await report_of(office, sqlite_url, "http://127.0.0.1:9")
    assert not report.is_good
    assert "## ✗ Assistants' tools (MCP)\n\n- No answer: ConnectError" in report.text
    assert "nobody's sign-in answers for this workspace" in report.learnt[-1].lines[0]


@pytest.mark.parametrize(
    ("slack_id", "words"), [(None, "--workspace T0ACME, T0OTHER"), ("T0NOBODY", "isn't installed")]
)
async def test_a_workspace_that_cannot_be_meant_is_one_line(office, sqlite_url, slack_id, words):
    with pytest.raises(BadSettings, match=re.escape(words)):
        await report_of(office, sqlite_url, "http://127.0.0.1:9", workspace=slack_id)
