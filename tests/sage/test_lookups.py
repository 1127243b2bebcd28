from __future__ import annotations

import pytest

from bot.errors import (
    SageUnreadable,
)
from tests.sage.stand_in import StandIn, reply


def lookups(*pages):
    return StandIn({"/lookup_customers": [reply([*page]) for page in pages]})


def names(*ids):
    return [{"id": id_, "reference": f"R{id_}", "name": f"Name {id_}"} for id_ in ids]


async def test_one_question_finds_customers_by_any_of_their_names():
    stand_in = lookups(names(2, 1))
    async with stand_in.client() as sage:
        assert [name.id for name in await sage.find("o'brien & sons")] == [2, 1]
    (url,) = stand_in.asked
    assert (url.params["$top"], url.params["$orderby"]) == ("26", "name asc")
    assert "contains(name,'o''brien & sons')" in url.params["$filter"]
    assert b"+" not in url.raw_path


async def test_no_more_are_found_than_were_asked_for():
    async with lookups(names(*range(10))).client() as sage:
        assert len(await sage.find("name", most=4)) == 4


async def test_words_longer_than_any_name_find_nobody_without_a_question():
    stand_in = lookups(names(1))
    async with stand_in.client() as sage:
        assert await sage.find("x" * 61) == []
    assert stand_in.asked == []


async def test_every_name_is_read_page_by_page():
    first, second = names(*range(1, 5001)), names(*range(5001, 5101))
    stand_in = lookups(first, second)
    async with stand_in.client() as sage:
        assert [name.id for name in await sage.names()] == list(range(1, 5101))
    assert stand_in.filters() == ["id gt 5000"]
    assert {(url.params["$orderby"], url.params["$top"]) for url in stand_in.asked} == {("id asc", "5000")}


async def test_a_server_with_smaller_pages_of_its_own_still_gives_every_name():
    async with lookups(names(*range(500)), names(*range(500, 1000)), []).client() as sage:
        assert len(await sage.names()) == 1000


async def test_an_empty_ledger_has_no_names():
    stand_in = lookups([])
    async with stand_in.client() as sage:
        assert await sage.names() == []
    assert len(stand_in.asked) == 1


@pytest.mark.parametrize("pages", [[names(*range(500))], [names(2, 1)], [names(*range(500)), names(499)]])
async def test_a_server_that_overlooks_the_filter_or_the_order_is_not_believed(pages):
    async with lookups(*pages).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.names()


async def test_labels_are_read_for_customers():
    mapping = {"class_name": "Sage.Accounting.SalesLedger.Customer", "slot": 1, "friendly_property_name": "Region"}
    async with StandIn({"/analysis_code_mappings": reply({"value": [mapping]})}).client() as sage:
        assert await sage.analysis_labels() == {1: "Region"}


async def test_names_that_cannot_be_read_cost_none_of_the_others():
    found = [*names(*range(500)), {"id": 500, "name": "No reference"}]
    async with lookups(found, names(501)).client() as sage:
        assert [name.id for name in await sage.names()] == [*range(500), 501]
    async with lookups([*names(1), {"id": 2}]).client() as sage:
        assert [name.id for name in await sage.find("any")] == [1]
    async with lookups([{"id": 2}]).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.find("any")
