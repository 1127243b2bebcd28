"""Many rows at once are stored as SQLAlchemy stores them one by one, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from storage.many_rows import add_rows, write_rows
from storage.statements import table_of
from storage.tables.alerts import MirroredCustomer, OutboxRow
from storage.tables.debts import OpenItemRow
from tests.storage.builders import customer, item

ODD = "tab\t, line\n, \\, \\N, \\., 'one' \"two\", {x}, %s, é, 🦊"
SUMMER = datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=1)))


def items(here):
    given = [
        item(1, 1, "0.01", date(2026, 3, 1), reference=ODD, updated_at=SUMMER, is_foreign=True),
        item(2, 1, "-123456789012.30", None, gross=None, updated_at=datetime(2026, 3, 1, tzinfo=UTC)),
    ]
    return [{**row, **here} for row in given]


def customers(here, now):
    columns = table_of(MirroredCustomer).columns.keys()
    given = [
        customer(1, here, now=now, name=ODD, analysis={"1": ODD}, details={"town": ODD, "days": [1, None]}),
        customer(2, here, now=now, balance=None, updated_at=SUMMER, fired_thresholds=[80, 90]),
    ]
    return [{name: row[name] for name in columns} for row in given]


async def stored(tx, table, here):
    """The rows as the database has them."""
    whose = f"company_pk = {here['company_pk']}"
    rows = await tx.execute(text(f"select * from {table} where {whose} order by 1, 2, 3"))
    return [
        {name: _read(value) for name, value in row._mapping.items() if name not in {"company_pk", "workspace_id"}}
        for row in rows
    ]


def _read(value):
    # Only the spaces between the parts of JSON are free.
    return json.loads(value) if isinstance(value, str) and value[:1] in {"{", "["} else value


@pytest.mark.parametrize("are_new", [True, False])
@pytest.mark.parametrize("model", [OpenItemRow, MirroredCustomer])
async def test_rows_are_stored_as_they_are_one_by_one(database, both, now, model, are_new):
    ours, theirs = both
    make = items if model is OpenItemRow else lambda here: customers(here, now)
    async with database.transaction() as tx:
        await write_rows(tx, model, make(ours), are_new=are_new)
        await tx.execute(insert(table_of(model)), make(theirs))
        table = model.__tablename__
        assert await stored(tx, table, ours) == await stored(tx, table, theirs) != []
        await write_rows(tx, model, make(ours))
        assert len(await stored(tx, table, ours)) == 2


async def test_what_the_database_refuses_of_new_rows_is_told_as_of_others(database, both):
    ours, _ = both
    async with database.transaction() as tx:
        await write_rows(tx, OpenItemRow, items(ours), are_new=True)
    with pytest.raises(IntegrityError) as told:
        async with database.transaction() as tx:
            await write_rows(tx, OpenItemRow, items(ours), are_new=True)
    assert "123456789012" not in str(told.value)
    async with database.transaction() as tx:
        assert len(await stored(tx, "open_items", ours)) == 2


@pytest.mark.parametrize("are_new", [True, False])
async def test_a_time_without_a_zone_is_refused(database, both, are_new):
    rows = items(both[0])
    rows[0]["updated_at"] = datetime(2026, 3, 1)  # noqa: DTZ001 - the mistake
    with pytest.raises(ValueError, match="without a zone"):
        async with database.transaction() as tx:
            await write_rows(tx, OpenItemRow, rows, are_new=are_new)


async def test_money_is_rounded_half_up_to_whole_pennies(database, both):
    rows = items(both[0])
    rows[0]["outstanding"] = Decimal("0.125")
    async with database.transaction() as tx:
        await write_rows(tx, OpenItemRow, rows, are_new=True)
        assert (await stored(tx, "open_items", both[0]))[0]["outstanding"] == 13


async def test_rows_are_added_in_their_order_beside_those_that_are_stored(database, both, now):
    ours, theirs = both
    facts = {"name": ODD, "days": [1, None]}

    def row(here, key, **unlike):
        told = {"target_id": "C1", "is_personal": False, "kind": "change", "facts": facts, "dedupe_key": key}
        return {**here, **told, "created_at": now, "due_at": SUMMER, "episode_id": None, "attempts": 0, **unlike}

    once = ("workspace_id", "dedupe_key")
    async with database.transaction() as tx:
        await add_rows(tx, OutboxRow, [row(ours, "b", target_id="C0")], unless=once)
        await add_rows(tx, OutboxRow, [row(ours, "c"), row(ours, "b"), row(ours, "a")], unless=once)
        await tx.execute(insert(OutboxRow), [row(theirs, "b", target_id="C0"), row(theirs, "c"), row(theirs, "a")])
        mine, others = [await stored(tx, "outbox", here) for here in (ours, theirs)]
    assert [each["dedupe_key"] for each in mine] == ["b", "c", "a"]
    assert [{**each, "id": 0} for each in mine] == [{**each, "id": 0} for each in others]
