"""The mirror of sites and roles that lack something, of two workspaces, and of changing sign-ins."""

from __future__ import annotations

import pytest

from bot.domain.changes import ChangeKind
from bot.jobs.tasks import Finders
from storage.queries.mirror import mirror_state as ledgers
from tests.features.mirror.synced_companies import Told, mirror_desk, mirror_of


@pytest.fixture
async def books(desk, mirrored):
    return await mirror_desk(desk)


async def test_an_old_site_is_read_as_a_whole_every_quarter_of_an_hour(desk, connected):
    desk.world.companies[0].old_site = True
    books = await mirror_desk(desk)
    await books.sync()
    desk.world.put_on_hold("ABS001")
    await books.sync(after=899)
    assert books.told.news == []
    assert await books.mirror.due_reconciles(most=5) == []
    desk.clock.forward(seconds=1)
    assert await books.mirror.due_reconciles(most=5) == [(books.books.workspace_id, books.books.company_pk)]
    await books.reconcile(after=0)
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]
    assert books.told.reports == []
    desk.world.companies[0].old_site = False
    await books.reconcile(after=900)
    desk.world.put_on_hold("NOR001")
    await books.sync()
    assert books.told.news[1:] == [(ChangeKind.PUT_ON_HOLD, "NOR001")]


async def test_an_old_site_whose_first_reading_was_killed_is_read_as_a_whole_all_the_same(desk, connected):
    desk.world.companies[0].old_site = True
    books = await mirror_desk(desk)
    desk.sage.faults.next(status=503, contains="/customers?")
    desk.sage.faults.next(status=503, contains="/customers?")
    made = Told()
    assert await mirror_of(desk, made).sync(**books.books.named)
    async with desk.services.database.transaction() as tx:
        await ledgers.note(tx, **books.books.named, phase="initial_load")
    assert await mirror_of(desk, made).sync(**books.books.named)
    desk.clock.forward(minutes=15)
    assert await books.mirror.due_reconciles(most=5)


async def test_a_site_that_has_the_field_of_change_times_and_fills_it_for_nobody_is_read_as_a_whole(desk, connected):
    for row in desk.world.companies[0].customers.values():
        row["date_time_updated"] = None
    books = await mirror_desk(desk)
    assert await books.sync()
    desk.world.companies[0].row("ABS001")["on_hold"] = True
    assert await books.sync(after=900)
    assert await books.mirror.due_reconciles(most=5) == [(books.books.workspace_id, books.books.company_pk)]
    assert await books.reconcile(after=0)
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


async def test_one_customer_without_a_time_of_change_costs_the_others_nothing(desk, connected):
    desk.world.companies[0].row("EDG001")["date_time_updated"] = None
    books = await mirror_desk(desk)
    assert await books.sync()
    desk.world.put_on_hold("ABS001")
    assert await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


async def test_a_right_that_was_given_later_is_used(desk, connected):
    for path in ("sales_transaction_views", "sales_transaction_views"):
        desk.sage.faults.next(status=403, contains=path)
    books = await mirror_desk(desk)
    await books.sync()
    desk.sage.faults.clear()
    await books.reconcile()
    desk.world.post_receipt("HOL001", 100)
    await books.sync()
    assert books.told.news == [(ChangeKind.PAID_WHILE_HELD, "HOL001")]


async def test_missing_resources_are_done_without(books):
    for path in ("sales_transaction_views", "sop_orders", "/customers?"):
        books.desk.sage.faults.next(status=404, times=99, contains=path)
    books.world.put_on_hold("ABS001", "Cheque bounced")
    assert await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]


async def test_two_workspaces_on_the_same_books_share_nothing(desk, connected):
    ours = await mirror_desk(desk)
    theirs = await mirror_desk(desk, team_id="T0OTHER")
    assert ours.books != theirs.books
    await ours.sync()
    assert await theirs.seen("ABS001") is None
    await theirs.sync()
    desk.world.put_on_hold("ABS001")
    await ours.sync()
    assert (ours.told.news, theirs.told.news) == ([(ChangeKind.PUT_ON_HOLD, "ABS001")], [])
    await theirs.sync()
    assert theirs.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]
    crossed = {"workspace_id": ours.books.workspace_id, "company_pk": theirs.books.company_pk}
    assert await ours.mirror.customer(**crossed, reference="ABS001") is None
    assert not await ours.mirror.sync(**crossed)


async def test_a_company_is_mirrored_when_the_workspaces_own_sign_in_points_at_it(desk):
    mirror = mirror_of(desk, Told())
    await desk.sign_in(desk.asker(), "george@example.test")
    await mirror.ensure(most=10)
    assert await mirror.due(most=10) == []
    books = await mirror_desk(desk)
    assert await mirror.due(most=10) == [(books.books.workspace_id, books.books.company_pk)]
    await desk.services.installations.uninstall("T0ACME", now=desk.clock())
    assert await mirror.due(most=10) == []


class AtOnce:
    """A dispatch that does each job where it is found."""

    def __init__(self, tasks) -> None:
        self.tasks = tasks

    async def defer(self, *jobs) -> None:
        for job in jobs:
            await self.tasks.run(job)


async def test_the_jobs_find_and_do_it_all(books):
    desk = books.desk
    desk.clock.forward(days=1)
    finders = Finders(desk.services, AtOnce(desk.product.tasks))
    await finders.syncs()
    await finders.reconciles()
    assert (await books.mirror.state(**books.books.named)).reconciled_at == desk.clock()
    assert await books.mirror.due(most=10) == []
