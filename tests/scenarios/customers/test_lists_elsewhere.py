"""The buttons under a list are about its company, whichever its asker has chosen since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.customers.test_on_hold import files, press
from tests.scenarios.furnished import read_ledger
from tests.scenarios.holds.test_doing import GEORGE

HERE, ELSEWHERE = "ABS Motor Factors Ltd", "ABS Fleet Services Ltd"


async def furnish(office):
    """George's Sage ID opens two companies; he uses the workspace's, in which many are on hold, late and over limit."""
    await office.connect("priya@example.test")
    await office.command("/sage", "company 2")
    office.sage_id.people["george@example.test"].companies.append(office.world.companies[1].key)
    await office.connect("george@example.test", user="george")
    await office.command("/sage", "company 2", user="george")
    await office.command("/sage", f"roles {GEORGE} controller")
    for number in range(45):
        office.world.add(reference=f"LATE{number:02}", name=f"Late {number}", credit_limit=10)
        office.world.post_invoice(f"LATE{number:02}", 9_000 + number, due=office.clock().date() - timedelta(days=90))
        office.world.put_on_hold(f"LATE{number:02}", "Late")
    await read_ledger(office)


@pytest.fixture
def acme(furnished_office):
    return furnished_office


@pytest.mark.parametrize(
    ("command", "typed", "page", "file"),
    [
        ("/onhold", "", "onhold.page.2", "onhold.csv"),
        ("/overdue", "", "overdue.page.2", "overdue.csv"),
        ("/sage", "balances", "ranking.page.2", "ranking.csv"),
        ("/sage", "over-limit", "ranking.page.2", "ranking.csv"),
    ],
)
async def test_the_next_page_and_the_file_are_of_the_lists_company(acme, command, typed, page, file):
    first = await acme.command(command, typed, user="george")
    assert ELSEWHERE in (await acme.command("/sage", "company 1", user="george")).text
    second = await press(acme, first, page, user="george")
    assert HERE in second.text
    assert "LATE" in second.text
    await press(acme, second, file, user="george")
    [sent] = files(acme)
    assert b"LATE44" in acme.slack.state.files[sent.files[0]["id"]].content


async def test_news_of_a_list_are_of_its_company(acme):
    first = await acme.command("/onhold", "", user="george")
    await acme.command("/sage", "company 1", user="george")
    assert HERE in (await press(acme, first, "list.posted", user="george")).text


async def test_a_list_of_a_company_that_sage_closed_since_is_shown_no_further(acme):
    first = await acme.command("/overdue", "", user="george")
    await acme.command("/sage", "company 1", user="george")
    acme.sage_id.people["george@example.test"].companies.remove(acme.world.companies[0].key)
    await acme.command("/sage", "company", user="george")
    for action in ("overdue.page.2", "overdue.csv"):
        answer = await press(acme, first, action, user="george")
        assert "Your Sage ID doesn't open that company." in answer.text
        assert "£" not in answer.text
    assert files(acme) == []
