"""Looking through the mirror for what somebody's words may mean, on both databases."""

from __future__ import annotations

import pytest

from bot.domain.folding import same
from storage.queries.mirror import mirror_search
from storage.queries.mirror import mirrored_customers as mirror
from tests.storage.test_mirrored_customers import customer

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

    find.theirs = theirs
    return find


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("garages", ["ABS001"]),
        ("abs", ["ABS001", "ABS002"]),
        ("ABSGAR", ["ABS001"]),
        ("ne4 7jb", ["ABS001", "ABS002"]),
        ("ne47jb", ["ABS001", "ABS002"]),
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
