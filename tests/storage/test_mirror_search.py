"""Looking through the mirror for what somebody's words may mean, on both databases."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import event, select, text

from bot.domain.text.folding import same
from storage.queries import personal_data
from storage.queries.mirror import mirror_search, name_words
from storage.queries.mirror import mirrored_customers as mirror
from storage.queries.mirror.customer_condition import CodeIn, sets_with
from storage.tables.alerts import CustomerWordRow, NameWordRow
from tests.counting import database_cost, engines
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


@pytest.mark.parametrize("column", ["name", "short_name"])
async def test_of_a_row_that_was_just_read_only_another_name_costs_statements_for_words(database, find, now, column):
    def row(**more):
        return customer(1, find.ours, now=now, reference="ABS001", **{"name": "ABS Ltd", "short_name": "", **more})

    async with database.transaction() as tx:
        await mirror.write(tx, [row(**{column: "Zebra"})])
        stored = await mirror.with_ids(tx, **find.ours, ids=[1])
        with database_cost(database) as named_alike:
            await mirror.write(tx, [row(**{column: "Zebra"}, on_hold=True)], stored=stored)
        with database_cost(database) as named_anew:
            await mirror.write(tx, [row(**{column: "Okapi"})], stored=stored)
    assert (await find("zebra"), await find("okapi")) == ([], [("ABS001", True)])
    assert named_alike.statements == 2 < named_anew.statements  # which codes are there, and the row


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


@pytest.mark.parametrize("words", ["abs", "garages"])
async def test_sqlite_opens_no_row_of_a_company_but_those_that_were_found(database, find, words):
    """An index that has all that is asked may be read in order; from any other each row is opened."""
    how = await plan(database, lambda tx: mirror_search.suggested(tx, words=words, **find.ours))
    opening = [line for line in how.split("\n") if "mirrored_customers USING INDEX" in line]
    assert [line for line in opening if "(company_pk=?)" in line] == []


FIRST, LAST = ("Ash", "Bal", "Beck", "O'", "Sol"), ("bury", "field", "and", "ltdon", "ihull", "4u")
TRADES = ("Garages", "Motors & Sons", "Ltd", "of Hull", "3M Co.", "(UK) Limited", "Landscapes")


def _many(count):
    chosen = random.Random(7)
    for _ in range(count):
        place = f"{chosen.choices(FIRST, (9, 1, 1, 1, 1))[0]}{chosen.choice(LAST)}"
        name = f"{place} {chosen.choice(TRADES)} {chosen.choice(('', 'Ltd', 'LLP'))}"
        short = chosen.choice(("", name[:5], f"X{chosen.randint(1, 99)}"))
        reference = f"{name[:3]}{chosen.randint(1, 400):03}"
        postcode = chosen.choice(("", f"NE{chosen.randint(1, 30)} {chosen.randint(1, 9)}AB"))
        yield {"reference": reference, "name": name.strip(), "short_name": short, "postcode": postcode}


def _fits(row, word):
    name, short, postcode = same(row["name"]), same(row["short_name"]), same(row["postcode"]).replace(" ", "")
    anywhere = word in name if len(word) >= 3 else any(each.startswith(word) for each in name.split())
    digit = any(sign.isdigit() for sign in word)
    return anywhere or short.startswith(word) or (digit and word in postcode)


async def test_few_customers_are_opened_and_the_ones_found_are_those_of_every_name(database, both, now):
    ours, _ = both
    rows = list(_many(1_200))
    async with database.transaction() as tx:
        await mirror.write(tx, [customer(n, ours, now=now, **row) for n, row in enumerate(rows, 1)])
        # As a server does by itself within a minute. Ours doesn't, and without statistics it plans for a handful of
        # customers: each of these words then takes it seconds.
        await tx.execute(text("analyze"))
    async with database.reading() as tx:
        for words in (
            "bury",
            "ash garages",
            "ltd",
            "an",
            "o'",
            "4u",
            "x1",
            "7ab",
            "7ab bal",
            "of hull",
            "zzz",
            "and 3m",
        ):
            meant = {row["reference"] for row in rows if all(_fits(row, word) for word in words.split())}
            found = await mirror_search.suggested(tx, **ours, words=words, limit=1_200)
            begins = {each.reference for each in found if each.reference.lower().startswith(words)}
            assert {each.reference for each in found} - begins == meant - begins, words
        for words in ("bury gar", "ashbury garages", "ltd", "ons", "x1", "ash", "d", "zzz", "s & s"):
            meant = {row["reference"] for row in rows if words in same(row["name"]) or words == same(row["short_name"])}
            meant |= {row["reference"] for row in rows if row["reference"].lower().startswith(words)}
            found = await mirror_search.find(tx, **ours, words=words, limit=1_200)
            assert {each.reference for each in found} == meant, words


async def test_references_that_begin_alike_are_read_from_their_index_and_of_one_workspace(find, database):
    ours, theirs = find.ours, find.theirs
    stem = {"stem": "abs", "limit": 9}
    async with database.reading() as tx:
        assert set(await mirror_search.references_beginning(tx, **ours, **stem)) == {"abs001", "abs002"}
        crossed = {**theirs, "company_pk": ours["company_pk"]}
        assert await mirror_search.references_beginning(tx, **crossed, **stem) == []
    how = await plan(database, lambda tx: mirror_search.references_beginning(tx, **ours, **stem))
    assert "COVERING INDEX ix_mirrored_customers_company_pk_reference_key" in how or "Index Only Scan" in how


async def test_a_reps_sets_are_found_by_their_values(find, database):
    sets = sets_with(find.ours["company_pk"], [CodeIn(2, ("george",)), CodeIn(3, ("north",))])
    how = await plan(database, lambda tx: tx.execute(sets))
    assert how.count("SEARCH code_values USING PRIMARY KEY (company_pk=? AND slot=? AND value_key=?)") == 2 or (
        "pk_code_values" in how
    )


async def test_however_many_sets_a_rep_has_they_are_one_value(database, both, now):
    ours, _ = both
    async with database.transaction() as tx:
        codes = [{"analysis": {"2": f"O'Rep {n}"}, "analysis_keys": {"2": f"o'rep {n}"}} for n in range(40)]
        await mirror.write(
            tx, [customer(n + 1, ours, now=now, name=f"Acme {n}", **each) for n, each in enumerate(codes)]
        )

    async def asked(count):
        sent, everyone = [], [{2: [f"o'rep {n}" for n in range(count)]}]

        def note(_connection, _cursor, _sql, values, *_):
            sent.append(len(values))

        for engine in engines(database):
            event.listen(engine, "before_cursor_execute", note)
        async with database.reading() as tx:
            found = await mirror_search.suggested(tx, **ours, words="acme", codes=everyone, limit=50)
        for engine in engines(database):
            event.remove(engine, "before_cursor_execute", note)
        return len(found), sent[1:]

    (one, of_one), (many, of_many) = await asked(1), await asked(40)
    assert (one, many) == (1, 40)
    assert of_one == of_many


async def _words(tx, model):
    return {row.word for row in await tx.scalars(select(model))}


async def test_words_come_and_go_with_names(database, both, now):
    ours, theirs = both

    async def kept(tx):
        found = [await _words(tx, model) for model in (NameWordRow, CustomerWordRow)]
        assert found[0] == found[1]
        return found[0]

    async with database.transaction() as tx:
        await mirror.write(
            tx, [customer(1, ours, now=now, name="Abbey Motors Ltd"), customer(2, ours, now=now, name="Abbey")]
        )
        await mirror.write(tx, [customer(1, theirs, now=now, name="Theirs")])
        assert await kept(tx) == {"abbey", "motors", "theirs"}
        await mirror.write(tx, [customer(1, ours, now=now, name="Abbey Garages", short_name="AG")])
        await name_words.forget_unused(tx, **ours)
        assert await kept(tx) == {"abbey", "garages", "ag", "theirs"}
        await personal_data.erase_customer(tx, **ours, customer_id=1, reference="REF1")
        assert await kept(tx) == {"abbey", "theirs"}
        await mirror.remove(tx, **ours, ids=[2])
        assert await kept(tx) == {"theirs"}
        await personal_data.drop_copy(tx, **theirs)
        assert await kept(tx) == set()
