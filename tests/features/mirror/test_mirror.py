"""What the mirror finds, once each, in the simulated Sage."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from bot.domain.changes import ChangeKind
from storage.queries.mirror import hold_episodes as episodes
from storage.queries.mirror import row_counts
from storage.statements import table_of
from tests.features.mirror.synced_companies import mirror_desk


@pytest.fixture
async def books(desk, mirrored):
    return await mirror_desk(desk)


async def test_the_first_reading_tells_nothing_and_knows_everybody(books):
    state = await books.mirror.state(**books.books.named)
    assert state is not None
    assert (state.customers, state.synced_at, state.trouble) == (28, books.desk.clock(), "")
    assert books.told.published == books.told.reports == []
    abs_garages = await books.seen("abs001")
    assert (abs_garages.balance, abs_garages.analysis[2]) == (Decimal("2464.16"), "George")
    assert abs_garages.average_days_to_pay == 319


@pytest.mark.on("postgresql")
async def test_after_a_first_reading_postgresql_knows_how_large_its_tables_are(desk):
    books = await mirror_desk(desk)
    for _ in range(2):
        assert await books.sync()
    names = [table_of(model).name for model in (*row_counts.CUSTOMERS, *row_counts.ITEMS)]
    async with books.desk.services.database.reading() as tx:
        asked = text("SELECT relname, reltuples FROM pg_class WHERE relname = ANY(:names)")
        known = dict(iter(await tx.execute(asked, {"names": names})))
    assert known["mirrored_customers"] == 28
    assert known["open_items"] == 74
    assert min(known.values()) >= 0  # -1 is what it has never counted


async def test_who_was_on_hold_before_has_an_episode_and_its_reason(books):
    held = await books.seen("HOL001")
    assert held.status_reason == "Cheque returned 3 March"
    async with books.desk.services.database.reading() as tx:
        (episode,) = await episodes.of_customer(tx, **books.books.named, customer_id=held.id)
    assert (episode.already_held, episode.reason) == (True, "Cheque returned 3 March")


async def test_nothing_changed_nothing_told(books):
    for _ in range(3):
        assert await books.sync()
    assert books.told.published == books.told.reports == []


@pytest.mark.parametrize("bumps", [False, True])
async def test_each_kind_of_change_is_found_once(books, bumps):
    world, books.told.wanted = books.world, frozenset({80})
    world.balance_bumps_customer = world.orders_bump_customer = bumps
    await books.sync()
    world.put_on_hold("ABS001", "Cheque bounced")
    world.release("LEG001", "Paid in full")
    world.post_invoice("EDG001", 10)
    world.post_receipt("OVE001", 1000)
    world.post_receipt("HOL001", 100)
    world.place_order("HOL002", 60, override=True)
    world.post_invoice("TWI001", 850)
    for _ in range(4):
        await books.sync(after=45)
    assert sorted(books.told.news) == [
        (ChangeKind.BACK_UNDER_LIMIT, "OVE001"),
        (ChangeKind.ORDER_WHILE_HELD, "HOL002"),
        (ChangeKind.OVER_LIMIT, "EDG001"),
        (ChangeKind.OVERDUE_PAID, "HOL001"),
        (ChangeKind.OVERDUE_PAID, "OVE001"),
        (ChangeKind.PAID_WHILE_HELD, "HOL001"),
        (ChangeKind.PUT_ON_HOLD, "ABS001"),
        (ChangeKind.RELEASED, "LEG001"),
        (ChangeKind.UTILISATION, "TWI001"),
    ]
    (batch,) = books.told.published
    reasons = {each.change.customer.reference: each.change.reason for each in batch}
    assert (reasons["ABS001"], reasons["LEG001"]) == ("Cheque bounced", "Paid in full")


async def test_a_hold_opens_an_episode_and_its_release_closes_the_same(books):
    books.world.put_on_hold("ABS001", "Cheque bounced")
    await books.sync()
    books.world.release("ABS001", "Cleared")
    await books.sync()
    held, released = (batch[0] for batch in books.told.published)
    assert held.episode_id == released.episode_id
    async with books.desk.services.database.reading() as tx:
        (episode,) = await episodes.of_customer(tx, **books.books.named, customer_id=27828)
        rows = await episodes.changes_since(tx, **books.books.named, since=held.seen_at)
    assert (episode.id, episode.reason, episode.ending) == (held.episode_id, "Cheque bounced", "Cleared")
    assert episode.closed_at - episode.opened_at == timedelta(minutes=5)
    assert [(row.kind, row.id) for row in rows] == [("put_on_hold", held.id), ("released", released.id)]


async def test_changes_with_one_and_the_same_time_are_all_found(books):
    books.world.put_on_hold("ABS001")
    await books.sync(after=0)
    books.world.put_on_hold("NOR001")  # stamped as the last one that was read
    await books.sync(after=0)
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001"), (ChangeKind.PUT_ON_HOLD, "NOR001")]


async def test_a_change_committed_late_is_found(books):
    books.world.put_on_hold("NOR001")
    stamp = books.desk.clock()
    await books.sync(after=30)
    row = books.world.companies[0].row("ABS001")
    row.update(on_hold=True, date_time_updated=stamp - timedelta(seconds=20))
    await books.sync(after=30)
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "NOR001"), (ChangeKind.PUT_ON_HOLD, "ABS001")]


@pytest.mark.parametrize("hours", [-48, -1, 1])
async def test_a_sage_whose_clock_is_wrong_is_read_as_well(desk, connected, hours):
    books = await mirror_desk(desk)
    books.world.clock = lambda: desk.clock() + timedelta(hours=hours)
    books.world.put_on_hold("NOR001")
    await books.sync()
    for _ in range(3):
        await books.sync()
    books.world.put_on_hold("ABS001")
    await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]
    books.asked()
    await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


@pytest.mark.parametrize("minutes", [30, 45, 60])
async def test_a_clock_of_sage_that_is_put_right_hides_nothing(desk, connected, minutes):
    """Ahead while somebody changes an account, or summer time until it ends: what comes then is stamped earlier."""
    books = await mirror_desk(desk)
    await books.sync()
    books.world.clock = lambda: desk.clock() + timedelta(minutes=minutes)
    desk.clock.forward(minutes=5)
    books.world.update("BIG001", city="Leeds")
    await books.sync(after=0)
    books.world.clock = desk.clock
    references = ["ABS001", "EDG001", "PEN001"]
    for reference in references:
        desk.clock.forward(minutes=7)
        books.world.put_on_hold(reference)
        await books.sync(after=0)
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, reference) for reference in references]


async def test_a_database_of_sage_that_was_restored_is_read_from_its_own_day(books):
    """Every stamp is days below the watermark; the nightly reading brings the watermark down to them."""
    books.desk.clock.forward(hours=72)
    books.world.update("BIG001", city="Leeds")
    await books.sync()
    for row in books.world.companies[0].customers.values():
        row["date_time_updated"] = books.desk.clock() - timedelta(hours=72)
    books.world.clock = lambda: books.desk.clock() - timedelta(hours=72)
    assert await books.reconcile()
    books.world.put_on_hold("ABS001")
    await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


async def test_a_stamp_far_in_the_future_hides_nothing(books):
    row = books.world.companies[0].row("NOR001")
    row["date_time_updated"] = books.desk.clock() + timedelta(days=900)
    await books.sync()
    books.world.put_on_hold("ABS001")
    await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


async def test_a_new_account_is_no_news_and_is_known(books):
    books.world.add(reference="NEW001", name="New Ltd", on_hold=True)
    await books.sync()
    assert books.told.published == []
    assert (await books.seen("NEW001")).on_hold


async def test_a_deletion_is_found_by_the_nightly_reading(books):
    books.world.remove("HOL001")
    books.world.remove("TWI002")
    await books.sync()
    assert (await books.seen("HOL001")) is not None
    assert await books.reconcile()
    assert books.told.news == [(ChangeKind.RELEASED, "HOL001")]
    assert await books.seen("HOL001") is None
    assert await books.seen("TWI002") is None
    assert await books.reconcile()
    assert len(books.told.news) == 1


async def test_drift_is_found_by_the_nightly_reading(books):
    books.world.companies[0].row("NOR001")["on_hold"] = True
    await books.sync()
    assert books.told.news == []
    await books.reconcile()
    await books.reconcile()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "NOR001")]


async def test_an_empty_ledger_overnight_is_not_believed(books):
    books.desk.sage.faults.next(status=200, body="[]", contains="id gt 0&$orderby=id asc&$top=1000")
    customers = dict(books.world.companies[0].customers)
    for reference in [row["reference"] for row in customers.values()]:
        books.world.remove(reference)
    assert not await books.reconcile()
    assert books.told.news == []
    assert (await books.seen("ABS001")) is not None


async def test_an_empty_company_is_mirrored_and_its_first_customer_noticed(desk, connected):
    world = desk.world
    for reference in [row["reference"] for row in world.companies[0].customers.values()]:
        world.remove(reference)
    books = await mirror_desk(desk)
    await books.sync()
    assert await books.reconcile()
    world.add(reference="NEW001", name="New Ltd")
    await books.sync()
    assert (await books.seen("NEW001")).name == "New Ltd"


async def test_an_answer_wrapped_in_value_is_the_same(books):
    books.desk.sage.wrapped = True
    books.world.put_on_hold("ABS001")
    await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


async def test_a_row_that_cannot_be_read_costs_neither_the_others_nor_itself(books):
    books.world.companies[0].row("NOR001")["reference"] = ""
    books.world.put_on_hold("ABS001")
    await books.sync()
    await books.reconcile()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]
    assert await books.seen("NOR001") is not None
