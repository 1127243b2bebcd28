"""The mirror when something goes wrong: outages, kills, doubled work, very much at once."""

from __future__ import annotations

import asyncio
import resource

import pytest
from sqlalchemy import event, func, select

from bot.coordination import lease
from bot.domain.changes import ChangeKind
from bot.errors import LeaseLost
from storage.database import Database
from storage.queries.mirror import mirror_state as ledgers
from storage.tables.alerts import HoldEpisodeRow, MirroredCustomer, SeenChange
from tests.connected_app import desk as open_desk
from tests.counting import engines
from tests.features.mirror.synced_companies import Told, demo_world, mirror_desk, mirror_of


@pytest.fixture
async def large(database_url):
    """2,400 customers: more than a page."""
    async with open_desk(database_url, world=demo_world(2400)) as opened:
        yield await mirror_desk(opened)


FOR_CHANGES = ["customer_views", "sales_transaction_views", "sop_orders"]
"""What a cycle asks at the least: whose own time of change, whose documents and whose orders moved."""


async def _count(books, model, *where) -> int:
    async with books.desk.services.database.reading() as tx:
        return await tx.scalar(select(func.count()).select_from(model).where(*where))


@pytest.fixture
async def books(desk, mirrored):
    return await mirror_desk(desk)


async def test_a_baseline_killed_half_way_goes_on_where_it_was(large):
    large.desk.sage.faults.next(status=503, contains="id gt 29827")
    assert not await large.sync()
    state = await large.mirror.state(**large.books.named)
    assert (state.customers, state.synced_at) == (2000, None)
    large.world.put_on_hold("ABS001")  # on the page that was read before
    assert await _count(large, MirroredCustomer) == 2000
    large.asked()
    assert await large.sync()
    assert large.asked().count("customer_views") == 1
    assert await _count(large, MirroredCustomer) == 2400
    assert large.told.published == []
    await large.sync(after=1)
    assert large.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


async def test_a_process_killed_at_its_commit_loses_and_doubles_nothing(books):
    class Killed(Exception):
        """What a kill looks like from inside."""

    class Dying(Told):
        async def publish(self, tx, **named):
            raise Killed

    books.world.put_on_hold("ABS001")
    dying = mirror_of(books.desk, Dying())
    books.desk.clock.forward(seconds=300)
    with pytest.raises(Killed):
        await dying.sync(**books.books.named)
    assert await _count(books, SeenChange) == 0
    assert not (await books.seen("ABS001")).on_hold
    await books.sync()
    await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]
    assert await _count(books, SeenChange) == 1


async def test_a_short_outage_is_no_report(books):
    books.desk.sage.faults.offline()
    assert not await books.sync()
    state = await books.mirror.state(**books.books.named)
    assert state.trouble_since == books.desk.clock()
    assert "Sage 200 isn't responding" in state.trouble
    books.desk.sage.faults.clear()
    books.world.put_on_hold("ABS001")
    assert await books.sync()
    assert (books.told.news, books.told.reports) == ([(ChangeKind.PUT_ON_HOLD, "ABS001")], [])
    state = await books.mirror.state(**books.books.named)
    assert (state.trouble, state.trouble_since) == ("", None)


async def test_a_long_outage_ends_in_one_report(books):
    seen_until = books.desk.clock()
    books.desk.sage.faults.offline()
    for _ in range(4):
        assert not await books.sync()
    books.world.put_on_hold("ABS001")
    books.world.put_on_hold("NOR001")
    books.desk.sage.faults.clear()
    assert await books.sync()
    await books.sync()
    ((since, seen, was_away),) = books.told.reports
    assert (since, [each.change.kind for each in seen]) == (seen_until, [ChangeKind.PUT_ON_HOLD] * 2)
    assert was_away
    assert books.told.published == []


async def test_whether_sage_was_away_or_we_did_not_look_is_told_apart(books):
    await books.sync(after=3600)
    books.desk.sage.faults.offline()
    await books.sync(after=3600)
    books.desk.sage.faults.clear()
    await books.sync(after=3600)
    assert [(seen, was_away) for _, seen, was_away in books.told.reports] == [([], False), ([], True)]


async def test_an_outage_backs_off_and_honours_the_pause_sage_asked_for(books):
    async def wait() -> float:
        async with books.desk.services.database.reading() as tx:
            ledger = await ledgers.of_company(tx, **books.books.named)
        assert ledger is not None
        return (ledger.due_at - books.desk.clock()).total_seconds()

    books.desk.sage.faults.offline()
    waits = []
    for _ in range(3):
        await books.sync()
        waits.append(await wait())
    assert waits == [300, 600, 900]
    books.desk.sage.faults.clear()
    books.desk.sage.faults.next(status=429, headers={"Retry-After": "3000"})
    await books.sync()
    assert await wait() == 3000


async def test_doubled_syncs_tell_a_change_once(books, database_url):
    other = Database(database_url)
    told = Told()
    rival = mirror_of(books.desk, told, other)
    try:
        for _ in range(5):
            books.world.put_on_hold("ABS001")
            books.desk.clock.forward(seconds=300)
            await asyncio.gather(*(each.sync(**books.books.named) for each in (books.mirror, rival) * 3))
            books.world.release("ABS001")
            books.desk.clock.forward(seconds=300)
            await asyncio.gather(*(each.sync(**books.books.named) for each in (rival, books.mirror) * 3))
    finally:
        await other.close()
    assert len(books.told.news) + len(told.news) == 10
    assert await _count(books, SeenChange) == 10
    assert await _count(books, HoldEpisodeRow, HoldEpisodeRow.customer_id == 27828) == 5


