"""Odd rows of Sage cost themselves: not their list, not their page, not the reading of the company."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import structlog

from bot.errors import SageSignInRefused, SageUnreadable
from bot.features.account_detail.model import AgeBy
from bot.sage.decoding.readable import keyset_page, one_by_one
from tests.sage.stand_in import COMPANY, OTHER_COMPANY, PROFESSIONAL, StandIn, reply, site

SINCE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOOD = {"id": 1, "reference": "ABS001", "name": "ABS Garages Ltd", "account_is_on_hold": False}
ODD = [
    {**GOOD, "id": 2, "reference": None},
    {**GOOD, "id": 2, "credit_limit": "plenty"},
    {**GOOD, "id": 2, "balance": True},
    {**GOOD, "id": 2, "next_credit_review": "31/02/2026"},
    {**GOOD, "id": 2, "account_is_on_hold": "yes"},
    {"id": 2, "reference": "X", "name": "No hold"},
    {**GOOD, "id": None},
    {**GOOD, "id": "two"},
    None,
    "a text",
    [],
]


def customers(*rows):
    return StandIn({"/customer_views": reply(list(rows)), "/lookup_customers": reply(list(rows))})


@pytest.mark.parametrize("odd", ODD)
async def test_a_page_is_read_without_its_odd_row_wherever_it_stands(odd):
    last = {**GOOD, "id": 3, "reference": "NOR001"}
    for rows in ([GOOD, odd, last], [odd, {**GOOD, "id": 3}, {**last, "id": 4}], [GOOD, last, None]):
        async with customers(*rows).client() as sage:
            page = await sage.ledger().customers_after(0)
        assert [each.reference for each in page.customers] == ["ABS001", "NOR001"]
        assert page.is_last


async def test_a_customer_given_twice_is_one():
    rows = [GOOD, {**GOOD, "contact_name": "Another"}, {**GOOD, "id": 3, "reference": "NOR001"}]
    async with customers(*rows).client() as sage:
        page = await sage.ledger().customers_after(0)
        assert [each.id for each in page.customers] == [each.id for each in await sage.names()] == [1, 3]
        assert [each.id for each in await sage.find("any")] == [1, 3]
        assert [each.id for each in (await sage.ledger().customers_with_ids([1, 3])).customers] == [1, 3]
    async with customers(GOOD, {**GOOD, "credit_limit": "plenty"}).client() as sage:
        assert (await sage.ledger().customers_after(0)).unread == frozenset()
        found = await sage.customer("ABS001")
    assert found is not None
    assert found.id == 1


async def test_a_full_page_goes_on_beyond_the_last_id_that_can_be_read():
    first = [{**GOOD, "id": number} for number in range(1, 499)]
    pages = [reply([*first, first[-1], None]), reply([{**GOOD, "id": 700}])]
    for path, ask in (("/customer_views", "customers_after"), ("/lookup_customers", "names")):
        stand_in = StandIn({path: list(pages)})
        async with stand_in.client() as sage:
            if ask == "names":
                assert [each.id for each in await sage.names()] == [*range(1, 499), 700]
            else:
                page = await sage.ledger().customers_after(0)
                assert (page.last, page.is_last) == (498, False)


async def test_a_full_page_without_a_single_id_is_not_asked_for_again_and_again():
    async with customers(*[None] * 500).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.ledger().customers_after(0)
        with pytest.raises(SageUnreadable):
            await sage.names()


async def test_a_row_without_an_id_may_be_any_of_those_asked_for():
    async with customers(GOOD, {**GOOD, "id": None}).client() as sage:
        page = await sage.ledger().customers_with_ids([1, 2])
    assert ([each.id for each in page.customers], page.unread) == ([1], frozenset({2}))


async def test_stamps_reasons_and_movements_are_read_without_odd_rows():
    at = "2026-03-02T10:00:00"
    rows = [{"id": 1, "date_time_updated": at}, {"id": 2, "date_time_updated": "31/02/2026"}, None]
    moved = [
        {"id": 1, "customer_id": 7, "date_time_updated": "soon"},
        {"id": 2, "customer_id": None, "date_time_updated": at},
        {"id": 2, "customer_id": 8, "date_time_updated": at},
        {"id": None, "customer_id": 9},
    ]
    reasons = [{"id": 1, "status_reason": "Late"}, {"id": 2, "status_reason": 7}, {"id": None}]
    stand_in = StandIn({"/customer_views": reply(rows), "/sop_orders": reply(moved), "/customers": reply(reasons)})
    async with stand_in.client() as sage:
        ledger = sage.ledger()
        assert await ledger.stamps_since(SINCE) == {1: SINCE.replace(hour=10)}
        found = await ledger.orders_changed(SINCE)
        assert found is not None
        assert (found.customer_ids, found.latest) == (frozenset({7, 8}), SINCE.replace(hour=10))
        assert await ledger.status_reasons([1, 2]) == await ledger.reasons_on_hold() == {1: "Late"}
    async with StandIn({"/customer_views": reply([{"date_time_updated": "31/02/2026"}])}).client() as sage:
        assert await sage.ledger().latest_change() is None


DEBT = {"customer_id": 7, "doc_current": 5, "aged_period_1": "30", "doc_period_1": 20}
INVOICE = {"posted_customer_transaction_id": 1, "customer_id": 7, "document_outstanding_value": 5, "reference": "INV1"}
ORDER = {"id": 1, "customer_id": 7, "document_no": "0001"}


@pytest.mark.parametrize("odd", [None, {"customer_id": None}, {"customer_id": [7]}, {"customer_id": "7"}])
async def test_documents_and_debt_are_read_without_odd_rows(odd):
    stand_in = StandIn(
        {
            "/sales_transaction_views": reply([INVOICE, INVOICE, odd, {**INVOICE, "due_date": "x"}]),
            "/sop_orders": reply([ORDER, ORDER, odd, {**ORDER, "id": 2, "document_date": "x"}]),
            "/sales_aged_debtor_summary_views": reply([odd, DEBT, dict(DEBT)]),
        }
    )
    async with stand_in.client() as sage:
        documents = sage.documents()
        items = await documents.outstanding(7)
        assert ([each.reference for each in items.rows], items.unread) == (["INV1"], 1)
        orders = await documents.open_orders(7)
        assert ([each.number for each in orders.rows], orders.unread) == (["1"], 2)
        assert sum(each.amount for each in await documents.aged(7, by=AgeBy.DUE_DATE)) == Decimal(25)


@pytest.mark.parametrize(
    "other", [{**INVOICE, "customer_id": 8}, {**DEBT, "customer_id": 8}, {**DEBT, "doc_current": 6}]
)
async def test_another_customers_row_or_another_debt_is_still_not_believed(other):
    stand_in = StandIn(
        {"/sales_transaction_views": reply([INVOICE, other]), "/sales_aged_debtor_summary_views": reply([DEBT, other])}
    )
    async with stand_in.client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.documents().aged(7, by=AgeBy.DUE_DATE)
        if "document_outstanding_value" in other:
            with pytest.raises(SageUnreadable):
                await sage.documents().outstanding(7)


@pytest.mark.parametrize("odd", [{"company_id": None}, {"site_id": "a\nb", "company_id": 1}, {"company_id": "x"}, None])
async def test_companies_are_listed_without_an_odd_one_and_once(odd):
    listed = reply([site(COMPANY), odd, site(COMPANY)])
    async with StandIn({f"{PROFESSIONAL}/sites": listed}).client(company=None) as sage:
        assert await sage.companies() == [COMPANY]
    # The company whose row can't be read may be this one, so nobody is told that they have lost it.
    refused = {"/customer_views": reply(None, 401), f"{PROFESSIONAL}/sites": reply([site(OTHER_COMPANY), odd])}
    async with StandIn(refused).client() as sage:
        with pytest.raises(SageSignInRefused):
            await sage.customer("ABS001")


async def test_labels_are_read_without_an_odd_one():
    rows = [{"class_name": "Customer", "slot": 1, "friendly_property_name": "Rep"}, None, {"class_name": 7}]
    odd = {"class_name": "Customer", "slot": "two", "friendly_property_name": "Region"}
    async with StandIn({"/analysis_code_mappings": reply([*rows, odd])}).client() as sage:
        assert await sage.analysis_labels() == {1: "Rep"}


async def test_the_log_says_how_many_were_left_out_and_of_what_kind_and_nothing_of_a_customer():
    rows = [GOOD, GOOD, {**GOOD, "id": 2, "credit_limit": "plenty"}, {**GOOD, "id": 3, "reference": None}, None]
    with structlog.testing.capture_logs() as log:
        async with customers(*rows).client() as sage:
            await sage.ledger().customers_after(0)
    (entry,) = [each for each in log if each["event"] == "rows of Sage that cannot be read"]
    assert (entry["of"], entry["count"]) == ("customers", 4)
    assert entry["kinds"] == {"given twice": 1, "credit_limit: str": 1, "reference: missing": 1, "id: missing": 1}
    assert "ABS" not in str(log)
    assert "plenty" not in str(log)


async def test_a_long_page_leaves_others_their_turn_while_it_is_decoded():
    turns, ended = 0, False

    async def others():
        nonlocal turns
        while not ended:
            turns += 1
            await asyncio.sleep(0)

    found = [{"id": number} for number in range(1, 1_001)]
    watching = asyncio.create_task(others())
    page = await keyset_page(found, one_by_one(lambda row: row["id"]), of="numbers", key="id", beyond=None, full=1_000)
    ended = True
    await watching
    assert (len(page.rows), page.last) == (1_000, 1_000)
    assert turns >= 10


async def test_odd_rows_cost_themselves_and_a_few_more_looks_at_their_neighbours():
    looked_at = 0

    def read(rows):
        nonlocal looked_at
        looked_at += len(rows)
        if any(row["id"] in {57, 640} for row in rows):
            raise SageUnreadable
        return [row["id"] for row in rows]

    found = [{"id": number} for number in range(1, 1_001)]
    page = await keyset_page(found, read, of="numbers", key="id", beyond=0, full=1_000)
    assert list(page.rows) == [number for number in range(1, 1_001) if number not in {57, 640}]
    assert page.unread == {57, 640}
    assert looked_at <= 1_000 + 2 * 200


async def test_of_rows_out_of_order_among_many_nothing_is_believed():
    numbers = [*range(1, 51), 40, *range(51, 100)]
    with pytest.raises(SageUnreadable):
        await keyset_page(
            [{"id": number} for number in numbers], one_by_one(dict), of="numbers", key="id", beyond=0, full=1_000
        )
