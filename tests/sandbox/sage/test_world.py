"""The companies behind the simulated Sage 200: changed by name, and made up at any size."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.sage200 import demo_world
from sandbox.sage200.books.company import money
from sandbox.sage200.wire import render, timestamp
from tests.sandbox.sage.fixtures import Sandbox


async def test_the_world_changes_under_the_clock():
    sandbox = Sandbox()
    sandbox.world.put_on_hold("ABS001", "Over terms")
    row = (await sandbox.asked("customers/27828")).json()
    assert (row["on_hold"], row["status_reason"]) == (True, "Over terms")
    assert row["date_time_updated"] == "2025-03-03T09:00:00.123"
    sandbox.clock.now += timedelta(milliseconds=877)
    sandbox.world.release("ABS001", "Paid")
    row = (await sandbox.asked("customers/27828")).json()
    assert (row["on_hold"], row["status_reason"]) == (False, "Paid")
    assert row["date_time_updated"] == "2025-03-03T09:00:01"


async def test_the_world_can_be_told_to_change_another_company():
    sandbox = Sandbox()
    fleet = sandbox.world.companies[1]
    sandbox.world.update("ABS001", company=fleet, balance=12.5)
    assert sandbox.world.customer("ABS001", company=fleet)["balance"] == money("12.50")
    assert sandbox.world.customer("ABS001")["balance"] == money("2464.16")


def test_the_world_refuses_a_field_that_nobody_reads():
    with pytest.raises(KeyError, match="blance"):
        Sandbox().world.update("ABS001", blance=1)


async def test_accounts_open_and_go():
    sandbox = Sandbox()
    number = sandbox.world.add(reference="NEW001", name="Newcomers Ltd", balance=5)
    assert (await sandbox.asked(f"customers/{number}")).json()["short_name"] == "Newcomer"
    sandbox.world.remove("NEW001")
    assert (await sandbox.asked(f"customers/{number}")).status_code == 404


def test_the_demo_has_the_size_it_is_asked_for_and_abs001_in_it():
    world = demo_world(customers=700)
    references = [row["reference"] for row in world.companies[0].customers.values()]
    assert len(references) == len(set(references)) == 700
    assert max(map(len, references)) <= 8
    assert world.customer("ABS001")["balance"] == money("2464.16")


def test_the_demo_is_the_same_for_the_same_seed_and_another_for_another():
    ledgers = [demo_world(60, seed=seed).companies[0].customers for seed in (1, 1, 2)]
    assert ledgers[0] == ledgers[1] != ledgers[2]


@pytest.mark.parametrize(
    ("second", "microsecond", "text"),
    [
        (48, 660000, "2016-07-08T15:28:48.66"),
        (48, 900000, "2016-07-08T15:28:48.9"),
        (48, 0, "2016-07-08T15:28:48"),
        (40, 0, "2016-07-08T15:28:40"),
        (0, 0, "2016-07-08T15:28:00"),
    ],
)
def test_a_moment_is_written_as_sage_writes_it(second, microsecond, text):
    assert timestamp(datetime(2016, 7, 8, 15, 28, second, microsecond, tzinfo=UTC)) == text


def test_json_keeps_pennies_and_escapes_what_it_must():
    row = {"balance": money(4000), "on_hold": False, "none": None, "n": [1], "name": 'a "b" \n €'}
    text = '{"balance":4000.00,"on_hold":false,"none":null,"n":[1],"name":"a \\"b\\" \\n €"}'
    assert render(row) == text
