"""A large ledger is read page by page, whatever happens to it meanwhile."""

from sandbox.sage200 import demo_world
from tests.sandbox.sage.fixtures import Sandbox


async def pages(sandbox, *, top=100, between=lambda: None, more=""):
    last, found = 0, []
    while True:
        answer = await sandbox.asked(
            "customer_views", filter=f"{more}id gt {last}", orderby="id asc", top=str(top), select="id,reference"
        )
        rows = answer.json()
        found += [row["reference"] for row in rows]
        if len(rows) < top:
            return found
        last = rows[-1]["id"]
        between()


async def test_every_account_comes_once_in_the_order_of_ids():
    sandbox = Sandbox(world=demo_world(730))
    ledger = sandbox.world.companies[0].customers
    assert await pages(sandbox) == [row["reference"] for _, row in sorted(ledger.items())]


async def test_a_ledger_that_shrinks_while_it_is_read_loses_nobody_else():
    sandbox = Sandbox(world=demo_world(250))
    references = await pages(sandbox)
    removed = iter([references[3], references[-1]])
    found = await pages(sandbox, between=lambda: sandbox.world.remove(next(removed)))
    assert found == references[:-1]


async def test_an_account_put_back_under_an_earlier_id_stands_in_its_place():
    sandbox = Sandbox()
    ledger = sandbox.world.companies[0].customers
    row = ledger.pop(27830)
    assert await sandbox.references(filter="id ge 27829 and id le 27831") == ["ABS002", "ZER001"]
    ledger[27830] = row
    assert await sandbox.references(filter="id ge 27829 and id le 27831") == ["ABS002", "NOR001", "ZER001"]
    assert await sandbox.references(filter="id lt 27831 and id gt 27828", orderby="id desc") == ["NOR001", "ABS002"]


async def test_changes_since_a_moment_are_paged_by_id_too():
    sandbox = Sandbox(world=demo_world(300))
    sandbox.clock.advance(400 * 86400)
    sandbox.world.put_on_hold("ABS001")
    since = "date_time_updated ge 2026-01-01T00:00:00Z and "
    assert await pages(sandbox, top=1, more=since) == ["ABS001"]


async def test_bounds_that_leave_nothing_over_give_an_empty_page():
    assert await Sandbox().references(filter="id gt 27900 and id lt 27829") == []
    assert await Sandbox().references(filter="id gt 27828.5 and id lt 27829.5") == ["ABS002"]


async def test_a_bound_inside_an_or_is_no_bound():
    found = await Sandbox().references(filter="(id gt 27853 or reference eq 'ABS001') and id lt 27900")
    assert found == ["ABS001", "PLU001"]
