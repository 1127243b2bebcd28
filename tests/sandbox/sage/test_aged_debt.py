"""Aged debt in the simulated Sage 200: the company's own periods, which add up to the balance."""

from datetime import date

import pytest

from tests.sandbox.sage.fixtures import Sandbox

PATH = "sales_aged_debtor_summary_views"


@pytest.fixture
def sandbox():
    return Sandbox()


async def aged(sandbox, reference="ABS001", ageing="", **more):
    number = sandbox.world.companies[0].row(reference)["id"]
    raw = f"$filter=customer_id%20eq%20{number}" + (f"&$ageingdatetype={ageing}" if ageing else "")
    [row] = (await sandbox.asked(PATH, raw=raw)).json()
    return row


def filled(row, prefix="doc_"):
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix) and value}


@pytest.mark.parametrize("ageing", ["", "transactiondate", "duedate", "calendarmonth"])
async def test_the_periods_add_up_to_the_balance(sandbox, ageing):
    sandbox.world.post_receipt("NOR001", 1000)
    for customer in sandbox.world.companies[0].customers.values():
        if customer["balance"]:
            row = await aged(sandbox, customer["reference"], ageing)
            assert sum(filled(row).values()) == pytest.approx(float(customer["balance"]))


async def test_debts_stand_in_the_companys_own_periods(sandbox):
    sandbox.world.companies[0].ageing_periods = (14, 45)
    row = await aged(sandbox)
    assert {name: row[name] for name in row if name.startswith("aged")} == {
        "aged_period_1": "14",
        "aged_period_2": "45",
    }
    assert filled(row) == {"current": 1232.08, "period_2": pytest.approx(1232.08)}


@pytest.mark.parametrize(
    ("ageing", "dated", "due", "bucket"),
    [
        ("transactiondate", date(2025, 3, 3), date(2025, 4, 2), "current"),
        ("transactiondate", date(2025, 2, 1), date(2025, 3, 1), "current"),
        ("transactiondate", date(2025, 1, 31), date(2025, 3, 1), "period_1"),
        ("transactiondate", date(2024, 1, 1), date(2025, 3, 1), "period_3"),
        ("transactiondate", date(2025, 3, 4), date(2025, 3, 4), "future"),
        ("duedate", date(2025, 2, 1), date(2025, 3, 4), "future"),
        ("duedate", date(2024, 2, 1), date(2025, 1, 1), "period_2"),
        ("calendarmonth", date(2025, 2, 28), date(2025, 3, 1), "period_1"),
        ("calendarmonth", date(2024, 12, 1), date(2025, 3, 1), "period_3"),
    ],
)
async def test_an_invoice_is_as_old_as_the_method_says(sandbox, ageing, dated, due, bucket):
    sandbox.world.add(reference="AGE001", name="Aged Ltd")
    sandbox.world.post_invoice("AGE001", 10, dated=dated, due=due)
    assert filled(await aged(sandbox, "AGE001", ageing)) == {bucket: 10}


async def test_the_last_period_may_be_called_past(sandbox):
    sandbox.world.companies[0].is_oldest_past = True
    assert set(filled(await aged(sandbox))) == {"current", "period_1", "past"}


async def test_a_foreign_debt_has_its_worth_in_pounds(sandbox):
    row = await aged(sandbox, "EUR001")
    assert sum(filled(row, "base_").values()) == pytest.approx(1000)


@pytest.mark.parametrize("ageing", ["DueDate", "month", ""])
async def test_an_ageing_that_sage_does_not_know_is_refused(sandbox, ageing):
    assert (await sandbox.asked(PATH, ageingdatetype=ageing)).status_code == 400


async def test_only_aged_debt_takes_an_ageing(sandbox):
    assert (await sandbox.asked("customer_views", ageingdatetype="duedate")).status_code == 501
