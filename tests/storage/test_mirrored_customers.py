"""Rows of the mirror, on both databases; two workspaces use the same books."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select

from storage.queries import leases, personal_data
from storage.queries.connections import connections
from storage.queries.mirror import code_sets, open_items
from storage.queries.mirror import hold_episodes as episodes
from storage.queries.mirror import mirror_state as ledgers
from storage.queries.mirror import mirrored_customers as mirror
from storage.queries.mirror.customer_condition import CodeIn, CustomerCondition
from storage.tables.alerts import CodeSetRow, CodeValueRow, CustomerWordRow, MirroredCustomer, NameWordRow
from storage.tables.core import Workspace
from storage.tables.debts import CustomerDebtRow, OpenItemRow
from tests.counting import database_cost
from tests.storage.builders import BOOKS, connect, customer, debt, found, item


async def test_whole_rows_are_written_read_and_replaced(database, both, now):
    ours, _ = both
    rows = [customer(number, ours, now=now) for number in range(1, 1202)]
    async with database.transaction() as tx:
        await mirror.write(tx, rows)
        await mirror.write(tx, [customer(7, ours, now=now, on_hold=True, balance=Decimal("-0.10"))])
    async with database.reading() as tx:
        assert await mirror.counts(tx, **ours) == (1201, 1)
        stored = await mirror.with_ids(tx, **ours, ids=range(1, 1300))
        page = await mirror.between(tx, **ours, beyond=1190, up_to=1200)
        held = await mirror.on_hold(tx, **ours)
        by_reference = found(await mirror.by_reference(tx, **ours, reference_key="ref7"))
    assert dict(stored[8]) == {name: value for name, value in rows[7].items() if name != "analysis_keys"}
    assert (stored[7]["balance"], stored[7]["on_hold"]) == (Decimal("-0.10"), True)
    assert sorted(page) == list(range(1191, 1201))
    assert [row.customer_id for row in held] == [7] == [by_reference.customer_id]
    assert mirror.as_stored(by_reference) == stored[7]


async def test_new_customers_are_added_as_they_would_be_written(database, both, now):
    ours, theirs = both

    def rows(here):
        named = {1: "Acme Garages Ltd", 2: "Garages & Sons", 3: "Acme"}
        codes = {1: {"2": "George"}, 2: {"2": "George", "3": "North"}, 3: {}}
        return [
            customer(number, here, now=now, name=name, short_name="Acme G", analysis=codes[number])
            for number, name in named.items()
        ]

    async with database.transaction() as tx:
        columns = {name: [row[name] for row in rows(ours)] for name in rows(ours)[0]}
        await mirror.add(tx, **ours, columns=columns)
        await mirror.write(tx, rows(theirs))
        for model in (MirroredCustomer, CustomerWordRow, NameWordRow, CodeSetRow, CodeValueRow):
            assert await _rows(tx, model, ours) == await _rows(tx, model, theirs) != []


async def _rows(tx, model, here):
    table = model.__table__
    columns = [column for column in table.c if column.name not in here]
    found = await tx.execute(select(*columns).where(table.c.company_pk == here["company_pk"]))
    return sorted(map(tuple, found), key=repr)


async def test_a_workspace_takes_its_mirror_along_and_nobody_elses(database, both, now):
    ours, theirs = both
    async with database.transaction() as tx:
        for here in both:
            await mirror.write(tx, [customer(1, here, now=now)])
            debts = [debt(1, "5.00", None, now=now)]
            await open_items.write(tx, **here, items=[item(1, 1, "5.00", None)], debts=debts)
        await tx.execute(delete(Workspace).where(Workspace.id == theirs["workspace_id"]))
        for model in (MirroredCustomer, CustomerWordRow, OpenItemRow, CustomerDebtRow):
            left = set(await tx.scalars(select(model.workspace_id)))
            assert left == {ours["workspace_id"]}


async def test_nothing_of_the_others_books_is_read_or_changed(database, both, now):
    ours, theirs = both
    crossed = {"workspace_id": ours["workspace_id"], "company_pk": theirs["company_pk"]}
    async with database.transaction() as tx:
        await mirror.write(tx, [customer(1, theirs, now=now, on_hold=True)])
        opened = await episodes.open_many(tx, **theirs, episodes=[_stay(1, now)])
        await mirror.write(tx, [customer(1, crossed, now=now, name="Ours")])
        await mirror.remove(tx, **crossed, ids=[1])
        await mirror.set_reasons(tx, **crossed, reasons={1: "Ours"})
        await episodes.set_reasons(tx, **crossed, reasons={1: "Ours"})
        await episodes.rewrite(tx, **crossed, episodes=[{"id": opened[1], **_stay(1, now), "closed_at": now}])
        await ledgers.note(tx, **crossed, trouble="Ours")
        for whose in (ours, crossed):
            assert await mirror.counts(tx, **whose) == (0, 0)
            assert await mirror.with_ids(tx, **whose, ids=[1]) == {}
            assert await mirror.holds(tx, **whose, ids=[1]) == {}
            assert await mirror.between(tx, **whose, beyond=0, up_to=None) == {}
            assert await mirror.on_hold(tx, **whose) == []
            assert await mirror.by_reference(tx, **whose, reference_key="ref1") is None
            assert await episodes.open_of(tx, **whose, ids=[1]) == {}
            assert await episodes.of_customer(tx, **whose, customer_id=1) == []
        assert await ledgers.of_company(tx, **crossed) is None
        assert await ledgers.company(tx, **crossed) is None
        assert await ledgers.reader(tx, **crossed) is None
        stored = await mirror.with_ids(tx, **theirs, ids=[1])
        stays = await episodes.open_of(tx, **theirs, ids=[1])
    assert (stored[1]["name"], stored[1]["status_reason"]) == ("Name", None)
    assert stays[1].reason == ""


async def test_a_set_of_codes_is_kept_once_and_as_long_as_a_customer_has_it(database, both, now):
    ours, theirs = both
    async with database.transaction() as tx:
        regions = {1: "North", 2: "North", 3: "South"}
        await mirror.write(tx, [customer(each, ours, now=now, analysis={"3": name}) for each, name in regions.items()])
        await mirror.write(tx, [customer(1, theirs, now=now, analysis={"3": "West"})])
        await mirror.write(tx, [customer(3, ours, now=now, analysis={"3": "East"})])
        assert await code_sets.values(tx, **ours) == {3: ["East", "North"]}
        assert await _sets(tx) == 4
        assert await _keys(tx) == ["east", "north", "south", "west"]
        assert await code_sets.forget_unused(tx, **ours) == 1
        assert await _keys(tx) == ["east", "north", "west"]
        await mirror.remove(tx, **ours, ids=[1])
        assert await code_sets.values(tx, **ours) == {3: ["East", "North"]}
        await mirror.remove(tx, **ours, ids=[2])
        assert await _sets(tx) == 2
        await personal_data.drop_copy(tx, **ours)
        assert await code_sets.values(tx, **theirs) == {3: ["West"]}
        assert await _sets(tx) == 1
        assert await _keys(tx) == ["west"]


_EVERY = [{"1": "George", "2": "North"}, {"1": "Priya", "2": "North"}, {"1": "George"}, {"1": "", "2": "South"}, {}]
_NOT_GEORGE = CodeIn(1, ("george",), negated=True)


@pytest.mark.parametrize(
    ("wanted", "fitting"),
    [
        (CustomerCondition(all_of=(CodeIn(1, ("george",)),)), [0, 2]),
        (CustomerCondition(all_of=(CodeIn(1, ("george", "priya")), CodeIn(2, ("north",)))), [0, 1]),
        (CustomerCondition(any_of=((CodeIn(1, ("priya",)), CodeIn(2, ("south",))),)), [1, 3]),
        (CustomerCondition(any_of=((CodeIn(2, ("south",)), _NOT_GEORGE),)), [1, 3, 4]),
        (CustomerCondition(any_of=((),)), []),
        (CustomerCondition(all_of=(_NOT_GEORGE,)), [1, 3, 4]),
        (CustomerCondition(all_of=(CodeIn(1, ("", "priya")),)), [1, 3, 4]),
        (CustomerCondition(all_of=(CodeIn(1, ("", "priya"), negated=True),)), [0, 2]),
        (CustomerCondition(all_of=(CodeIn(2, ("george",)),)), []),
    ],
)
async def test_codes_find_the_customers_that_have_them(database, both, now, wanted, fitting):
    ours, theirs = both
    async with database.transaction() as tx:
        for whose in (ours, theirs):
            rows = [customer(number, whose, now=now, analysis=codes) for number, codes in enumerate(_EVERY)]
            await mirror.write(tx, rows)
        row = MirroredCustomer
        for whose in (ours, theirs):
            here = select(row.customer_id).where(row.company_pk == whose["company_pk"]).order_by(row.customer_id)
            for fits in (wanted.sql(whose["company_pk"]), wanted.of_id(row.customer_id, whose["company_pk"])):
                assert list(await tx.scalars(here.where(fits))) == fitting


async def test_of_two_episodes_of_a_customer_one_is_open(database, both, now):
    ours, _ = both
    async with database.transaction() as tx:
        first = await episodes.open_many(tx, **ours, episodes=[_stay(1, now), _stay(2, now)])
        assert await episodes.open_many(tx, **ours, episodes=[_stay(1, now)]) == {}
        closing = {"id": first[1], **_stay(1, now), "closed_at": now + timedelta(days=2), "ending": "Paid"}
        await episodes.rewrite(tx, **ours, episodes=[closing])
        again = await episodes.open_many(tx, **ours, episodes=[_stay(1, now)])
        assert again.keys() == {1}
        stays = await episodes.of_customer(tx, **ours, customer_id=1)
    assert [(row.id, row.ending) for row in stays] == [(again[1], ""), (first[1], "Paid")]


async def test_the_workspaces_own_sign_in_reads_its_company_and_no_colleagues(database, both, now):
    ours, _ = both
    async with database.transaction() as tx:
        named = {"workspace_id": ours["workspace_id"], "connection_id": "colleague"}
        await connect(tx, "colleague", workspace_id=ours["workspace_id"], user_id="Ucolleague", now=now)
        await connections.choose_company(tx, **named, **BOOKS)
        assert (await ledgers.reader(tx, **ours)).connection.id == "own-T1"
        own = {"workspace_id": ours["workspace_id"], "connection_id": "own-T1"}
        await connections.disconnect(tx, **own, reason="", now=now)
        assert await ledgers.reader(tx, **ours) is None


async def test_a_mirror_is_due_while_it_is_needed(database, both, now):
    ours, theirs = both
    async with database.transaction() as tx:
        assert await ledgers.unmirrored(tx, limit=9) == []
        assert await ledgers.due(tx, now=now - timedelta(seconds=1), limit=9) == []
        assert len(await ledgers.due(tx, now=now, limit=9)) == 2
        await ledgers.note(tx, **ours, due_at=now + timedelta(minutes=5))
        assert await ledgers.due(tx, now=now, limit=9) == [tuple(theirs.values())]
        await connections.disconnect(
            tx, workspace_id=theirs["workspace_id"], connection_id="own-T2", reason="", now=now
        )
        assert await ledgers.due(tx, now=now, limit=9) == []
        await ledgers.begin(tx, **ours, now=now)
        ledger = found(await ledgers.of_company(tx, **ours))
    assert ledger.due_at == now + timedelta(minutes=5)


async def test_a_lost_turn_stays_lost_even_when_it_is_free(database, now):
    later = now + timedelta(seconds=31)
    async with database.transaction() as tx:
        assert await leases.take(tx, "work", owner="a", now=now, until=now + timedelta(seconds=30))
        assert await leases.extend(tx, "work", owner="a", until=now + timedelta(seconds=30))
        assert await leases.take(tx, "work", owner="b", now=later, until=later)
        assert not await leases.extend(tx, "work", owner="a", until=later)
        await leases.release(tx, "work", owner="b")
        assert not await leases.extend(tx, "work", owner="a", until=later)


async def _sets(tx):
    return await tx.scalar(select(func.count()).select_from(CodeSetRow))


async def _keys(tx):
    return sorted(await tx.scalars(select(CodeValueRow.value_key)))


def _stay(number, now):
    return {
        "customer_id": number,
        "opened_at": now,
        "closed_at": None,
        "reason": "",
        "ending": "",
        "already_held": False,
        "opened_by": None,
        "closed_by": None,
    }


async def test_many_changes_are_stored_in_their_order_by_one_statement(database, both, now):
    ours, theirs = both
    kinds = ("released", "put_on_hold", "put_on_hold")
    pairs = [(number, kind) for number in range(300, 0, -1) for kind in kinds]
    changes = [_change(*pair, {"nth": nth}, now) for nth, pair in enumerate(pairs)]
    async with database.transaction() as tx:
        await episodes.write_changes(tx, **theirs, changes=changes[:5])
        with database_cost(database) as cost:
            ids = await episodes.write_changes(tx, **ours, changes=changes)
        assert await episodes.write_changes(tx, **ours, changes=[]) == []
    async with database.reading() as tx:
        stored = await episodes.changes_since(tx, **ours, since=now, limit=2_000)
    assert cost.statements == 1
    assert [(row.id, row.customer_id, row.kind, row.facts) for row in stored] == [
        (number, each["customer_id"], each["kind"], each["facts"]) for number, each in zip(ids, changes, strict=True)
    ]


def _change(number, kind, facts, now):
    seen = {"seen_at": now, "by_user": None, "episode_id": None}
    return {"customer_id": number, "kind": kind, "facts": facts, **seen}
