"""Looking through the mirror for what somebody's words may mean, on both databases."""

from __future__ import annotations

import pytest

from bot.domain.folding import same
from storage.queries.mirror import mirror_search
from storage.queries.mirror import mirrored_customers as mirror
from tests.storage.test_mirrored_customers import customer
from tests.storage.test_open_items import plan

ROWS = (
    ("ABS001", "ABS Garages Ltd", "ABSGar", "NE4 7JB"),
    ("ABS002", "abs FLEET", "", "NE47JB"),
    ("PLU001", "50% Off + More_x #1", "", ""),
    ("PLU002", "500 Off", "", "EH1 1YZ"),
    ("MUN001", "MÜNCHEN GmbH", "", ""),
)


@pytest.fixture
async def find(database, both, now):
    ours, theirs = both
    async with database.transaction() as tx:
        for books, start in ((ours, 1), (theirs, 101)):
            named = [dict(zip(("reference", "name", "short_name", "postcode"), row, strict=True)) for row in ROWS]
            await mirror.write(tx, [customer(start + n, books, now=now, **row) for n, row in enumerate(named)])

    async def find(words, **more):
        async with database.reading() as tx:
            found = await mirror_search.find(tx, **{**ours, **more}, words=same(words))
        return [(each.reference, each.customer_id < 100) for each in found]

    async def suggest(words, **more):
        async with database.reading() as tx:
            return [each.reference for each in await mirror_search.suggested(tx, **ours, words=same(words), **more)]

    find.ours, find.theirs, find.suggest = ours, theirs, suggest
    return find


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("garages", ["ABS001"]),
        ("abs", ["ABS001", "ABS002"]),
        ("ABSGAR", ["ABS001"]),
        ("ne4 7jb", ["ABS001", "ABS002"]),
        ("ne47jb", ["ABS001", "ABS002"]),
        ("n e4 7J B", ["ABS001", "ABS002"]),
        ("50%", ["PLU001"]),
        ("more_", ["PLU001"]),
        ("münchen", ["MUN001"]),
        ("'; drop table x", []),
        ("\\", []),
    ],
)
async def test_words_find_the_customers_of_one_company(find, words, references):
    found = await find(words)
    assert sorted(reference for reference, _ in found) == references
    assert all(ours for _, ours in found)


async def test_a_company_of_another_workspace_is_not_looked_through(find):
    assert await find("garages", workspace_id="id-of-T2") == []
    assert await find("garages", **find.theirs) == [("ABS001", False)]


async def test_a_menu_has_references_then_postcodes_that_begin_so_and_else_names(find):
    assert await find.suggest("abs") == ["ABS001", "ABS002"]
    assert (
        await find.suggest("ne4") == await find.suggest("NE4 7") == await find.suggest("ne47jb") == ["ABS001", "ABS002"]
    )
    assert await find.suggest("eh1") == ["PLU002"]
    assert await find.suggest("garages 7jb") == ["ABS001"]
    assert await find.suggest("50%") == await find.suggest("50% off") == ["PLU001"]
    assert await find.suggest("ne4", codes=[{2: ("aisha",)}]) == []


async def test_beginnings_are_read_by_index(database, find):
    postcodes = await plan(database, lambda tx: mirror_search.suggested(tx, words="ne4", **find.ours))
    # Of so few rows PostgreSQL reads all: compared in the order of the index, it is found there where there are many.
    assert "postcode_key>?" in postcodes or "((postcode_key)::text ~>=~ 'ne4'::text) AND" in postcodes
