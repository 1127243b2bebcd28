"""What compiled statements may take, however many shapes and lengths people's filters have."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest

from storage.compiled_statements import CompiledStatements
from storage.database import Database
from storage.queries.mirror import held_accounts
from storage.queries.mirror.customer_condition import CodeIn, CustomerCondition
from tests.dialects import compiled_statements_of_their_own


def compiled(characters):
    return SimpleNamespace(string="x" * characters)


@pytest.fixture
async def fresh(database_url):
    with compiled_statements_of_their_own():
        opened = Database(database_url)
    yield opened
    await opened.close()


async def test_each_shape_of_a_filter_counts_by_its_length(fresh):
    kept = fresh._reader.sync_engine.get_execution_options()["compiled_cache"]
    lengths = [0]
    for conditions in (1, 2, 10, 10):
        wanted = CustomerCondition(all_of=[CodeIn(1, ["north"])] * conditions)
        async with fresh.reading() as tx:
            await held_accounts.totals(tx, workspace_id="w", company_pk=1, wanted=wanted)
        lengths.append(kept.characters)
    one, two, ten, again = (after - before for before, after in pairwise(lengths))
    assert again == 0 < two < ten - one
    assert len(kept) == 3


async def test_every_engine_keeps_its_compiled_statements_so(fresh):
    engines = (fresh._writer.sync_engine, fresh._reader.sync_engine, fresh._glancer.sync_engine, fresh._looker)
    for engine in filter(None, engines):
        assert isinstance(engine.get_execution_options()["compiled_cache"], CompiledStatements)


def test_however_many_and_long_they_are_they_take_no_more_than_so_much():
    kept = CompiledStatements(10_000)
    for number in range(1_000):
        kept[number] = compiled(number)
        assert kept.characters <= 10_000
    assert 0 < len(kept) < 20


def test_the_longest_unused_go_first():
    kept = CompiledStatements(100)
    for name in "abcd":
        kept[name] = compiled(25)
    assert kept.get("a") is not None
    kept["e"] = compiled(25)
    assert [name for name in "abcde" if kept.get(name)] == ["a", "d", "e"]
    assert kept.characters == 75


def test_one_that_is_too_long_is_not_kept():
    kept = CompiledStatements(100)
    kept["short"] = compiled(10)
    kept["long"] = compiled(101)
    assert (len(kept), kept.characters, kept.get("long")) == (0, 0, None)


def test_one_that_is_compiled_again_counts_once():
    kept = CompiledStatements(100)
    kept["a"] = compiled(10)
    kept["a"] = compiled(30)
    assert (len(kept), kept.characters) == (1, 30)
