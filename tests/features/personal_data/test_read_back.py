"""A row in every table that may name a person or a customer: all of it is exported, and none is left once erased."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Integer, func, insert, select
from sqlalchemy.types import TypeDecorator

from bot.features.personal_data.service.personal_data import Subject
from storage.columns import Pennies
from storage.kept import KEPT, Erase
from storage.queries import audit
from storage.tables.alerts import HoldEpisodeRow, OutboxRow, SubscriptionRow, notice_target
from storage.tables.core import CompanyRow, Row, Workspace

NOW, DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC), date(2026, 3, 2)
ERASED, OTHER = "U0ERASED", "U0OTHER"
REFERENCE, NAME, SAGE_ID = "GONE001", "Gone & Sons", 991_001
RECORD = "audit_entries"
# Made by hand below: what they say of whom is in JSON.
BY_HAND = {"outbox", "subscriptions", "live_cards"}


def value(column, serial, workspace_id, company_pk):
    """Return a value of the column's kind, unlike those of other rows."""
    known = {"workspace_id": workspace_id, "company_pk": company_pk, "customer_id": SAGE_ID, "reference": REFERENCE}
    known |= {"name": NAME, "reference_key": REFERENCE, "facts": {"before": {"reference": REFERENCE, "name": NAME}}}
    if column.name in known:
        return known[column.name]
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(column.type, Pennies):
        return Decimal(serial)
    for sort, made in (
        (DateTime, NOW), (Date, DAY), (Boolean, True), (JSON, []), (BigInteger, serial), (Integer, serial),
    ):  # fmt: skip
        if isinstance(kind, sort):
            return made
    return f"{column.name} {serial}"[: getattr(kind, "length", None) or 60]


async def write(tx, table, serial, workspace_id, company_pk, **named):
    """Insert a row, with everything in it that may be in it."""
    leave = {"id"} if table.c.get("id") is not None and isinstance(table.c.id.type, Integer) else set()
    leave |= {column.name for column in table.c if column.foreign_keys and column.name == "episode_id"}
    made = {
        column.name: value(column, serial, workspace_id, company_pk) for column in table.c if column.name not in leave
    }
    await tx.execute(insert(table).values({**made, **named}))


@pytest.fixture
async def kept(desk):
    """Everything about one person and one customer, beside the same about others."""
    workspace_id = desk.workspaces["T0ACME"]
    async with desk.services.database.transaction() as tx:
        company = CompanyRow(workspace_id=workspace_id, edition="standard", site_id="s", company_id=1,
                             company_name="Acme UK", site_name="Site")  # fmt: skip
        tx.add(company)
        await tx.flush()
        serial = 1
        for name, of in KEPT.items():
            if name in BY_HAND or name in {"workspaces", RECORD} or not (of.person or of.is_of_customer):
                continue
            table = Row.metadata.tables[name]
            for column in of.person or [""]:
                serial += 1
                who = dict.fromkeys(of.person, f"{OTHER}{serial}") | ({column: ERASED} if column else {})
                await write(tx, table, serial, workspace_id, company.id, **who)
        await by_hand(tx, workspace_id, company.id)
        (await tx.get_one(Workspace, workspace_id)).installed_by = ERASED
    return desk


async def by_hand(tx, workspace_id, company_pk):
    here = {"workspace_id": workspace_id, "company_pk": company_pk}
    episode = await tx.scalar(select(func.max(HoldEpisodeRow.id)))
    cards, outbox, subscriptions = (Row.metadata.tables[name] for name in ("live_cards", "outbox", "subscriptions"))
    for serial, target in enumerate((ERASED, OTHER), 1):
        await write(tx, cards, serial, **here, target_id=target, episode_id=episode)
    for serial, (owner, target, customers) in enumerate(
        (
            (ERASED, "C0SALES", []),
            (OTHER, ERASED, []),
            (OTHER, OTHER, [REFERENCE]),
            (OTHER, OTHER, ["ABS001", NAME.lower()]),
        ),
        1,
    ):
        chosen = {"customers": customers} if customers else {}
        await write(tx, subscriptions, serial, **here, owner=owner, target_id=target, filter=chosen)
    for serial, (target, facts, is_posted) in enumerate((
        (notice_target(ERASED), {}, True),
        (ERASED, {}, False),
        (notice_target(OTHER), {"who": ERASED, "text": f"asked by <@{ERASED}>"}, True),
        (notice_target(OTHER), {"who": ERASED}, False),
        ("C0SALES", {"by_user": ERASED, "kind": "released"}, False),
        ("C0SALES", {"customers": [{"reference": REFERENCE.lower(), "name": NAME}]}, True),
        ("C0SALES", {"customers": [{"reference": "ABS001"}], "by_user": f"{ERASED}2"}, True),
    ), 1):  # fmt: skip
        posted = NOW if is_posted else None
        more = {"posted_at": posted, "subscription_id": None, "dedupe_key": f"{serial}:{facts.get('who')}:{target}"}
        await write(tx, outbox, serial, **here, target_id=target, facts=facts, episode_id=None, **more)