async def test_who_lost_the_turn_writes_nothing_even_when_it_is_free_again(books):
    """It read the account on hold, slept, and meanwhile another saw the release."""
    desk = books.desk
    slow, told = mirror_of(desk, Told()), Told()
    quick = mirror_of(desk, told)
    desk.world.put_on_hold("ABS001")
    desk.sage.faults.delay(9, contains="/customers?")
    desk.clock.forward(seconds=300)
    sleeping = asyncio.create_task(slow.sync(**books.books.named))
    while not desk.sage.faults.waiting:
        await asyncio.sleep(0.01)
    desk.clock.forward(seconds=31)
    desk.world.release("ABS001")
    assert await quick.sync(**books.books.named)
    desk.sage.faults.clear()
    assert not await sleeping
    assert not (await books.seen("ABS001")).on_hold
    assert await _count(books, SeenChange) == 0


async def test_a_turn_is_held_by_one_and_falls_to_the_next_when_its_holder_dies(books):
    database, clock = books.desk.services.database, books.desk.clock
    async with lease.hold_lease("work", database=database, clock=clock) as mine:
        assert mine is not None
        async with lease.hold_lease("work", database=database, clock=clock) as theirs:
            assert theirs is None
        clock.forward(seconds=31)
        async with lease.hold_lease("work", database=database, clock=clock) as theirs:
            assert theirs is not None
        with pytest.raises(LeaseLost):
            async with database.transaction() as tx:
                await mine.extend(tx)


@pytest.fixture
async def more_than_a_page(database_url):
    async with open_desk(database_url, world=demo_world(1200)) as opened:
        yield await mirror_desk(opened)


async def test_a_bulk_hold_is_one_batch_and_told_once(more_than_a_page):
    await more_than_a_page.sync()
    held = more_than_a_page.world.bulk_hold(1100, "Year end")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await more_than_a_page.sync()
    await more_than_a_page.sync(after=60)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    (batch,) = more_than_a_page.told.published
    assert {each.change.customer.reference for each in batch} == set(held)
    assert {each.change.reason for each in batch} == {"Year end"}
    assert grown < 80
    await more_than_a_page.sync(after=3 * 3600)
    more_than_a_page.asked()
    await more_than_a_page.sync()
    assert more_than_a_page.asked() == FOR_CHANGES


async def test_a_bulk_hold_is_written_in_parts_between_which_others_have_their_turn(more_than_a_page):
    await more_than_a_page.sync()
    more_than_a_page.world.bulk_hold(1100, "Year end")
    written = []

    def sent(_connection, _cursor, statement, *_):
        if "INSERT INTO mirrored_customers" in statement:
            written.append(statement)

    for engine in engines(more_than_a_page.desk.services.database):
        event.listen(engine, "before_cursor_execute", sent)
    await more_than_a_page.sync()
    assert len(written) == 3


@pytest.mark.parametrize("customers", [50, 1000])
async def test_a_cycle_costs_what_its_changes_cost(database_url, customers):
    async with open_desk(database_url, world=demo_world(customers)) as desk:
        books = await mirror_desk(desk)
        await books.sync()
        await books.sync()
        accounts = list(desk.world.companies[0].customers.values())
        free = [row["reference"] for row in accounts if not row.get("on_hold")]
        held = [row["reference"] for row in accounts if row.get("on_hold")]
        desk.clock.forward(seconds=300)
        for reference in free[:3]:
            desk.world.put_on_hold(reference, "Late")
        for reference in held[:2]:
            desk.world.release(reference, "Paid")
        for reference in free[3:5]:
            desk.world.post_receipt(reference, 5)
        for reference in free[5:7]:
            desk.world.post_invoice(reference, 40)
        desk.world.place_order(free[7], 10)
        books.asked()
        await books.sync(after=0)
        assert books.asked() == [*FOR_CHANGES, "customer_views", "sales_transaction_views", "customers"]
        assert len(books.told.news) == 5
        assert (await books.seen(free[7])).open_orders >= 10
        await books.sync()
        books.asked()
        await books.sync()
        assert books.asked() == FOR_CHANGES


async def test_more_changes_than_a_question_names_are_read_in_pages(more_than_a_page):
    """A hundred accounts and a receipt: not three questions by id, but one page, and one question for the rest."""
    books = more_than_a_page
    await books.sync()
    await books.sync()
    paid = [row["reference"] for row in books.world.companies[0].customers.values() if not row.get("on_hold")][-1]
    books.desk.clock.forward(seconds=300)
    books.world.bulk_hold(100, "Year end")
    books.world.post_receipt(paid, 5)
    before = (await books.seen(paid)).balance
    books.asked()
    await books.sync(after=0)
    # The times of change, the page, and who paid.
    assert books.asked().count("customer_views") == 3
    assert len(books.told.news) == 100
    assert (await books.seen(paid)).balance == before - 5