async def everything(desk):
    """Return every row of the database as text, by table, without the record."""
    async with desk.services.database.reading() as tx:
        return {
            name: [json.dumps(dict(row._mapping), default=str) for row in await tx.execute(select(table))]
            for name, table in Row.metadata.tables.items()
            if name != RECORD
        }


def naming(found, *words):
    """Return the rows with one of the words, by table: U0ERASED2 is somebody else."""
    word = re.compile("|".join(rf"\b{re.escape(each)}\b" for each in words))
    return {name: rows for name, each in found.items() if (rows := list(filter(word.search, each)))}


async def test_all_that_is_kept_about_a_person_is_exported_and_then_gone(kept):
    subject = Subject(person=ERASED, workspace="T0ACME")
    before = await everything(kept)
    [found] = await kept.services.personal_data.find(subject)
    assert set(found.tables) == {name for name, of in KEPT.items() if of.person and name != RECORD}
    exported = json.dumps(found.exported())
    for name, rows in naming(before, ERASED).items():
        assert len(found.tables[name]) == len(rows), name
    assert "sealed" not in exported
    await kept.services.personal_data.erase(subject, [found], now=NOW)
    after = await everything(kept)
    assert naming(after, ERASED) == {}
    assert await kept.services.personal_data.find(subject) == []
    # What is about others stays, also where it named this person.
    for name, of in KEPT.items():
        if name not in {*BY_HAND, RECORD} and Erase.DELETE not in of.person.values() and not of.is_of_customer:
            assert len(after[name]) == len(before[name])
    assert any(f"{ERASED}2" in row for row in after["outbox"])
    assert [row for row in after["outbox"] if '"released"' in row]
    # A colleague's notice that waits is sent, without the name.
    assert len([row for row in after["outbox"] if notice_target(OTHER) in row]) == 2


async def test_all_that_is_kept_about_a_customer_is_exported_and_then_gone(kept):
    subject = Subject(customer=REFERENCE.lower(), workspace="T0ACME")
    before = await everything(kept)
    [found] = await kept.services.personal_data.find(subject)
    assert set(found.tables) == {name for name, of in KEPT.items() if of.is_of_customer}
    words = (REFERENCE, REFERENCE.lower(), str(SAGE_ID), NAME, NAME.lower())
    for name, rows in naming(before, *words).items():
        assert len(found.tables[name]) == len(rows), name
    await kept.services.personal_data.erase(subject, [found], now=NOW)
    assert naming(await everything(kept), *words) == {}
    async with kept.services.database.reading() as tx:
        filters = [row.filter for row in await tx.scalars(select(SubscriptionRow).order_by(SubscriptionRow.number))]
        assert filters == [{}, {}, {"customers": ["ABS001"]}]
        assert await tx.scalar(select(func.count()).select_from(OutboxRow)) == 6


@pytest.mark.parametrize("only", ["seen_changes", "promises", "disputes", "debt_notes", "change_intents"])
async def test_a_customer_that_sage_has_no_more_is_found_by_what_is_left(kept, only):
    async with kept.services.database.transaction() as tx:
        for name, of in KEPT.items():
            if of.is_of_customer and name != only:
                await tx.execute(Row.metadata.tables[name].delete())
    [found] = await kept.services.personal_data.find(Subject(customer=REFERENCE))
    assert set(found.tables) == {only}


async def test_the_record_is_exported_in_any_spelling(kept):
    workspace_id = kept.workspaces["T0ACME"]
    async with kept.services.database.transaction() as tx:
        table = Row.metadata.tables[RECORD]
        last = await tx.scalar(select(func.max(table.c.number)).where(table.c.workspace_id == workspace_id)) or 0
        await write(tx, table, last + 1, workspace_id, 0, what=f"{REFERENCE} {NAME}", chain="changes")
        for said, count in (("gone001", 1), ("GONE001", 1), ("gone00", 0), ("gone00_", 0), ("gone%", 0)):
            assert len(await audit.naming(tx, workspace_id=workspace_id, reference=said)) == count
